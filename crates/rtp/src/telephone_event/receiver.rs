//! Hears each keypress exactly once, whatever the network does to its packets (RFC 4733 §2.5.2).
//!
//! An event is named by SSRC, timestamp and code, not by marker or end bit, any of which may be
//! lost. The digit is reported with the first packet that is heard of it, so that a menu answers
//! at once; every further packet of the same event is only its continuation.
//!
//! # Assumptions
//! - A sender that splits a long event into segments (§2.5.1.3) starts each where the last one
//!   ended; such a segment continues the same keypress.
//! - Late packets of earlier events are known by their timestamps, of which the last eight are
//!   kept.

use std::time::Duration;

use model::{Digit, Instant};

use super::Event;
use crate::Header;

/// The events of one leg.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Receiver {
    earlier: [Option<u32>; 8],
    next_earlier: usize,
    clock_hz: u32,
    ssrc: Option<u32>,
    /// The latest event, also after it has ended: all that a packet of a party touches that presses
    /// no keys.
    latest: Option<Keypress>,
}

#[derive(Clone, Copy)]
struct Keypress {
    code: u8,
    timestamp: u32,
    duration: u16,
    hold: Hold,
    last: Instant,
    interval: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hold {
    /// Held down; presumed released at `until` if nothing more is heard of it.
    Held { until: Instant },
    /// Its end was heard.
    Released,
}

impl Hold {
    const fn presumed_over(self, now: Instant) -> Self {
        match self {
            Self::Held { .. } => Self::Held { until: now },
            Self::Released => self,
        }
    }
}

impl Receiver {
    /// For timestamps that count `clock_hz` units a second (RFC 4733 §2.1).
    pub const fn new(clock_hz: u32) -> Self {
        Self { clock_hz, ssrc: None, latest: None, earlier: [None; 8], next_earlier: 0 }
    }

    /// Goes on with a stream of another clock; the same one changes nothing.
    pub fn set_clock(&mut self, clock_hz: u32) {
        if clock_hz != self.clock_hz {
            *self = Self::new(clock_hz);
        }
    }

    /// One packet of the negotiated payload type; `Some` when a keypress is heard for the first
    /// time. O(1), no heap.
    pub fn packet(&mut self, now: Instant, header: &Header, payload: &[u8]) -> Option<Digit> {
        let event = Event::parse(payload)?;
        if self.ssrc != Some(header.ssrc) {
            *self = Self { ssrc: Some(header.ssrc), ..Self::new(self.clock_hz) };
        }
        let Some(mut latest) = self.latest else {
            return self.begin(now, header.timestamp, event);
        };
        if latest.timestamp == header.timestamp {
            latest.continue_with(now, event);
            self.latest = Some(latest);
            return None;
        }
        if self.is_old(latest.timestamp, header.timestamp) {
            return None;
        }
        if latest.is_continued_at(now, header.timestamp, event) {
            self.remember(latest.timestamp);
            latest.timestamp = header.timestamp;
            latest.duration = 0;
            latest.continue_with(now, event);
            self.latest = Some(latest);
            return None;
        }
        self.remember(latest.timestamp);
        self.begin(now, header.timestamp, event)
    }

    /// An audio packet: a keypress whose end was lost is over when audio from after it arrives.
    pub fn audio(&mut self, now: Instant, header: &Header) {
        let Some(latest) = &mut self.latest else { return };
        let end = latest.timestamp.wrapping_add(u32::from(latest.duration));
        let after = header.timestamp.wrapping_sub(end) as i32;
        // Some senders let the sound run on beside the event: that is never far ahead of it.
        if after >= units(RESUMED, self.clock_hz) && self.ssrc == Some(header.ssrc) {
            latest.hold = latest.hold.presumed_over(now);
        }
    }

    /// Whether a key is held down: the leg's audio is then not for other ears.
    pub fn is_pressed(&self, now: Instant) -> bool {
        self.latest.is_some_and(|latest| latest.is_held(now))
    }

    fn begin(&mut self, now: Instant, timestamp: u32, event: Event) -> Option<Digit> {
        let mut keypress = Keypress {
            code: event.code,
            timestamp,
            duration: 0,
            hold: Hold::Held { until: now },
            last: now,
            interval: FIRST_INTERVAL,
        };
        keypress.continue_with(now, event);
        self.latest = Some(keypress);
        Digit::from_event(event.code)
    }

    /// Whether an event at `timestamp` was heard before, or is older than the latest.
    fn is_old(&self, latest: u32, timestamp: u32) -> bool {
        let behind = latest.wrapping_sub(timestamp) as i32;
        self.earlier.contains(&Some(timestamp)) || (0..units(OLD, self.clock_hz)).contains(&behind)
    }

