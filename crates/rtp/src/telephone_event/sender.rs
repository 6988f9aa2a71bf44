//! Sends one keypress as telephone-events (RFC 4733 §2.5.1): one timestamp, rising duration,
//! three ends, and no audio meanwhile.

use model::Digit;

use super::Event;

/// One keypress on its way out, 20 ms at a time: 160 ms held, then 100 ms until the next may come.
#[derive(Clone, Copy)]
pub struct Sender {
    digit: Digit,
    timestamp: u32,
    frame: u16,
    /// Units of the clock in 20 ms.
    frame_units: u16,
}

/// What to send in place of a frame of audio.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// An event packet.
    Event {
        /// Set on the first packet.
        marker: bool,
        /// That of the event's beginning, the same in all its packets.
        timestamp: u32,
        /// The payload.
        payload: [u8; 4],
    },
    /// Silence between two keypresses.
    Gap,
}

impl Sender {
    /// Frames a key is held.
    pub const HELD: u16 = 8;
    /// Frames after which the next key may be pressed.
    pub const FRAMES: u16 = Self::HELD + 5;

    /// A key pressed at `timestamp` of the leg's stream, whose clock is 8 kHz.
    pub const fn new(digit: Digit, timestamp: u32) -> Self {
        Self { digit, timestamp, frame: 0, frame_units: 160 }
    }

    /// The same key in a stream of another clock (RFC 4733 §2.1), of at most 48 kHz.
    #[must_use]
    pub const fn with_clock(self, clock_hz: u32) -> Self {
        Self { frame_units: (clock_hz / 50) as u16, ..self }
    }

    /// What takes the place of the next frame; `None` when the key is done.
    pub fn poll_frame(&mut self) -> Option<Sent> {
        let frame = self.frame;
        if frame == Self::FRAMES {
            return None;
        }
        self.frame += 1;
        if frame > Self::HELD + 1 {
            return Some(Sent::Gap);
        }
        let held = (frame + 1).min(Self::HELD);
        let event = Event {
            code: self.digit.event(),
            end: held == Self::HELD,
            volume: VOLUME,
            duration: held * self.frame_units,
        };
        let (marker, timestamp) = (frame == 0, self.timestamp);
        Some(Sent::Event { marker, timestamp, payload: event.to_bytes() })
    }
}

impl std::fmt::Debug for Sender {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sender(<redacted>)")
    }
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent(<redacted>)")
    }
}

/// −10 dBm0, the usual power of a key.
const VOLUME: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_timestamp_rising_durations_three_ends_and_a_gap() {
        let mut sender = Sender::new(Digit::from_char('#').expect("a key"), 4711);
        let sent: Vec<_> = std::iter::from_fn(|| sender.poll_frame()).collect();
        assert_eq!(sent.len(), 13, "260 ms");
        let (mut durations, mut ends, mut markers) = (Vec::new(), 0, 0);
        for frame in &sent[..10] {
            let Sent::Event { marker, timestamp: 4711, payload } = *frame else {
                panic!("an event packet was due");
            };
            let event = Event::parse(&payload).expect("four bytes");
            assert_eq!((event.code, event.volume), (11, 10));
            durations.push(event.duration);
            ends += usize::from(event.end);
            markers += usize::from(marker);
        }
        assert_eq!(durations, [160, 320, 480, 640, 800, 960, 1120, 1280, 1280, 1280]);
        assert_eq!((ends, markers), (3, 1));
        assert!(sent[10..].iter().all(|frame| *frame == Sent::Gap));
        let mut fast = Sender::new(Digit::from_char('#').expect("a key"), 0).with_clock(48_000);
        let Some(Sent::Event { payload, .. }) = fast.poll_frame() else { panic!("an event") };
        assert_eq!(Event::parse(&payload).map(|event| event.duration), Some(960));
    }
}
