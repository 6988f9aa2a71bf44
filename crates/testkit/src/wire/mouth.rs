//! What a party says: one RTP packet of its tone every 20 ms, telephone-events in their place.

use std::collections::VecDeque;
use std::time::Duration;

use audio::g711;
use audio::tone::Sine;
use model::{Chance, Digit, Instant};
use rtp::Header;
use rtp::telephone_event::{Sender, Sent};
use sdp::Agreed;

use super::ear::law;
use super::sounds::{FRAME, VOICE_DBFS, voice_hz};

/// The mouth of one leg.
#[derive(Debug)]
pub(crate) struct Mouth {
    sine: Sine,
    ssrc: u32,
    sequence: u16,
    timestamp: u32,
    keys: VecDeque<Digit>,
    key: Option<Sender>,
    next: Instant,
    pub(crate) speech: Speech,
}

/// What a mouth sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speech {
    /// Its tone.
    Tone,
    /// Packets of silence.
    Silence,
    /// Nothing at all.
    Nothing,
}

impl Mouth {
    /// A mouth that says `speech` from a random instant of the next 20 ms on.
    pub(crate) fn new(now: Instant, person: usize, speech: Speech, chance: &mut Chance) -> Self {
        Self {
            sine: Sine::new(voice_hz(person), VOICE_DBFS, media::Library::RATE),
            ssrc: chance.next_u32(),
            sequence: chance.next_u32() as u16,
            timestamp: chance.next_u32(),
            keys: VecDeque::new(),
            key: None,
            next: now + Duration::from_nanos(chance.below(INTERVAL.as_nanos() as u64)),
            speech,
        }
    }

    /// Presses a key after those that wait.
    pub(crate) fn press(&mut self, digit: Digit) {
        self.keys.push_back(digit);
    }

    /// Whether a key is still to be sent.
    pub(crate) fn is_pressing(&self) -> bool {
        self.key.is_some() || !self.keys.is_empty()
    }

    /// When the next packet is due.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        (self.speech != Speech::Nothing || self.is_pressing()).then_some(self.next)
    }

    /// The packet that is due at `now`, if one is.
    pub(crate) fn poll_packet(&mut self, now: Instant, agreed: &Agreed) -> Option<Vec<u8>> {
        self.deadline().filter(|due| *due <= now)?;
        while self.next <= now {
            self.next += INTERVAL;
            self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        }
        let header = Header {
            marker: false,
            payload_type: agreed.format.payload_type,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        let mut samples = [0; FRAME];
        match self.poll_key() {
            Some(Sent::Event { marker, timestamp, payload }) => {
                let payload_type = agreed.telephone_event?;
                let header = Header { marker, payload_type, timestamp, ..header };
                return Some([&header.to_bytes()[..], &payload].concat());
            }
            None if self.speech == Speech::Tone => self.sine.fill(&mut samples),
            Some(Sent::Gap) | None => {}
        }
        let mut codes = [0; FRAME];
        g711::encode(law(agreed), &samples, &mut codes);
        Some([&header.to_bytes()[..], &codes].concat())
    }

    fn poll_key(&mut self) -> Option<Sent> {
        if self.key.is_none() {
            self.key = self.keys.pop_front().map(|digit| Sender::new(digit, self.timestamp));
        }
        let sent = self.key.as_mut()?.poll_frame();
        if sent.is_none() {
            self.key = None;
        }
        sent
    }
}

const INTERVAL: Duration = Duration::from_millis(20);
