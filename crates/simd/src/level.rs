//! How large the samples of a frame are.

use crate::dispatch::kernel;

kernel! {
    /// The largest magnitude of a sum; 0 of none.
    fn peak(sum: &[i32]) -> u32 = largest, largest
}
kernel! {
    /// The sum of all samples' squares: below 2^62 for any frame that fits in memory.
    fn energy(frame: &[i16]) -> u64 = wide::squares, squares
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

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::_mm256_madd_epi16;

    use crate::words::{Total, load};

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
        }
    }

    #[test]
    fn the_extremes_are_exact() {
        assert_eq!((peak(&[]), energy(&[])), (0, 0));
        assert_eq!(peak(&[5, i32::MIN, i32::MAX]), 1 << 31);
        assert_eq!(energy(&[i16::MIN; 960]), 960 << 30);
    }
}
