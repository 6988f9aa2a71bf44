//! AVX2 written out, where plain loops do not become the instruction that fits: sixteen samples in
//! a register.
//!
//! What is here runs only inside functions that are compiled for AVX2 themselves, which the compiler
//! sees to; the `unsafe` of loads and stores is only about memory.

use std::arch::x86_64::{
    __m256i, _mm_add_epi32, _mm_add_epi64, _mm_cvtsi128_si32, _mm_cvtsi128_si64, _mm_max_epu16,
    _mm_minpos_epu16, _mm_set1_epi16, _mm_shuffle_epi32, _mm_unpackhi_epi64, _mm_xor_si128,
    _mm256_abs_epi16, _mm256_add_epi64, _mm256_and_si256, _mm256_castsi256_si128,
    _mm256_extracti128_si256, _mm256_loadu_si256, _mm256_max_epi16, _mm256_max_epu16,
    _mm256_min_epi16, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64,
    _mm256_storeu_si256,
};

/// Sixteen samples, in order.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn load(samples: &[i16; 16]) -> __m256i {
    // SAFETY: the array is 32 readable bytes, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(samples.as_ptr().cast()) }
}

/// Writes sixteen samples, in order.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn store(samples: &mut [i16; 16], words: __m256i) {
    // SAFETY: the array is 32 writable bytes, and the store asks for no alignment.
    unsafe { _mm256_storeu_si256(samples.as_mut_ptr().cast(), words) };
}

/// A total of unsigned 32-bit numbers in 64 bits, in four lanes.
#[derive(Clone, Copy)]
pub(crate) struct Total(__m256i);

impl Total {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn zero() -> Self {
        Self(_mm256_setzero_si256())
    }

    /// Adds eight numbers of 32 bits.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn add(&mut self, numbers: __m256i) {
        let even = _mm256_and_si256(numbers, _mm256_set1_epi64x(0xFFFF_FFFF));
        let odd = _mm256_srli_epi64::<32>(numbers);
        self.0 = _mm256_add_epi64(self.0, _mm256_add_epi64(even, odd));
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn value(self) -> u64 {
        let (low, high) = (_mm256_castsi256_si128(self.0), _mm256_extracti128_si256::<1>(self.0));
        let two = _mm_add_epi64(low, high);
        _mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two))).cast_unsigned()
    }
}

/// The sum of eight numbers of 32 bits, wrapping.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn sum(numbers: __m256i) -> i32 {
    let four =
        _mm_add_epi32(_mm256_castsi256_si128(numbers), _mm256_extracti128_si256::<1>(numbers));
    let two = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)))
}

/// The largest and the smallest of some samples, in sixteen lanes.
#[derive(Clone, Copy)]
pub(crate) struct Extremes {
    largest: __m256i,
    smallest: __m256i,
}

impl Extremes {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn none() -> Self {
        Self { largest: _mm256_setzero_si256(), smallest: _mm256_setzero_si256() }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn add(&mut self, samples: __m256i) {
        self.largest = _mm256_max_epi16(self.largest, samples);
        self.smallest = _mm256_min_epi16(self.smallest, samples);
    }

    /// The largest magnitude.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn largest(self) -> u16 {
        // As numbers without a sign: only the magnitude of the smallest passes 2^15 - 1.
        let both = _mm256_max_epu16(self.largest, _mm256_abs_epi16(self.smallest));
        let four = _mm_max_epu16(_mm256_castsi256_si128(both), _mm256_extracti128_si256::<1>(both));
        // The smallest of what they are short of 2^16 - 1.
        let short = _mm_minpos_epu16(_mm_xor_si128(four, _mm_set1_epi16(-1)));
        !(_mm_cvtsi128_si32(short) as u16)
    }
}
