//! What one leg says in a shared room: one way through its stream, which all listeners share, and
//! the frame of this turn.

use mixer::MAX_FRAME;
use model::{Instant, SampleRate};
use rtp::jitter::{Effort, Playout, Reception};

/// A leg's voice.
pub(crate) struct Voice {
    pub(crate) playout: Playout,
    /// This turn's frame; empty when it is silence.
    frame: Vec<i16>,
    peak: u16,
}

impl Voice {
    /// A voice not yet heard. Allocates; nothing later does.
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self { playout: Playout::new(rate.hz()), frame: Vec::with_capacity(MAX_FRAME), peak: 0 }
    }

    /// Takes the next frame, with searches as far as `effort` allows them.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        from: &Reception,
        rate: SampleRate,
        effort: &mut Effort,
    ) {
        self.frame.resize(rate.frame(), 0);
        self.playout.frame(now, from, effort, &mut self.frame);
        self.peak = audio::peak(&self.frame);
        if self.peak == 0 {
            self.frame.clear();
        }
    }

    /// It is about to be taken, or sent back to the one who says it, when the voice itself is near.
    pub(crate) fn bring_frame_near(&self) {
        // Of its last turn's length; nothing is lost where that was silence.
        simd::bring_near(self.frame.as_slice());
    }

    /// Says nothing this turn.
    pub(crate) fn rest(&mut self) {
        self.frame.clear();
        self.peak = 0;
    }

    /// Whether the one who says this would notice hearing it.
    pub(crate) const fn is_audible(&self) -> bool {
        self.peak > FAINT
    }

    /// This turn's frame, if it is not silence.
    pub(crate) fn frame(&self) -> Option<&[i16]> {
        (!self.frame.is_empty()).then_some(self.frame.as_slice())
    }
}

/// Hides what is said.
impl std::fmt::Debug for Voice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Voice(..)")
    }
}

/// -60 dBFS.
pub(crate) const FAINT: u16 = 32;
