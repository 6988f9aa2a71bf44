//! How loud a party is, for the live board: the loudest frame of each second, in steps so coarse
//! that nothing of what is said can be told from it.

use std::time::Duration;

use audio::Measure;
use model::Instant;

/// The loudest of what came since the last word about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loudest {
    power: f32,
    due: Instant,
    told: Option<i8>,
}

impl Loudest {
    pub(crate) const fn new() -> Self {
        Self { power: 0.0, due: Instant::ZERO, told: None }
    }

    /// Hears one packet's sound.
    pub(crate) fn hear(&mut self, frame: &Measure) {
        self.power = self.power.max(frame.power());
    }

    /// Once a second the level in dBov, in steps of 3 dB, if it is another than before.
    pub(crate) fn level(&mut self, now: Instant) -> Option<i8> {
        if now < self.due {
            return None;
        }
        self.due = now + EVERY;
        let power = std::mem::take(&mut self.power);
        let step = (10.0 * power.log10() / STEP_DB).round() * STEP_DB;
        let level = step.clamp(QUIETEST, 0.0) as i8;
        let before = self.told.replace(level).unwrap_or(QUIETEST as i8);
        (before != level).then_some(level)
    }
}

const EVERY: Duration = Duration::from_secs(1);
const STEP_DB: f32 = 3.0;
/// Whatever is softer is silence on a telephone.
const QUIETEST: f32 = -72.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_is_told_once_a_second_in_steps_of_three_decibels_and_only_when_it_changes() {
        let at = |millis: u64| Instant::ZERO + Duration::from_millis(1_000 + millis);
        let mut loudest = Loudest::new();
        assert_eq!(loudest.level(at(0)), None, "silence is no news");
        loudest.hear(&Measure::of(&[1_000; 160]));
        loudest.hear(&Measure::of(&[10; 160]));
        assert_eq!(loudest.level(at(980)), None);
        assert_eq!(loudest.level(at(1_000)), Some(-30));
        loudest.hear(&Measure::of(&[1_100; 160]));
        assert_eq!(loudest.level(at(2_000)), None, "about as loud");
        assert_eq!(loudest.level(at(3_000)), Some(-72), "nothing any more");
        assert_eq!(loudest.level(at(4_000)), None);
    }
}
