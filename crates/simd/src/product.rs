//! Products of two frames: correlation, and the inner loop of a filter.

use crate::dispatch::kernel;

/// Ten milliseconds at 8 kHz.
pub type Block = [i16; 80];

kernel! {
    /// The sum of the products of two frames, sample by sample. Exact.
    fn dot(one: &[i16], other: &[i16]) -> i64 = wide::products, products
}
kernel! {
    /// The energy of a block, and the sum of the products of its neighbouring samples. Exact.
    fn autocorrelation(block: &Block) -> (u64, i64) = wide::with_neighbours, with_neighbours
}
kernel! {
    /// The sum of the products of a block with each of sixteen others. Exact as long as no row's
    /// magnitudes sum up to more than 65 535; else it wraps.
    fn correlate(block: &Block, rows: &[Block; 16]) -> [i32; 16] = wide::each_row, each_row
}
kernel! {
    /// The energy of a block under a window whose weights are in units of 2^-15: the sum of the
    /// squares of the weighted samples, each rounded.
    fn windowed_energy(block: &Block, window: &Block) -> u64 = wide::windowed, windowed
}

#[inline(always)]
fn products(one: &[i16], other: &[i16]) -> i64 {
    let product = |(&a, &b): (&i16, &i16)| i64::from(i32::from(a) * i32::from(b));
    one.iter().zip(other).map(product).sum()
}

#[inline(always)]
fn with_neighbours(block: &Block) -> (u64, i64) {
    (products(block, block).cast_unsigned(), products(block, &block[1..]))
}

#[inline(always)]
fn each_row(block: &Block, rows: &[Block; 16]) -> [i32; 16] {
    rows.each_ref().map(|row| {
        let product = |(&a, &b): (&i16, &i16)| i32::from(a) * i32::from(b);
        block.iter().zip(row).map(product).fold(0, i32::wrapping_add)
    })
}

