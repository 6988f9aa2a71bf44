//! How loud a frame is, and whether someone speaks.
//!
//! Levels are in dBov as in RFC 6464 and RFC 6465: RMS against the overload point, so that a
//! full-scale square wave is 0 and a full-scale sine is -3. Not a voice classifier: music and
//! noise above the threshold count as speech.

/// How large a frame is: taken in one pass, for all who want to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure(simd::Measure);

impl Measure {
    /// Of a frame of at most 65 536 samples. O(n), no heap.
    pub fn of(frame: &[i16]) -> Self {
        Self(simd::measure(frame))
    }

    /// Of a silent frame.
    pub const fn silence(length: usize) -> Self {
        Self(simd::Measure { length, sum: 0, energy: 0, peak: 0 })
    }

    /// The mean square against full scale squared.
    pub fn power(&self) -> f32 {
        (self.mean_square() / FULL_SCALE_SQUARED) as f32
    }

    /// The mean, in steps of a sample: what is not around zero.
    pub fn mean(&self) -> f32 {
        self.0.sum as f32 / self.0.length.max(1) as f32
    }

    /// The largest magnitude, 0 to 32 768.
    pub const fn peak(&self) -> u16 {
        self.0.peak
    }

    /// The RMS level in dBov, -127 (silence) to 0.
    pub fn level_dbov(&self) -> i8 {
        let power = self.mean_square() / FULL_SCALE_SQUARED;
        // Never out of the range of i8: the clamp holds also for the -inf of silence.
        (10.0 * power.log10()).round().clamp(-127.0, 0.0) as i8
    }

    fn mean_square(&self) -> f64 {
        self.0.energy as f64 / self.0.length.max(1) as f64
    }
}

/// The largest magnitude of a frame's samples, 0 to 32 768. O(n), no heap.
pub fn peak(frame: &[i16]) -> u16 {
    simd::frame_peak(frame)
}

/// The RMS level of a frame in dBov, -127 (silence) to 0. O(n), no heap.
pub fn level_dbov(frame: &[i16]) -> i8 {
    Measure::of(frame).level_dbov()
}

/// Whether a party speaks: at once when a frame is louder than -45 dBov, and until 300 ms after
/// the last such frame. O(1) a frame that is measured, no heap.
#[derive(Clone, Debug)]
pub struct SpeechDetector {
    hang_over_samples: u32,
    remaining_samples: u32,
}

impl SpeechDetector {
    /// A party not yet speaking, heard at `rate_hz` samples a second.
    pub const fn new(rate_hz: u32) -> Self {
        let hang_over_samples = rate_hz * HANG_OVER_MS / 1000;
        Self { hang_over_samples, remaining_samples: 0 }
    }

    /// Goes on with frames of another rate.
    pub fn retune(&mut self, rate_hz: u32) {
        let hang_over_samples = rate_hz * HANG_OVER_MS / 1000;
        if hang_over_samples != self.hang_over_samples {
            let parts = self.remaining_samples * hang_over_samples;
            self.remaining_samples = parts.div_ceil(self.hang_over_samples.max(1));
            self.hang_over_samples = hang_over_samples;
        }
    }

    /// Whether the party speaks now, hang-over included.
    pub const fn is_speaking(&self) -> bool {
        self.remaining_samples > 0
    }

    /// Hears a frame of any length; `Some` when the party started or stopped speaking with it.
    pub fn frame(&mut self, frame: &Measure) -> Option<bool> {
        let before = self.is_speaking();
        if frame.mean_square() > THRESHOLD_SQUARED {
            self.remaining_samples = self.hang_over_samples;
        } else {
            self.remaining_samples = self.remaining_samples.saturating_sub(frame.0.length as u32);
        }
        let now = self.is_speaking();
        (now != before).then_some(now)
    }
}

const FULL_SCALE_SQUARED: f64 = 32_767.0 * 32_767.0;
const HANG_OVER_MS: u32 = 300;
/// -45 dBov.
const THRESHOLD_SQUARED: f64 = FULL_SCALE_SQUARED * 3.162_277_660_168_379e-5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::Sine;

    const FRAME: usize = 160;
    const SILENCE: Measure = Measure::silence(FRAME);

    fn measure(level_dbfs: f64) -> Measure {
        Measure::of(&tone(level_dbfs))
    }

    fn tone(level_dbfs: f64) -> [i16; FRAME] {
        let mut frame = [0; FRAME];
        Sine::new(1000.0, level_dbfs, 8000).fill(&mut frame);
        frame
    }

    #[test]
    fn a_level_is_rms_against_overload() {
        assert_eq!(level_dbov(&[]), -127);
        assert_eq!(level_dbov(&[0; FRAME]), -127);
        assert_eq!(level_dbov(&[i16::MAX; FRAME]), 0);
        assert_eq!(level_dbov(&[i16::MIN; FRAME]), 0);
        assert_eq!(Measure::of(&[0; FRAME]), SILENCE);
        for level_dbfs in [0, -10, -40, -60] {
            let measured = level_dbov(&tone(f64::from(level_dbfs)));
            assert!((i32::from(measured) - (level_dbfs - 3)).abs() <= 1, "{level_dbfs} {measured}");
        }
    }

    #[test]
    fn speech_is_heard_at_once_and_hangs_over_300_ms() {
        let mut party = SpeechDetector::new(8000);
        assert_eq!(party.frame(&SILENCE), None);
        assert_eq!(party.frame(&measure(-20.0)), Some(true));
        assert_eq!(party.frame(&measure(-20.0)), None);
        for _ in 0..14 {
            assert_eq!(party.frame(&SILENCE), None);
        }
        assert_eq!(party.frame(&SILENCE), Some(false));
        assert_eq!(party.frame(&SILENCE), None);
    }

    #[test]
    fn a_pause_between_words_is_still_speech() {
        let mut party = SpeechDetector::new(8000);
        assert_eq!(party.frame(&measure(-20.0)), Some(true));
        for _ in 0..50 {
            for _ in 0..14 {
                assert_eq!(party.frame(&SILENCE), None);
            }
            assert_eq!(party.frame(&measure(-20.0)), None);
        }
    }

    #[test]
    fn the_threshold_lies_at_minus_45_dbov() {
        assert_eq!(SpeechDetector::new(8000).frame(&measure(-41.0)), Some(true));
        assert_eq!(SpeechDetector::new(8000).frame(&measure(-43.0)), None);
    }

    #[test]
    fn another_rate_in_mid_speech_changes_nothing() {
        let mut party = SpeechDetector::new(8000);
        party.frame(&measure(-20.0));
        (0..5).for_each(|_| _ = party.frame(&SILENCE));
        party.retune(48_000);
        let silent = (1..).find(|_| party.frame(&Measure::silence(6 * FRAME)) == Some(false));
        assert_eq!(silent, Some(10), "10 frames of 20 ms after 5");
    }

    #[test]
    fn short_packets_hang_over_as_long() {
        let mut party = SpeechDetector::new(16_000);
        party.frame(&Measure::of(&[9_000; 320]));
        let silent = (1..).find(|_| party.frame(&Measure::silence(160)) == Some(false));
        assert_eq!(silent, Some(30), "30 frames of 10 ms");
    }
}
