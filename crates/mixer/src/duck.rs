//! A voice lowered while another speaks: the original under a simultaneous interpreter.

use model::Gain;

use crate::Ramp;

/// How far a voice makes room for another.
///
/// It is down 60 ms after the other has begun, stays down through the pauses between words, and
/// comes back over 600 ms: it follows what is said, not its syllables (no pumping). Every frame is a
/// ramp, so nothing clicks. Frames are 20 ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duck {
    gain: Gain,
    /// Frames for which it stays down yet.
    held: u8,
}

impl Duck {
    /// Heard as spoken.
    pub const IDLE: Self = Self { gain: Gain::UNITY, held: 0 };

    /// Whether it is heard as spoken.
    pub const fn is_idle(self) -> bool {
        self.gain.0 == Gain::UNITY.0
    }

    /// The gain of the next frame, given whether the other speaks. O(1), no heap.
    pub fn step(&mut self, other_speaks: bool) -> Ramp {
        let mut ramp = Ramp::settled(self.gain);
        self.held = if other_speaks { HELD } else { self.held.saturating_sub(1) };
        let next = if self.held > 0 {
            scaled(self.gain, FALL).max(Gain::DUCKED)
        } else {
            scaled(self.gain, RISE).min(Gain::UNITY)
        };
        ramp.set(next);
        self.gain = next;
        ramp
    }
}

fn scaled(gain: Gain, factor: u32) -> Gain {
    let scaled = u32::from(gain.0) * factor / u32::from(Gain::UNITY.0);
    Gain(u16::try_from(scaled).unwrap_or(u16::MAX))
}

/// A frame's way down: 5 dB.
const FALL: u32 = 576;
/// A frame's way back: half a decibel.
const RISE: u32 = 1085;
/// 400 ms, beside the 300 ms that a pause still counts as speech.
const HELD: u8 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_voice_is_down_in_three_frames_and_back_in_six_hundred_milliseconds() {
        let mut duck = Duck::IDLE;
        let down: Vec<_> = (0..4).map(|_| duck.step(true).target()).collect();
        assert_eq!(down, [Gain(576), Gain(324), Gain::DUCKED, Gain::DUCKED]);
        for _ in 1..HELD {
            assert_eq!(duck.step(false).constant(), Some(Gain::DUCKED));
        }
        let back = (1..).find(|_| duck.step(false).target() == Gain::UNITY);
        assert!(back.is_some_and(|frames| (29..33).contains(&frames)), "{back:?}");
        assert!(duck.is_idle());
    }

    #[test]
    fn each_frame_begins_where_the_last_one_ended() {
        let (mut duck, mut last) = (Duck::IDLE, Gain::UNITY);
        for frame in 0..400 {
            let ramp = duck.step(frame % 90 < 30);
            assert_eq!(ramp.current(), last);
            last = ramp.target();
        }
    }
}
