//! A gain that moves over one frame of 16-bit samples.

use crate::dispatch::kernel;

/// A gain on a straight way: the `at`th sample, counted from 1, has `from + step * at`, at most
/// `ramp` times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swell {
    /// The gain before the first sample, 0 to 64.
    pub from: f32,
    /// What each sample adds to it.
    pub step: f32,
    /// Samples after which the gain stands still.
    pub ramp: f32,
}

kernel! {
    /// Changes the gain of a frame in place, each product rounded to the nearest step, ties to
    /// even, and kept within ±32 767.
    fn amplify(frame: &mut [i16], swell: Swell) = wide::amplify_words, amplify_each
}

#[inline(always)]
fn amplify_each(frame: &mut [i16], swell: Swell) {
    amplify_from(1, frame, swell);
}

/// Amplifies what begins with the `first`th sample of a frame.
#[inline(always)]
fn amplify_from(first: i32, samples: &mut [i16], swell: Swell) {
    for (at, sample) in (first..).zip(samples) {
        let gain = swell.from + swell.step * (at as f32).min(swell.ramp);
        let product = (f32::from(*sample) * gain).clamp(-32_767.0, 32_767.0);
        *sample = (product + ROUNDING).to_bits() as i16;
    }
}

/// 1.5 × 2^23: a float of this size has no binary places left, and its integer in the low bits.
const ROUNDING: f32 = 12_582_912.0;

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m256, __m256i, _mm256_add_ps, _mm256_castsi256_si128, _mm256_cvtepi16_epi32,
        _mm256_cvtepi32_ps, _mm256_cvtps_epi32, _mm256_extracti128_si256, _mm256_max_epi16,
        _mm256_min_ps, _mm256_mul_ps, _mm256_packs_epi32, _mm256_permute4x64_epi64,
        _mm256_set1_epi16, _mm256_set1_ps, _mm256_setr_ps,
    };

    use super::Swell;
    use crate::words::{load, store};

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn amplify_words(frame: &mut [i16], swell: Swell) {
        let (words, rest) = frame.as_chunks_mut();
        let done = 16 * words.len() as i32;
        let mut at = _mm256_setr_ps(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0);
        for word in words {
            let samples = load(word);
            let low = _mm256_castsi256_si128(samples);
            let low = product(_mm256_cvtepi16_epi32(low), at, swell);
            at = _mm256_add_ps(at, _mm256_set1_ps(8.0));
            let high = _mm256_extracti128_si256::<1>(samples);
            let high = product(_mm256_cvtepi16_epi32(high), at, swell);
            at = _mm256_add_ps(at, _mm256_set1_ps(8.0));
            // Packs each half by itself, and keeps all within 16 bits.
            let packed = _mm256_packs_epi32(low, high);
            let packed = _mm256_permute4x64_epi64::<0b11_01_10_00>(packed);
            store(word, _mm256_max_epi16(packed, _mm256_set1_epi16(-32_767)));
        }
        super::amplify_from(done + 1, rest, swell);
    }

    /// Eight products with the gains at `at`, rounded.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn product(samples: __m256i, at: __m256, swell: Swell) -> __m256i {
        let way = _mm256_min_ps(at, _mm256_set1_ps(swell.ramp));
        let way = _mm256_mul_ps(_mm256_set1_ps(swell.step), way);
        let gain = _mm256_add_ps(_mm256_set1_ps(swell.from), way);
        _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(samples), gain))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_builds_amplify_alike(
            frame in prop::collection::vec(any::<i16>(), 0..400),
            (from, to, ramp) in (0.0_f32..64.0, 0.0_f32..64.0, 1.0_f32..400.0),
        ) {
            let swell = Swell { from, step: (to - from) / ramp, ramp };
            let (mut wide, mut plain) = (frame.clone(), frame);
            amplify(&mut wide, swell);
            amplify_each(&mut plain, swell);
            prop_assert_eq!(wide, plain);
        }
    }

    #[test]
    fn all_65_536_samples_are_kept_at_unity_and_never_wrap() {
        let all: Vec<i16> = (i16::MIN..=i16::MAX).collect();
        for (gain, expected) in [(1.0, 1), (2.0, 2), (8.0, 8), (64.0, 64)] {
            let mut frame = all.clone();
            amplify(&mut frame, Swell { from: gain, step: 0.0, ramp: 1.0 });
            for (&before, &after) in all.iter().zip(&frame) {
                let exact = (i32::from(before) * expected).clamp(-32_767, 32_767);
                assert_eq!(i32::from(after), exact, "{before} at {gain}");
            }
        }
    }

    #[test]
    fn a_gain_stands_still_after_its_ramp() {
        let mut frame = [1_000; 20];
        amplify(&mut frame, Swell { from: 1.0, step: -0.25, ramp: 2.0 });
        assert_eq!(frame[..3], [750, 500, 500]);
        assert_eq!(frame[3..], [500; 17]);
    }
}