#[inline(always)]
fn windowed(block: &Block, window: &Block) -> u64 {
    let weighted = block.iter().zip(window).map(|(&sample, &weight)| {
        let weighted = (i32::from(sample) * i32::from(weight) + (1 << 14)) >> 15;
        u64::from((weighted as i16).unsigned_abs())
    });
    weighted.map(|sample| sample * sample).sum()
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m256i, _mm_add_epi32, _mm_storeu_si128, _mm256_add_epi32, _mm256_castsi256_si128,
        _mm256_extracti128_si256, _mm256_hadd_epi32, _mm256_madd_epi16, _mm256_mulhrs_epi16,
        _mm256_set1_epi32,
    };

    use super::Block;
    use crate::words::{Total, load};

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn products(one: &[i16], other: &[i16]) -> i64 {
        let length = one.len().min(other.len());
        let (ones, rest) = one[..length].as_chunks();
        let (others, other_rest) = other[..length].as_chunks();
        let mut total = Total::zero();
        for (one, other) in ones.iter().zip(others) {
            total.add(moved_pairs(load(one), load(other)));
        }
        back(total, ones.len()) + super::products(rest, other_rest)
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn with_neighbours(block: &Block) -> (u64, i64) {
        let (words, _) = block.as_chunks();
        let (neighbours, _) = block[1..].as_chunks();
        let (mut energy, mut total) = (Total::zero(), Total::zero());
        for samples in words {
            let samples = load(samples);
            energy.add(_mm256_madd_epi16(samples, samples));
        }
        for (samples, neighbours) in words.iter().zip(neighbours) {
            total.add(moved_pairs(load(samples), load(neighbours)));
        }
        // The last fifteen pairs, and once more the one before them.
        if let (Some(last), Some(their)) = (block[1..].last_chunk(), block[..79].last_chunk()) {
            total.add(moved_pairs(load(last), load(their)));
        }
        let twice = i64::from(block[63]) * i64::from(block[64]);
        (energy.value(), back(total, 5) - twice)
    }

    /// The sums of two products each, from -2^31 + 2^16 to 2^31, moved up by [`UPWARDS`]: so they
    /// are numbers of 32 bits without a sign.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn moved_pairs(one: __m256i, other: __m256i) -> __m256i {
        _mm256_add_epi32(_mm256_madd_epi16(one, other), _mm256_set1_epi32(UPWARDS))
    }

    /// A total of the moved pairs of so many words, moved back.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn back(total: Total, words: usize) -> i64 {
        total.value().cast_signed() - 8 * words as i64 * i64::from(UPWARDS)
    }

    const UPWARDS: i32 = 0x7FFF_0000;

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn each_row(block: &Block, rows: &[Block; 16]) -> [i32; 16] {
        let block = words(block);
        let mut sums = [0; 16];
        for (sums, rows) in sums.as_chunks_mut().0.iter_mut().zip(rows.as_chunks::<4>().0) {
            let [a, b, c, d] = rows;
            four(&block, [a, b, c, d], sums);
        }
        sums
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn windowed(block: &Block, window: &Block) -> u64 {
        let mut total = Total::zero();
        for (samples, weights) in words(block).into_iter().zip(words(window)) {
            let weighted = _mm256_mulhrs_epi16(samples, weights);
            total.add(_mm256_madd_epi16(weighted, weighted));
        }
        total.value()
    }

    /// The products of a block with four others.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn four(block: &[__m256i; 5], rows: [&Block; 4], sums: &mut [i32; 4]) {
        let [a, b, c, d] = rows;
        let (a, b) = (one_row(block, a), one_row(block, b));
        let (c, d) = (one_row(block, c), one_row(block, d));
        let halves = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
        let (low, high) = (_mm256_castsi256_si128(halves), _mm256_extracti128_si256::<1>(halves));
        // SAFETY: the array is 16 writable bytes, and the store asks for no alignment.
        unsafe { _mm_storeu_si128(sums.as_mut_ptr().cast(), _mm_add_epi32(low, high)) };
    }

    /// The products of a block with one other, in eight lanes.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn one_row(block: &[__m256i; 5], row: &Block) -> __m256i {
        let ([r0, r1, r2, r3, r4], [b0, b1, b2, b3, b4]) = (words(row), *block);
        let one = _mm256_add_epi32(_mm256_madd_epi16(b0, r0), _mm256_madd_epi16(b1, r1));
        let two = _mm256_add_epi32(_mm256_madd_epi16(b2, r2), _mm256_madd_epi16(b3, r3));
        _mm256_add_epi32(_mm256_add_epi32(one, two), _mm256_madd_epi16(b4, r4))
    }

    /// A block in five registers.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn words(block: &Block) -> [__m256i; 5] {
        let (words, _) = block.as_chunks();
        [load(&words[0]), load(&words[1]), load(&words[2]), load(&words[3]), load(&words[4])]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blocks(largest: i16) -> impl Strategy<Value = Block> {
        prop::collection::vec(-largest..=largest, 80)
            .prop_map(|samples| samples.try_into().expect("80 samples"))
    }

    proptest! {
        #[test]
        fn both_builds_multiply_alike(
            one in prop::collection::vec(any::<i16>(), 0..1000),
            other in prop::collection::vec(any::<i16>(), 0..1000),
        ) {
            prop_assert_eq!(dot(&one, &other), products(&one, &other));
        }

        #[test]
        fn both_builds_correlate_alike(
            block in blocks(i16::MAX),
            rows in prop::collection::vec(blocks(800), 16),
            window in blocks(i16::MAX),
        ) {
            let rows: [Block; 16] = rows.try_into().expect("16 rows");
            let exact = rows.map(|row| products(&block, &row));
            prop_assert_eq!(correlate(&block, &rows).map(i64::from), exact);
            prop_assert_eq!(each_row(&block, &rows).map(i64::from), exact);
            prop_assert_eq!(windowed_energy(&block, &window), windowed(&block, &window));
            prop_assert_eq!(autocorrelation(&block), with_neighbours(&block));
        }
    }

    #[test]
    fn the_extremes_are_exact() {
        assert_eq!(dot(&[i16::MIN; 960], &[i16::MIN; 960]), 960 << 30);
        assert_eq!(dot(&[i16::MIN; 3], &[i16::MAX; 5]), -3 * 32_768 * 32_767);
        assert_eq!(dot(&[i16::MIN; 160], &[i16::MAX; 160]), -160 * 32_768 * 32_767);
        let (lowest, half) = ([i16::MIN; 80], [1 << 14; 80]);
        assert_eq!(windowed_energy(&lowest, &half), 80 << 28);
        assert_eq!(autocorrelation(&lowest), (80 << 30, 79 << 30));
        assert_eq!(correlate(&lowest, &[[819; 80]; 16]), [-80 * 819 * 32_768; 16]);
    }
}
