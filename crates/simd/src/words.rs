//! AVX2 written out, where plain loops do not become the instruction that fits: sixteen samples in
//! a register.
//!
//! What is here runs only inside functions that are compiled for AVX2 themselves, which the compiler
//! sees to; the loads' `unsafe` is only about memory.

use std::arch::x86_64::{
    __m256i, _mm_add_epi64, _mm_cvtsi128_si64, _mm_unpackhi_epi64, _mm256_add_epi64,
    _mm256_and_si256, _mm256_castsi256_si128, _mm256_extracti128_si256, _mm256_loadu_si256,
    _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64,
};

/// Sixteen samples, in order.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn load(samples: &[i16; 16]) -> __m256i {
    // SAFETY: the array is 32 readable bytes, and the load asks for no alignment.
    unsafe { _mm256_loadu_si256(samples.as_ptr().cast()) }
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
