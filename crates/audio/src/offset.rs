//! Removal of a constant offset, as cheap converters of old exchanges add it.

use crate::Measure;

/// The offset of one source.
///
/// It follows the mean of the frames over a second, and takes nothing away below 16 steps
/// (-66 dBFS), so that sound without an offset passes bit by bit. Real-time safe: no heap, O(n).
#[derive(Clone, Debug)]
pub struct OffsetRemoval {
    rate_hz: f32,
    offset: f32,
    /// What was taken away at the end of the last frame.
    taken: i32,
}

impl OffsetRemoval {
    /// A source not yet heard, at `rate_hz` samples a second.
    pub const fn new(rate_hz: u32) -> Self {
        Self { rate_hz: rate_hz as f32, offset: 0.0, taken: 0 }
    }

    /// Goes on with frames of another rate.
    pub const fn retune(&mut self, rate_hz: u32) {
        self.rate_hz = rate_hz as f32;
    }

    /// Takes the offset out of a frame of any length, which measures so; whether it had any.
    pub fn frame(&mut self, frame: &mut [i16], measure: &Measure) -> bool {
        let weight = (frame.len() as f32 / self.rate_hz / MEMORY_S).min(1.0);
        self.offset += (measure.mean() - self.offset) * weight;
        let wanted = if self.offset.abs() < SMALLEST { 0 } else { self.offset.round() as i32 };
        let has_any = (wanted, self.taken) != (0, 0);
        if has_any {
            self.take(wanted, frame);
        }
        has_any
    }

    fn take(&mut self, wanted: i32, frame: &mut [i16]) {
        let length = frame.len() as i32;
        for (at, sample) in (1..).zip(frame) {
            let taken = self.taken + (wanted - self.taken) * at / length;
            let without = i32::from(*sample) - taken;
            *sample = without.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        }
        self.taken = wanted;
    }
}

const MEMORY_S: f32 = 1.0;
const SMALLEST: f32 = 16.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::Sine;

    fn removed(removal: &mut OffsetRemoval, frame: &mut [i16]) {
        let measure = Measure::of(frame);
        removal.frame(frame, &measure);
    }

    fn tone(seconds: usize, offset: i16) -> Vec<i16> {
        let mut samples = vec![0; seconds * 8000];
        Sine::new(312.0, -20.0, 8000).fill(&mut samples);
        samples.iter().map(|sample| sample + offset).collect()
    }

    fn mean(samples: &[i16]) -> f64 {
        samples.iter().map(|&sample| f64::from(sample)).sum::<f64>() / samples.len() as f64
    }

    #[test]
    fn an_offset_is_gone_after_some_seconds_without_a_step() {
        for offset in [-8_000, -300, 40, 2_000] {
            let mut samples = tone(6, offset);
            let mut removal = OffsetRemoval::new(8000);
            samples.chunks_mut(160).for_each(|frame| removed(&mut removal, frame));
            let left = mean(&samples[5 * 8000..]);
            assert!(left.abs() < f64::from(offset.unsigned_abs()) * 0.02 + 20.0, "{left}");
            let clean = tone(6, 0);
            let steepest = |samples: &[i16]| {
                let steps = samples.windows(2).map(|pair| (pair[1] - pair[0]).unsigned_abs());
                steps.max().unwrap_or(0)
            };
            assert!(steepest(&samples) <= steepest(&clean) + 2, "a click");
        }
    }

    #[test]
    fn without_an_offset_not_a_bit_changes() {
        let clean = tone(10, 0);
        let mut samples = clean.clone();
        let mut removal = OffsetRemoval::new(8000);
        samples.chunks_mut(160).for_each(|frame| removed(&mut removal, frame));
        assert_eq!(samples, clean);
    }

    #[test]
    fn the_extremes_are_safe() {
        let mut removal = OffsetRemoval::new(8000);
        for _ in 0..200 {
            removed(&mut removal, &mut [i16::MIN; 160]);
        }
        removed(&mut removal, &mut [i16::MAX; 480]);
        removed(&mut removal, &mut []);
    }
}
