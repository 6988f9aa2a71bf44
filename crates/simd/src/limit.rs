//! From a sum back to 16 bits.
//!
//! Rust's `as` from float to integer saturates and cannot be vectorised; here a float is rounded
//! by adding 1.5 × 2^23, which leaves its integer in the low bits.

use crate::dispatch::kernel;

/// How a sum is turned down: a gain that moves, and a knee that bends what still passes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bend {
    /// The gain before the first sample, 0–1.
    pub from: f32,
    /// What each sample adds to it.
    pub step: f32,
    /// Samples after which the gain stands still.
    pub ramp: f32,
    /// Magnitudes up to here stay as they are; 0–32 767.
    pub knee: f32,
}

kernel! {
    /// Writes a sum to `out`, each total cut to 16 bits: exact for those that fit. Returns the
    /// largest magnitude written.
    fn narrow(sum: &[i32], out: &mut [i16]) -> u16 = wide::cut, cut
}
kernel! {
    /// Writes a sum to `out` at the gain of `bend`, what passes the knee bent ever flatter towards
    /// ±32 767, which nothing passes. Rounded to the nearest step, ties to even.
    fn limit(sum: &[i32], out: &mut [i16], bend: Bend) = bend_each, bend_each
}

#[inline(always)]
fn cut(sum: &[i32], out: &mut [i16]) -> u16 {
    let mut largest = 0;
    for (out, &total) in out.iter_mut().zip(sum) {
        *out = total.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16;
        largest = largest.max(out.unsigned_abs());
    }
    largest
}

#[inline(always)]
fn bend_each(sum: &[i32], out: &mut [i16], bend: Bend) {
    for (at, (out, &total)) in (1_i32..).zip(out.iter_mut().zip(sum)) {
        let gain = bend.from + bend.step * (at as f32).min(bend.ramp);
        *out = rounded(bend.bent(total as f32 * gain));
    }
}

impl Bend {
    #[inline(always)]
    fn bent(self, sample: f32) -> f32 {
        let room = 32_767.0 - self.knee;
        let magnitude = sample.abs();
        let over = (magnitude - self.knee).max(0.0);
        (magnitude.min(self.knee) + room * over / (room + over)).copysign(sample)
    }
}

/// Of a float within 16 bits.
#[inline(always)]
fn rounded(sample: f32) -> i16 {
    (sample + ROUNDING).to_bits() as i16
}

/// 1.5 × 2^23: a float of this size has no binary places left.
const ROUNDING: f32 = 12_582_912.0;

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m256i, _mm256_loadu_si256, _mm256_packs_epi32, _mm256_permute4x64_epi64,
    };

    use crate::words::{Extremes, store};

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn cut(sum: &[i32], out: &mut [i16]) -> u16 {
        let length = sum.len().min(out.len());
        let (totals, rest) = sum[..length].as_chunks();
        let (words, last) = out[..length].as_chunks_mut();
        let mut extremes = Extremes::none();
        for (totals, words) in totals.iter().zip(words) {
            let samples = narrowed(totals);
            extremes.add(samples);
            store(words, samples);
        }
        extremes.largest().max(super::cut(rest, last))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn narrowed(totals: &[i32; 16]) -> __m256i {
        let at = totals.as_ptr();
        // SAFETY: the array is 64 readable bytes, two loads' worth, which ask for no alignment.
        let (first, last) =
            unsafe { (_mm256_loadu_si256(at.cast()), _mm256_loadu_si256(at.add(8).cast())) };
        // The instruction packs each half by itself.
        _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi32(first, last))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNEE: f32 = 29_204.0;

    fn bends() -> impl Strategy<Value = Bend> {
        (0.0_f32..1.0, 0.0_f32..1.0, 1.0_f32..400.0).prop_map(|(from, to, ramp)| Bend {
            from,
            step: (to - from) / ramp,
            ramp,
            knee: KNEE,
        })
    }

    proptest! {
        #[test]
        fn both_builds_limit_alike(
            sum in prop::collection::vec(any::<i32>(), 0..400),
            bend in bends(),
        ) {
            let run = |kernel: &dyn Fn(&mut [i16])| {
                let mut out = vec![7; sum.len()];
                kernel(&mut out);
                out
            };
            let run_narrow = |kernel: &dyn Fn(&mut [i16]) -> u16| {
                let mut out = vec![7; sum.len()];
                (kernel(&mut out), out)
            };
            prop_assert_eq!(run_narrow(&|out| narrow(&sum, out)), run_narrow(&|out| cut(&sum, out)));
            let soft: Vec<i32> = sum.iter().map(|total| total >> 16).collect();
            let largest = soft.iter().map(|total| total.unsigned_abs()).max().unwrap_or(0);
            let (peak, out) = run_narrow(&|out| narrow(&soft, out));
            prop_assert_eq!(u32::from(peak), largest);
            prop_assert!(out.iter().zip(&soft).all(|(&out, &total)| i32::from(out) == total));
            let bent = run(&|out| limit(&sum, out, bend));
            prop_assert_eq!(&bent, &run(&|out| bend_each(&sum, out, bend)));
            prop_assert!(bent.iter().all(|&sample| sample > i16::MIN));
        }
    }

    #[test]
    fn all_65_536_samples_pass_at_unity_below_the_knee_and_bend_above_it() {
        let bend = Bend { from: 1.0, step: 0.0, ramp: 1.0, knee: KNEE };
        let sum: Vec<i32> = (-32_768..=32_767).collect();
        let mut out = vec![0; sum.len()];
        limit(&sum, &mut out, bend);
        for (&total, &sample) in sum.iter().zip(&out) {
            let most = if total.abs() <= 30_000 { total.abs() } else { total.abs() - 100 };
            let kept = total.abs() <= 29_204 && i32::from(sample) == total;
            let bent = total.abs() > 29_204 && i32::from(sample).abs() <= most;
            assert!(kept || bent, "{total} became {sample}");
        }
        assert!(out.is_sorted(), "louder stays louder");
        narrow(&sum, &mut out);
        assert!(sum.iter().zip(&out).all(|(&total, &sample)| total == i32::from(sample)));
    }

    #[test]
    fn a_moving_gain_stands_still_after_its_ramp() {
        let mut out = [0; 6];
        let bend = Bend { from: 1.0, step: -0.25, ramp: 2.0, knee: KNEE };
        limit(&[1000; 6], &mut out, bend);
        assert_eq!(out, [750, 500, 500, 500, 500, 500]);
    }
}
