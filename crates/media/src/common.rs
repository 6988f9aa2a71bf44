//! The frame of those listeners of a shared room who hear just the room: mixed, limited and encoded
//! once for all of them.

use audio::g711::{self, Law};
use mixer::{Limiter, MAX_FRAME, Sum};

/// One turn's frame for all who have nothing of their own in it.
pub(crate) struct Common {
    samples: [i16; MAX_FRAME],
    length: usize,
    /// The limiter before this frame, and after it.
    before: Limiter,
    after: Limiter,
    codes: [[u8; NARROW]; 2],
    /// Whether the codes are of this frame.
    is_encoded: [bool; 2],
}

impl Common {
    pub(crate) fn new() -> Self {
        Self {
            samples: [0; MAX_FRAME],
            length: 0,
            before: Limiter::default(),
            after: Limiter::default(),
            codes: [[0; NARROW]; 2],
            is_encoded: [false; 2],
        }
    }

    /// Limits the next frame.
    pub(crate) fn mix(&mut self, sum: &Sum) {
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

    /// The frame in G.711, of a narrow-band room.
    pub(crate) fn encoded(&mut self, law: Law) -> &[u8] {
        let at = usize::from(law == Law::A);
        let codes = &mut self.codes[at];
        let length = self.length.min(NARROW);
        if !std::mem::replace(&mut self.is_encoded[at], true) {
            g711::encode(law, &self.samples[..length], codes);
        }
        &codes[..length]
    }
}

/// 20 ms at 8 kHz.
const NARROW: usize = 160;
