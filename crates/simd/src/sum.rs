//! Sums of frames.

use crate::dispatch::kernel;

/// The binary places of a gain: unity is `1 << GAIN_BITS`.
pub const GAIN_BITS: u32 = 20;

/// A gain on a straight way over a frame: the `at`th sample, counted from 1, of `length` has the
/// gain `from + (to - from) * at / length`, rounded, so that the last one has `to` exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slope {
    /// Before the first sample, in units of 2^-[`GAIN_BITS`]; below 64 times unity.
    pub from: i32,
    /// At the last sample, likewise.
    pub to: i32,
    /// Samples of the whole frame, 1 to 65 536; what follows them has the gain `to`.
    pub length: i32,
}

kernel! {
    /// Adds a frame to a sum.
    fn add(sum: &mut [i32], frame: &[i16]) = add_each, add_each
}
kernel! {
    /// Takes a frame out of a sum again.
    fn subtract(sum: &mut [i32], frame: &[i16]) = subtract_each, subtract_each
}
kernel! {
    /// Adds a frame at a moving gain, each product rounded to the nearest step.
    fn add_scaled(sum: &mut [i32], frame: &[i16], slope: Slope)
        = add_each_scaled, add_each_scaled
}
kernel! {
    /// Changes the gain of a sum in place, each product rounded and kept within 32 bits.
    fn scale(sum: &mut [i32], slope: Slope) = scale_each, scale_each
}

#[inline(always)]
fn add_each(sum: &mut [i32], frame: &[i16]) {
    for (total, &sample) in sum.iter_mut().zip(frame) {
        *total = total.wrapping_add(i32::from(sample));
    }
}

#[inline(always)]
fn subtract_each(sum: &mut [i32], frame: &[i16]) {
    for (total, &sample) in sum.iter_mut().zip(frame) {
        *total = total.wrapping_sub(i32::from(sample));
    }
}

#[inline(always)]
fn add_each_scaled(sum: &mut [i32], frame: &[i16], slope: Slope) {
    let step = slope.step();
    for (at, (total, &sample)) in (1..).zip(sum.iter_mut().zip(frame)) {
        let product = rounded(i64::from(sample) * i64::from(slope.gain(step, at)));
        *total = total.wrapping_add(product as i32); // 15 bits at 64 times unity are 21
    }
}

#[inline(always)]
fn scale_each(sum: &mut [i32], slope: Slope) {
    let step = slope.step();
    for (at, total) in (1..).zip(sum.iter_mut()) {
        let product = rounded(i64::from(*total) * i64::from(slope.gain(step, at)));
        *total = product.clamp(i64::from(i32::MIN), i64::from(i32::MAX)) as i32;
    }
}

impl Slope {
    /// What a sample adds to the gain, in units of 2^-([`GAIN_BITS`] + [`STEP_BITS`]).
    #[inline(always)]
    fn step(self) -> i64 {
        (i64::from(self.to - self.from) << STEP_BITS) / i64::from(self.length)
    }

    #[inline(always)]
    fn gain(self, step: i64, at: i32) -> i32 {
        let way = step * i64::from(at.min(self.length));
        self.from + ((way + (1 << (STEP_BITS - 1))) >> STEP_BITS) as i32
    }
}

#[inline(always)]
const fn rounded(product: i64) -> i64 {
    (product + (1 << (GAIN_BITS - 1))) >> GAIN_BITS
}

/// Binary places of a step beyond those of a gain: 65 536 steps are off by half a unit at most.
const STEP_BITS: u32 = 17;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames() -> impl Strategy<Value = (Vec<i32>, Vec<i16>)> {
        (prop::collection::vec(any::<i32>(), 0..400), prop::collection::vec(any::<i16>(), 0..400))
    }

    fn slopes() -> impl Strategy<Value = Slope> {
        let gain = 0..64 << GAIN_BITS;
        (gain.clone(), gain, 1..400).prop_map(|(from, to, length)| Slope { from, to, length })
    }

    proptest! {
        #[test]
        fn both_builds_give_the_same_sums((sum, frame) in frames(), slope in slopes()) {
            let both = |wide: &dyn Fn(&mut [i32]), plain: &dyn Fn(&mut [i32])| {
                let (mut one, mut other) = (sum.clone(), sum.clone());
                wide(&mut one);
                plain(&mut other);
                assert_eq!(one, other);
            };
            both(&|sum| add(sum, &frame), &|sum| add_each(sum, &frame));
            both(&|sum| subtract(sum, &frame), &|sum| subtract_each(sum, &frame));
            both(&|sum| add_scaled(sum, &frame, slope), &|sum| add_each_scaled(sum, &frame, slope));
            both(&|sum| scale(sum, slope), &|sum| scale_each(sum, slope));
        }
    }

    #[test]
    fn what_is_added_and_subtracted_again_was_never_there() {
        let frame: Vec<i16> = (0..160).map(|at| (at * 401 - 32_000) as i16).collect();
        let mut sum = vec![i32::MAX - 3; 160];
        add(&mut sum, &frame);
        assert_ne!(sum, [i32::MAX - 3; 160]);
        subtract(&mut sum, &frame);
        assert_eq!(sum, [i32::MAX - 3; 160]);
    }

    #[test]
    fn a_slope_ends_at_its_gain_exactly() {
        let unity = 1 << GAIN_BITS;
        let mut sum = [0; 7];
        add_scaled(&mut sum, &[700; 7], Slope { from: 0, to: unity, length: 7 });
        assert_eq!(sum, [100, 200, 300, 400, 500, 600, 700]);
        scale(&mut sum, Slope { from: unity, to: unity / 2, length: 7 });
        assert_eq!(sum[6], 350);
    }
}
