//! How large the samples of a frame are.

use crate::dispatch::kernel;

kernel! {
    /// The largest magnitude of a sum; 0 of none.
    fn peak(sum: &[i32]) -> u32 = largest, largest
}
kernel! {
    /// The largest magnitude of a frame; 0 of none.
    fn frame_peak(frame: &[i16]) -> u16 = wide::largest_sample, largest_sample
}
kernel! {
    /// The sum of all samples' squares: below 2^62 for any frame that fits in memory.
    fn energy(frame: &[i16]) -> u64 = wide::squares, squares
}
kernel! {
    /// How large a frame of at most 65 536 samples is, in every respect at once.
    fn measure(frame: &[i16]) -> Measure = wide::measured, measured
}

/// What one pass over a frame finds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Samples.
    pub length: usize,
    /// Of all samples.
    pub sum: i32,
    /// Of all samples' squares.
    pub energy: u64,
    /// The largest magnitude.
    pub peak: u16,
}

#[inline(always)]
fn largest(sum: &[i32]) -> u32 {
    sum.iter().fold(0, |largest, total| largest.max(total.unsigned_abs()))
}

#[inline(always)]
fn squares(frame: &[i16]) -> u64 {
    let square = |&sample: &i16| u64::from(u32::from(sample.unsigned_abs()).pow(2));
    frame.iter().map(square).sum()
}

#[inline(always)]
fn largest_sample(frame: &[i16]) -> u16 {
    frame.iter().fold(0, |peak, sample| sample.unsigned_abs().max(peak))
}

#[inline(always)]
fn measured(frame: &[i16]) -> Measure {
    let sum = frame.iter().fold(0_i32, |sum, &sample| sum.wrapping_add(i32::from(sample)));
    Measure { length: frame.len(), sum, energy: squares(frame), peak: largest_sample(frame) }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        _mm256_add_epi32, _mm256_madd_epi16, _mm256_set1_epi16, _mm256_setzero_si256,
    };

    use super::Measure;
    use crate::words::{Extremes, Total, load, sum};

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn measured(frame: &[i16]) -> Measure {
        let (words, rest) = frame.as_chunks();
        let (mut energy, mut extremes) = (Total::zero(), Extremes::none());
        let mut sums = _mm256_setzero_si256();
        for samples in words {
            let samples = load(samples);
            energy.add(_mm256_madd_epi16(samples, samples));
            extremes.add(samples);
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(samples, _mm256_set1_epi16(1)));
        }
        let last = super::measured(rest);
        Measure {
            length: frame.len(),
            sum: sum(sums).wrapping_add(last.sum),
            energy: energy.value() + last.energy,
            peak: extremes.largest().max(last.peak),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn largest_sample(frame: &[i16]) -> u16 {
        let (words, rest) = frame.as_chunks();
        let mut extremes = Extremes::none();
        for samples in words {
            extremes.add(load(samples));
        }
        extremes.largest().max(super::largest_sample(rest))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn squares(frame: &[i16]) -> u64 {
        let (words, rest) = frame.as_chunks();
        let mut total = Total::zero();
        for samples in words {
            let samples = load(samples);
            // Two squares are 2^31 at most, which 32 bits without a sign hold.
            total.add(_mm256_madd_epi16(samples, samples));
        }
        total.value() + super::squares(rest)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_builds_find_the_same(
            sum in prop::collection::vec(any::<i32>(), 0..400),
            frame in prop::collection::vec(any::<i16>(), 0..1000),
        ) {
            prop_assert_eq!(peak(&sum), largest(&sum));
            prop_assert_eq!(energy(&frame), squares(&frame));
            prop_assert_eq!(measure(&frame), measured(&frame));
            prop_assert_eq!(frame_peak(&frame), largest_sample(&frame));
        }
    }

    #[test]
    fn the_extremes_are_exact() {
        assert_eq!((peak(&[]), energy(&[])), (0, 0));
        assert_eq!(peak(&[5, i32::MIN, i32::MAX]), 1 << 31);
        assert_eq!(energy(&[i16::MIN; 960]), 960 << 30);
        let lowest = Measure { length: 960, sum: -960 << 15, energy: 960 << 30, peak: 1 << 15 };
        assert_eq!((measure(&[]), measure(&[i16::MIN; 960])), (Measure::default(), lowest));
    }
}
