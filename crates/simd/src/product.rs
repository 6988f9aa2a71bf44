//! Products of two frames: correlation, and the inner loop of a filter.

use crate::dispatch::kernel;

kernel! {
    /// The sum of the products of two frames, sample by sample. Exact.
    fn dot(one: &[i16], other: &[i16]) -> i64 = products, products
}

#[inline(always)]
fn products(one: &[i16], other: &[i16]) -> i64 {
    let product = |(&a, &b): (&i16, &i16)| i64::from(i32::from(a) * i32::from(b));
    one.iter().zip(other).map(product).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn both_builds_multiply_alike(
            one in prop::collection::vec(any::<i16>(), 0..1000),
            other in prop::collection::vec(any::<i16>(), 0..1000),
        ) {
            prop_assert_eq!(dot(&one, &other), products(&one, &other));
        }
    }

    #[test]
    fn the_extremes_are_exact() {
        assert_eq!(dot(&[i16::MIN; 960], &[i16::MIN; 960]), 960 << 30);
        assert_eq!(dot(&[i16::MIN; 3], &[i16::MAX; 5]), -3 * 32_768 * 32_767);
    }
}