    fn remember(&mut self, timestamp: u32) {
        self.earlier[self.next_earlier] = Some(timestamp);
        self.next_earlier = (self.next_earlier + 1) % self.earlier.len();
    }
}

const fn units(time: Duration, clock_hz: u32) -> i32 {
    (time.as_millis() as u32 * (clock_hz / 1000)) as i32
}

impl Default for Receiver {
    fn default() -> Self {
        Self::new(8000)
    }
}

impl Keypress {
    fn continue_with(&mut self, now: Instant, event: Event) {
        let has_grown = event.duration > self.duration;
        if has_grown {
            if self.duration > 0 && now > self.last {
                self.interval = now.since(self.last).clamp(FIRST_INTERVAL / 5, FIRST_INTERVAL);
            }
            (self.duration, self.last) = (event.duration, now);
        }
        if event.end {
            self.hold = Hold::Released;
        } else if has_grown && self.hold != Hold::Released {
            // §2.5.2.2: three intervals without an update end an event.
            self.hold = Hold::Held { until: now + 3 * self.interval };
        }
    }

    fn is_held(&self, now: Instant) -> bool {
        matches!(self.hold, Hold::Held { until } if now < until)
    }

    /// Whether an event at `timestamp` is the next segment of this one: same key, still held,
    /// beginning where a segment of the greatest duration ends.
    fn is_continued_at(&self, now: Instant, timestamp: u32, event: Event) -> bool {
        let gap = timestamp.wrapping_sub(self.timestamp);
        self.is_held(now) && event.code == self.code && (0xfe00..=0xffff).contains(&gap)
    }
}

impl std::fmt::Debug for Keypress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keypress(<redacted>)")
    }
}

