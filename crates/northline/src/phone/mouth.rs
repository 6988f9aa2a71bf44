//! What a phone sends: one RTP stream of speech, keys and silence, 20 ms at a time.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use audio::g711::{self, Law};
use model::{Chance, Digit, Instant};
use rtp::Header;
use rtp::telephone_event::{Sender, Sent};
use sdp::Agreed;
use tokio::sync::oneshot;

use super::voice::law;

/// When something was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// When its first packet left.
    pub starts: Instant,
    /// When its last sample is over.
    pub ends: Instant,
}

/// Something to say, and who wants to know when it was said.
pub(super) struct Speech {
    pub(super) samples: Arc<[i16]>,
    pub(super) said: oneshot::Sender<Spoken>,
}

/// Keys to press, and who wants to know when they were pressed.
pub(super) struct Pressing {
    pub(super) digits: VecDeque<Digit>,
    pub(super) pressed: oneshot::Sender<Spoken>,
}

/// One RTP stream on its way out.
pub(super) struct Mouth {
    next: Header,
    speech: VecDeque<Speech>,
    /// Where in the first speech we are, and when it started.
    position: usize,
    started: Option<Instant>,
    pressing: VecDeque<Pressing>,
    /// The key that is down, and when the first of its request was.
    key: Option<Sender>,
    key_since: Option<Instant>,
}

impl Mouth {
    /// A stream with a random name and random beginnings (RFC 3550 §5.1).
    pub(super) fn new(chance: &mut Chance) -> Self {
        let [ssrc, timestamp, sequence] = [(); 3].map(|()| chance.next_u32());
        let sequence = sequence as u16;
        let next = Header { marker: true, payload_type: 0, sequence, timestamp, ssrc };
        Self {
            next,
            speech: VecDeque::new(),
            position: 0,
            started: None,
            pressing: VecDeque::new(),
            key: None,
            key_since: None,
        }
    }

    pub(super) fn speak(&mut self, speech: Speech) {
        self.speech.push_back(speech);
    }

    pub(super) fn press(&mut self, pressing: Pressing) {
        self.pressing.push_back(pressing);
    }

    /// The packet that leaves at `now`: the next 20 ms of the stream.
    pub(super) fn frame(&mut self, now: Instant, terms: &Agreed) -> Vec<u8> {
        let packet = match (self.key_frame(now, terms), terms.telephone_event) {
            (Some(Sent::Event { marker, timestamp, payload }), Some(payload_type)) => {
                self.packet(Header { marker, payload_type, timestamp, ..self.next }, &payload)
            }
            (Some(_), _) => self.audio(terms, &[0; FRAME]),
            (None, _) => {
                let frame = self.speech_frame(now);
                self.audio(terms, &frame)
            }
        };
        self.next.timestamp = self.next.timestamp.wrapping_add(FRAME as u32);
        packet
    }

    fn audio(&mut self, terms: &Agreed, frame: &[i16; FRAME]) -> Vec<u8> {
        let law: Law = law(terms);
        let mut payload = [0; FRAME];
        g711::encode(law, frame, &mut payload);
        let packet =
            self.packet(Header { payload_type: terms.format.payload_type, ..self.next }, &payload);
        self.next.marker = false;
        packet
    }

    fn packet(&mut self, header: Header, payload: &[u8]) -> Vec<u8> {
        self.next.sequence = self.next.sequence.wrapping_add(1);
        [&header.to_bytes(), payload].concat()
    }

    /// What takes the place of speech while keys are pressed.
    fn key_frame(&mut self, now: Instant, terms: &Agreed) -> Option<Sent> {
        loop {
            if let Some(sent) = self.key.as_mut().and_then(Sender::poll_frame) {
                return Some(sent);
            }
            self.key = None;
            let pressing = self.pressing.front_mut()?;
            if terms.telephone_event.is_none() {
                // Dropped unanswered: whoever asked learns that nothing was pressed.
                self.pressing.pop_front();
                continue;
            }
            match pressing.digits.pop_front() {
                Some(digit) => {
                    self.key_since.get_or_insert(now);
                    self.key = Some(Sender::new(digit, self.next.timestamp));
                }
                None => self.all_pressed(now),
            }
        }
    }

    fn all_pressed(&mut self, now: Instant) {
        let starts = self.key_since.take().unwrap_or(now);
        if let Some(done) = self.pressing.pop_front() {
            let _ = done.pressed.send(Spoken { starts, ends: now });
        }
    }

    /// The next 20 ms of what is to be said, silence when there is nothing.
    fn speech_frame(&mut self, now: Instant) -> [i16; FRAME] {
        let mut frame = [0; FRAME];
        let Some(speech) = self.speech.front() else { return frame };
        let starts = *self.started.get_or_insert(now);
        let rest = speech.samples.get(self.position..).unwrap_or_default();
        for (sample, &spoken) in frame.iter_mut().zip(rest) {
            *sample = spoken;
        }
        self.position += FRAME;
        if self.position >= speech.samples.len() {
            self.position = 0;
            self.started = None;
            let ends = now + PACKET_TIME.min(Duration::from_micros(rest.len() as u64 * 125));
            if let Some(speech) = self.speech.pop_front() {
                let _ = speech.said.send(Spoken { starts, ends });
            }
        }
        frame
    }
}

/// 20 ms at 8 kHz.
const FRAME: usize = 160;
const PACKET_TIME: Duration = Duration::from_millis(20);
