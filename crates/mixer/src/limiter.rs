//! The limiter: keeps one listener's sum within 16 bits without clipping it hard.
//!
//! It has the whole frame before it decides, so it adds no delay. Below -1 dBFS it changes no bit.

use simd::Bend;

/// The limiter of one listener.
///
/// A frame whose peak passes -1 dBFS is turned down within its first tenth; what comes before the
/// gain is down is bent by a soft knee that never passes ±32 767. The gain comes back by 2 dB a
/// frame, or within one frame when that frame is below -1 dBFS and needs no holding down. It never
/// looks ahead: it adds no delay.
#[derive(Clone, Debug, PartialEq)]
pub struct Limiter {
    /// The gain at the end of the last frame, 0–1.
    gain: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Limiter {
    /// Writes `sum`, in units of one `i16` step, limited to `out`, of the same length and full scale
    /// ±32 767. O(n), no heap.
    pub fn limit(&mut self, sum: &[i32], out: &mut [i16]) {
        if self.gain >= 1.0 && simd::narrow(sum, out) <= THRESHOLD as u16 {
            return; // as it is
        }
        self.turn_down(simd::peak(sum) as f32, sum, out);
    }

    fn turn_down(&mut self, peak: f32, sum: &[i32], out: &mut [i16]) {
        let target = self.target(peak);
        let length = sum.len().max(1) as f32;
        let ramp = if target < self.gain { (length / ATTACK_PART).max(1.0) } else { length };
        let step = (target - self.gain) / ramp;
        simd::limit(sum, out, Bend { from: self.gain, step, ramp, knee: THRESHOLD });
        self.gain = target;
    }

    /// The gain at the end of a frame with this peak.
    fn target(&self, peak: f32) -> f32 {
        if peak <= THRESHOLD { 1.0 } else { (THRESHOLD / peak).min(self.gain * RELEASE) }
    }
}

/// -1 dBFS.
const THRESHOLD: f32 = 29_204.0;
/// The gain goes down over this part of a frame: 2 ms of 20.
const ATTACK_PART: f32 = 10.0;
/// 2 dB a frame.
const RELEASE: f32 = 1.259;

#[cfg(test)]
mod tests {
    use super::*;

    fn limited(limiter: &mut Limiter, sum: &[i32]) -> Vec<i16> {
        let mut out = vec![0; sum.len()];
        limiter.limit(sum, &mut out);
        out
    }

    fn sine(amplitude: f64, frames: usize) -> Vec<i32> {
        let step = std::f64::consts::TAU * 400.0 / 8000.0;
        (0..160 * frames).map(|at| (amplitude * (at as f64 * step).sin()).round() as i32).collect()
    }

    #[test]
    fn below_minus_1_dbfs_not_a_bit_changes() {
        let sum: Vec<i32> = (-29_204..=29_204).collect();
        let mut limiter = Limiter::default();
        for frame in sum.chunks(160) {
            let out: Vec<i32> = limited(&mut limiter, frame).into_iter().map(i32::from).collect();
            assert_eq!(out, frame);
        }
    }

    #[test]
    fn an_overload_is_turned_down_and_never_flat() {
        for amplitude in [33_000.0, 60_000.0, 200_000.0, 2e9] {
            let mut limiter = Limiter::default();
            let mut out = Vec::new();
            for frame in sine(amplitude, 10).chunks(160) {
                out.extend(limited(&mut limiter, frame));
            }
            let settled = &out[160..];
            let peak = settled.iter().map(|sample| sample.unsigned_abs()).max();
            assert!(
                peak.is_some_and(|peak| (29_000..29_300).contains(&peak)),
                "{amplitude} {peak:?}"
            );
            let flat = settled.windows(3).any(|w| w[0] == w[1] && w[1] == w[2] && w[0] != 0);
            assert!(!flat, "a clipped wave has flat tops");
        }
    }

    #[test]
    fn the_gain_comes_back_without_a_click_and_is_then_exact() {
        let mut limiter = Limiter::default();
        let (loud, soft) = (sine(90_000.0, 3), sine(9_000.0, 3));
        limited(&mut limiter, &loud[..160]);
        let back = limited(&mut limiter, &soft[..160]);
        let steepest = back.windows(2).map(|w| (i32::from(w[1]) - i32::from(w[0])).abs()).max();
        assert!(steepest < Some(3_000), "a 400 Hz sine of 9 000 moves 2 800 a sample");
        let exact: Vec<i32> =
            limited(&mut limiter, &soft[160..320]).into_iter().map(i32::from).collect();
        assert_eq!(exact, soft[160..320]);
    }

    #[test]
    fn the_extremes_and_empty_frames_are_safe() {
        let mut limiter = Limiter::default();
        assert_eq!(limited(&mut limiter, &[]), []);
        let out = limited(&mut limiter, &[i32::MIN, i32::MAX, 0, i32::MIN]);
        assert!(out.iter().all(|sample| sample.unsigned_abs() <= 32_767));
        assert_eq!(limited(&mut limiter, &[100]), [100]);
    }
}