const FIRST_INTERVAL: Duration = Duration::from_millis(50);
/// Two packets of the usual length.
const RESUMED: Duration = Duration::from_millis(40);
/// An event that far behind the latest is a new stream of timestamps.
const OLD: Duration = Duration::from_secs(4);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Sender, Sent};
    use super::*;

    /// The packets of `keys`, one per 20 ms, as our sender makes them.
    fn packets(keys: &str) -> Vec<(Header, [u8; 4])> {
        packets_at(8000, keys)
    }

    fn packets_at(clock_hz: u32, keys: &str) -> Vec<(Header, [u8; 4])> {
        let mut packets = Vec::new();
        let mut timestamp = 1_000_u32;
        for key in keys.chars() {
            let sender = Sender::new(Digit::from_char(key).expect("a key"), timestamp);
            let mut sender = sender.with_clock(clock_hz);
            while let Some(sent) = sender.poll_frame() {
                timestamp += clock_hz / 50;
                if let Sent::Event { marker, timestamp, payload } = sent {
                    let sequence = packets.len() as u16;
                    let header = Header { marker, payload_type: 101, sequence, timestamp, ssrc: 5 };
                    packets.push((header, payload));
                }
            }
        }
        packets
    }

    fn heard(packets: &[(Header, [u8; 4])]) -> String {
        heard_at(8000, packets)
    }

    fn heard_at(clock_hz: u32, packets: &[(Header, [u8; 4])]) -> String {
        let (mut receiver, mut now) = (Receiver::new(clock_hz), Instant::ZERO);
        let mut heard = String::new();
        for (header, payload) in packets {
            now += Duration::from_millis(20);
            heard.extend(receiver.packet(now, header, payload).map(Digit::as_char));
        }
        heard
    }

    #[test]
    fn each_keypress_is_heard_once() {
        for keys in ["1", "0123456789*#ABCD", "11", "5555", "1212"] {
            assert_eq!(heard(&packets(keys)), keys);
            assert_eq!(heard_at(48_000, &packets_at(48_000, keys)), keys);
        }
    }

    #[test]
    fn a_lost_marker_lost_ends_and_repeated_ends_change_nothing() {
        let all = packets("77#");
        let without = |drop: &dyn Fn(usize) -> bool| {
            let kept = all.iter().enumerate().filter(|(at, _)| !drop(at % 10));
            heard(&kept.map(|(_, packet)| *packet).collect::<Vec<_>>())
        };
        assert_eq!(without(&|at| at == 0), "77#", "marker lost");
        assert_eq!(without(&|at| at >= 7), "77#", "all ends lost");
        assert_eq!(without(&|at| at < 9), "77#", "only the last end arrived");
        assert_eq!(without(&|at| at != 3), "77#", "only one packet arrived");
        let twice: Vec<_> = all.iter().flat_map(|packet| [*packet; 3]).collect();
        assert_eq!(heard(&twice), "77#", "every packet repeated");
    }

    #[test]
    fn a_late_packet_of_an_earlier_key_is_not_a_new_one() {
        let mut all = packets("123");
        let late = all.remove(9);
        all.insert(25, late);
        all.swap(0, 4);
        assert_eq!(heard(&all), "123");
    }

    #[test]
    fn a_key_whose_end_never_comes_ends_by_time_or_by_audio() {
        let (mut receiver, now) = (Receiver::default(), Instant::ZERO);
        let all = packets("1");
        for (index, (header, payload)) in all[..3].iter().enumerate() {
            receiver.packet(now + Duration::from_millis(20 * index as u64), header, payload);
        }
        let now = now + Duration::from_millis(40);
        assert!(receiver.is_pressed(now + Duration::from_millis(59)));
        assert!(!receiver.is_pressed(now + Duration::from_millis(60)));
        let before = Header { timestamp: all[0].0.timestamp - 160, ..all[0].0 };
        receiver.audio(now, &before);
        assert!(receiver.is_pressed(now), "late audio from before the key");
        receiver.audio(now, &Header { timestamp: all[0].0.timestamp + 480, ..before });
        assert!(receiver.is_pressed(now), "sound beside the key");
        receiver.audio(now, &Header { timestamp: all[0].0.timestamp + 800, ..before });
        assert!(!receiver.is_pressed(now));
    }

    #[test]
    fn a_key_held_for_longer_than_one_segment_is_one_key() {
        let mut receiver = Receiver::default();
        let mut now = Instant::ZERO;
        let mut count = 0;
        for frame in 0..1000_u32 {
            now += Duration::from_millis(20);
            let (segment, within) = (frame / 409, frame % 409 + 1);
            let header = Header {
                marker: frame == 0,
                payload_type: 101,
                sequence: frame as u16,
                timestamp: segment * 409 * 160,
                ssrc: 5,
            };
            let event = Event { code: 9, end: false, volume: 10, duration: (within * 160) as u16 };
            count += usize::from(receiver.packet(now, &header, &event.to_bytes()).is_some());
        }
        assert_eq!(count, 1);
        let late = Header { marker: true, payload_type: 101, sequence: 0, timestamp: 0, ssrc: 5 };
        let event = Event { code: 9, end: false, volume: 10, duration: 160 };
        assert_eq!(receiver.packet(now, &late, &event.to_bytes()), None, "of its first segment");
    }

    #[test]
    fn timestamps_that_go_back_by_seconds_are_new_ones_and_by_less_are_late() {
        for (back, is_heard) in [(31_000_u32, false), (33_000, true)] {
            let (mut receiver, now) = (Receiver::default(), Instant::ZERO);
            let mut key = |code, timestamp| {
                let header =
                    Header { marker: true, payload_type: 101, sequence: 0, timestamp, ssrc: 5 };
                let event = Event { code, end: true, volume: 10, duration: 800 };
                receiver.packet(now, &header, &event.to_bytes()).is_some()
            };
            assert!(key(1, 100_000));
            assert_eq!(key(2, 100_000 - back), is_heard, "{back} units back");
            assert!(key(3, 200_000) && !key(1, 100_000), "one that was heard, however late");
        }
    }

    proptest! {
        #[test]
        fn loss_repetition_and_reordering_never_make_or_lose_a_key(
            keys in "[0-9*#]{1,12}",
            seed in any::<u64>(),
        ) {
            let mut chance = model::Chance::from_number(seed);
            let mut arrivals = Vec::new();
            for (at, packet) in packets(&keys).into_iter().enumerate() {
                let kept_by_force = at % 10 == 5;
                if kept_by_force || chance.below(100) < 70 {
                    arrivals.push((at as u64 * 20 + chance.below(70), packet));
                }
                if chance.below(100) < 10 {
                    arrivals.push((at as u64 * 20 + chance.below(200), packet));
                }
            }
            arrivals.sort_by_key(|(at, _)| *at);
            let mut receiver = Receiver::default();
            let mut heard = String::new();
            for (at, (header, payload)) in arrivals {
                let now = Instant::ZERO + Duration::from_millis(at);
                heard.extend(receiver.packet(now, &header, &payload).map(Digit::as_char));
            }
            prop_assert_eq!(heard, keys);
        }

        #[test]
        fn no_payload_panics(payload in prop::collection::vec(any::<u8>(), 0..8), timestamp in any::<u32>()) {
            let mut receiver = Receiver::default();
            let header =
                Header { marker: false, payload_type: 101, sequence: 0, timestamp, ssrc: 0 };
            receiver.packet(Instant::ZERO, &header, &payload);
            receiver.packet(Instant::ZERO, &Header { timestamp: 0, ..header }, &payload);
            receiver.audio(Instant::ZERO, &header);
        }
    }
}
