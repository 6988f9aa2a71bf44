//! A gain on its way over one frame.

use model::Gain;
use simd::{GAIN_BITS, Slope};

/// A gain that moves in a straight line from `current` to `target` over the next frame of 20 ms, so
/// that no change of gain is a step in the waveform. A value of two gains: everything is O(1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ramp {
    current: Gain,
    target: Gain,
}

impl Ramp {
    /// Silent, and staying so.
    pub const SILENT: Self = Self::settled(Gain::SILENT);
    /// At unity, and staying so.
    pub const UNITY: Self = Self::settled(Gain::UNITY);

    /// A gain that stays.
    pub const fn settled(gain: Gain) -> Self {
        Self { current: gain, target: gain }
    }

    /// Moves to `gain` over the next frame.
    pub const fn set(&mut self, gain: Gain) {
        self.target = gain;
    }

    /// The gain at the start of the next frame.
    pub const fn current(self) -> Gain {
        self.current
    }

    /// The gain at the end of the next frame.
    pub const fn target(self) -> Gain {
        self.target
    }

    /// Takes the ramp of this frame; what remains stands at the target.
    pub const fn step(&mut self) -> Self {
        let now = *self;
        self.current = self.target;
        now
    }

    /// Both gains, one after the other. Between its ends the way is straight, as that of each.
    pub fn times(self, other: Self) -> Self {
        let both = |one: Gain, other: Gain| {
            let product = u32::from(one.0) * u32::from(other.0) / u32::from(Gain::UNITY.0);
            Gain(u16::try_from(product).unwrap_or(u16::MAX))
        };
        Self { current: both(self.current, other.current), target: both(self.target, other.target) }
    }

    /// The one gain of the whole frame, if it does not move.
    pub fn constant(self) -> Option<Gain> {
        (self.current == self.target).then_some(self.target)
    }

    /// The gain of each of `length` samples; the last is the target exactly.
    pub(crate) fn slope(self, length: usize) -> Slope {
        let length = i32::try_from(length).unwrap_or(i32::MAX).max(1);
        Slope { from: fine(self.current), to: fine(self.target), length }
    }
}

/// `gain` in units of 2^-20.
const fn fine(gain: Gain) -> i32 {
    (gain.0 as i32) << (GAIN_BITS - 10)
}
