//! What a party hears, frame by frame: whom, which recording, which digits.
//!
//! Each packet is read by itself, in whatever order it comes: what the network does to packets
//! after the hotline does not blur who was in them.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use audio::g711;
use model::{Codec, Digit, Instant};
use rtp::Packet;
use rtp::telephone_event::Receiver;
use sdp::Agreed;

use super::sounds::{FRAME, Recorded, Sounds, VOICES, is_heard, voice_hz};

/// The ear of one leg.
#[derive(Debug)]
pub(crate) struct Ear {
    sounds: Sounds,
    keys: Receiver,
    pub(crate) digits: Vec<Digit>,
    /// Everyone's bit in each frame of audio.
    pub(crate) frames: Vec<(Instant, u32)>,
    /// Recordings, each as it begins.
    pub(crate) recorded: Vec<(Instant, Recorded)>,
    print: DefaultHasher,
    count: usize,
}

impl Ear {
    pub(crate) fn new(sounds: Sounds) -> Self {
        Self {
            sounds,
            keys: Receiver::default(),
            digits: Vec::new(),
            frames: Vec::new(),
            recorded: Vec::new(),
            print: DefaultHasher::new(),
            count: 0,
        }
    }

    /// Hears one packet.
    pub(crate) fn packet(&mut self, now: Instant, agreed: &Agreed, people: usize, bytes: &[u8]) {
        if rtp::is_rtcp(bytes) {
            return;
        }
        let Ok(packet) = Packet::parse(bytes) else { return };
        (now, bytes).hash(&mut self.print);
        if Some(packet.header.payload_type) == agreed.telephone_event_in {
            self.digits.extend(self.keys.packet(now, &packet.header, packet.payload));
            return;
        }
        let mut frame = [0; FRAME];
        if packet.payload.len() == FRAME {
            g711::decode(law(agreed), packet.payload, &mut frame);
            self.frame(now, people, &frame);
        }
    }

    /// A number that two ears share if they heard the same bytes at the same instants.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.print.finish()
    }

    /// The persons heard in at least two frames running since `from`: one alone may be the edge of
    /// a tone.
    pub(crate) fn people_since(&self, from: Instant) -> BTreeSet<usize> {
        let since = self.frames.partition_point(|(at, _)| *at < from);
        let pairs = self.frames[since..].windows(2);
        let heard = pairs.fold(0, |heard, pair| heard | (pair[0].1 & pair[1].1));
        (0..VOICES).filter(|person| heard & (1 << person) != 0).collect()
    }

    /// How many frames came since `from`, and in how many of them each person was heard.
    pub(crate) fn shares_since(&self, from: Instant) -> (usize, [usize; VOICES]) {
        let since = self.frames.partition_point(|(at, _)| *at < from);
        let frames = &self.frames[since..];
        let share =
            |person: usize| frames.iter().filter(|(_, heard)| *heard & (1 << person) != 0).count();
        (frames.len(), std::array::from_fn(share))
    }

    /// The label of every recording, in the order they began.
    pub(crate) fn labels(&self) -> impl Iterator<Item = &str> {
        self.recorded.iter().filter_map(|(_, recorded)| match recorded {
            Recorded::Prompt(label) => Some(label.as_str()),
            Recorded::Nothing | Recorded::Music => None,
        })
    }

    /// What is recorded in what is heard now.
    pub(crate) fn recording(&self) -> &Recorded {
        self.recorded.last().map_or(&Recorded::Nothing, |(_, recorded)| recorded)
    }

    fn frame(&mut self, now: Instant, people: usize, frame: &[i16]) {
        let is_silent = frame.iter().all(|sample| sample.abs() < QUIET);
        let voices = (0..people).filter(|&person| !is_silent && is_heard(frame, voice_hz(person)));
        self.frames.push((now, voices.fold(0, |heard, person| heard | (1 << person))));
        self.count += 1;
        if self.count.is_multiple_of(RECORDINGS_EVERY) {
            let recorded = if is_silent { Recorded::Nothing } else { self.sounds.read(frame) };
            if self.recording() != &recorded {
                self.recorded.push((now, recorded));
            }
        }
    }
}

/// The law of a session's codec.
pub(crate) const fn law(agreed: &Agreed) -> g711::Law {
    match agreed.format.codec {
        Codec::Pcma => g711::Law::A,
        _ => g711::Law::Mu, // the only other one it offers
    }
}

/// Recordings last long: one frame in five is read for them.
const RECORDINGS_EVERY: usize = 5;
/// Below every tone, and above what G.711 makes of silence.
const QUIET: i16 = 64;
