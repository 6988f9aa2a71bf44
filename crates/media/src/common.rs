//! The frame of those listeners of a shared room who hear just the room: mixed and limited once for
//! all of them, and encoded once for each coding.

use audio::g711::{self, Law};
use mixer::{Limiter, MAX_FRAME, Sum};
use model::SampleRate;

use crate::Transmit;
use crate::coding::Outgoing;
use crate::edition::{ALIKE, Edition, Key, Tie};
use crate::outlet::Workbench;

/// One turn's frame for all who have nothing of their own in it.
pub(crate) struct Common {
    rate: SampleRate,
    samples: [i16; MAX_FRAME],
    length: usize,
    /// The limiter before this frame, and after it.
    before: Limiter,
    after: Limiter,
    codes: [[u8; NARROW]; 2],
    /// Whether the codes are of this frame.
    is_encoded: [bool; 2],
    /// The number of this turn.
    turn: u64,
    editions: Vec<Edition>,
    past: Past,
}

/// The frames before this one.
struct Past {
    frames: [[i16; MAX_FRAME]; ALIKE],
    /// The newest one's place, and how many there are.
    newest: usize,
    count: usize,
}

impl Common {
    /// For a room of `rate`.
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            samples: [0; MAX_FRAME],
            length: 0,
            before: Limiter::default(),
            after: Limiter::default(),
            codes: [[0; NARROW]; 2],
            is_encoded: [false; 2],
            turn: 1,
            editions: Vec::new(),
            past: Past { frames: [[0; MAX_FRAME]; ALIKE], newest: 0, count: 0 },
        }
    }

    /// Goes on at another rate, with nothing heard yet.
    pub(crate) fn retune(&mut self, rate: SampleRate) {
        (self.rate, self.length, self.past.count) = (rate, 0, 0);
    }

    /// Goes on with other editions, those it has already as they stand; what is over is left in
    /// `editions`.
    pub(crate) fn share(&mut self, editions: &mut Vec<Edition>) {
        for edition in &mut *editions {
            if let Some(held) = self.editions.iter_mut().find(|held| held.key() == edition.key()) {
                std::mem::swap(edition, held);
            }
        }
        std::mem::swap(&mut self.editions, editions);
    }

    /// Limits the next frame.
    pub(crate) fn mix(&mut self, sum: &Sum) {
        self.turn_page();
        self.turn += 1;
        self.length = sum.samples().len();
        self.before = self.after.clone();
        sum.finish(&mut self.after, &mut self.samples[..self.length]);
        self.is_encoded = [false; 2];
    }

    /// Whether a listener's own limiter would give this very frame.
    pub(crate) fn suits(&self, limiter: &Limiter) -> bool {
        *limiter == self.before
    }

    /// The limiter after this frame.
    pub(crate) const fn limiter(&self) -> &Limiter {
        &self.after
    }

    /// Writes the frame in a listener's coding to the beginning of `payload`; how many bytes it
    /// takes.
    pub(crate) fn write(
        &mut self,
        ours: &mut Outgoing,
        workbench: &mut Workbench,
        payload: &mut [u8],
    ) -> usize {
        if let Some(law) = ours.law() {
            return self.write_g711(law, workbench, payload);
        }
        let frame = &self.samples[..self.length];
        let key = Key::of(&ours.format, self.rate);
        match self.editions.iter_mut().find(|edition| Some(edition.key()) == key) {
            Some(edition) => edition.write((self.turn, frame), ours, workbench, payload),
            None => ours.coder.encode(frame, workbench, payload),
        }
    }

    /// A listener goes its own way from this turn on.
    pub(crate) fn part(&self, ours: &mut Outgoing, workbench: &mut Workbench) {
        if std::mem::replace(&mut ours.tie, Tie::ALONE) == Tie::Joined {
            let mut unsent = [0; Transmit::MAX];
            for frame in self.past.frames() {
                ours.coder.encode(&frame[..self.rate.frame()], workbench, &mut unsent);
            }
        }
    }

    /// The frame at hand belongs to the past.
    pub(crate) fn turn_page(&mut self) {
        if self.length > 0 {
            self.past.push(&self.samples[..self.length]);
        }
    }

    /// The frame in G.711, of a narrow-band room.
    fn write_g711(&mut self, law: Law, workbench: &mut Workbench, payload: &mut [u8]) -> usize {
        let at = usize::from(law == Law::A);
        let codes = &mut self.codes[at];
        let length = self.length.min(NARROW);
        if !std::mem::replace(&mut self.is_encoded[at], true) {
            workbench.encoded += 1;
            g711::encode(law, &self.samples[..length], codes);
        }
        payload[..length].copy_from_slice(&codes[..length]);
        length
    }
}

impl Past {
    fn push(&mut self, frame: &[i16]) {
        self.newest = (self.newest + 1) % ALIKE;
        self.frames[self.newest][..frame.len()].copy_from_slice(frame);
        self.count = (self.count + 1).min(ALIKE);
    }

    /// The oldest first.
    fn frames(&self) -> impl Iterator<Item = &[i16; MAX_FRAME]> {
        (0..self.count).rev().map(|ago| &self.frames[(self.newest + ALIKE - ago) % ALIKE])
    }
}

/// 20 ms at 8 kHz.
const NARROW: usize = 160;
