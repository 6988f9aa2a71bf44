//! A radix-2 Fourier transform, for correlating seconds of audio at once. Not for the audio path.

use std::f64::consts::TAU;
use std::ops::{Add, Mul, Sub};

/// A complex number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Complex {
    pub(super) re: f64,
    pub(super) im: f64,
}

impl Complex {
    /// The mirror image in the real axis.
    pub(super) const fn conjugate(self) -> Self {
        Self { re: self.re, im: -self.im }
    }
}

impl Add for Complex {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { re: self.re + other.re, im: self.im + other.im }
    }
}

impl Sub for Complex {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { re: self.re - other.re, im: self.im - other.im }
    }
}

impl Mul for Complex {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self {
            re: self.re * other.re - self.im * other.im,
            im: self.re * other.im + self.im * other.re,
        }
    }
}

/// Transforms `values` in place; their number is a power of two.
pub(super) fn transform(values: &mut [Complex]) {
    reorder(values);
    let mut half = 1;
    while half < values.len() {
        let turns: Vec<Complex> = (0..half).map(|k| turn(k, 2 * half)).collect();
        for pair in values.chunks_exact_mut(2 * half) {
            let (even, odd) = pair.split_at_mut(half);
            for ((even, odd), &turn) in even.iter_mut().zip(odd).zip(&turns) {
                let turned = *odd * turn;
                (*even, *odd) = (*even + turned, *even - turned);
            }
        }
        half *= 2;
    }
}

/// The cross-correlation of `signal` with `pattern`: at index `lag`, the sum of
/// `signal[lag + n] · pattern[n]`, for every lag at which the pattern lies within the signal.
pub(super) fn correlate(signal: &[f64], pattern: &[f64]) -> Vec<f64> {
    let lags = (signal.len() + 1).saturating_sub(pattern.len());
    let size = signal.len().next_power_of_two();
    let (mut product, pattern) = (spectrum(signal, size), spectrum(pattern, size));
    for (value, other) in product.iter_mut().zip(&pattern) {
        // The forward transform of a conjugated spectrum is the inverse one, conjugated.
        *value = (*value * other.conjugate()).conjugate();
    }
    transform(&mut product);
    product.iter().take(lags).map(|value| value.re / size as f64).collect()
}

fn spectrum(samples: &[f64], size: usize) -> Vec<Complex> {
    let mut values: Vec<Complex> =
        samples.iter().take(size).map(|&re| Complex { re, im: 0.0 }).collect();
    values.resize(size, Complex::default());
    transform(&mut values);
    values
}

/// Puts each value where its index, read backwards in binary, says.
fn reorder(values: &mut [Complex]) {
    let bits = values.len().trailing_zeros();
    for index in 0..values.len() {
        let mirrored = index.reverse_bits().checked_shr(usize::BITS - bits).unwrap_or(0);
        if index < mirrored {
            values.swap(index, mirrored);
        }
    }
}

/// The `k`-th of `count` steps around the unit circle, clockwise.
fn turn(k: usize, count: usize) -> Complex {
    let (sin, cos) = (-TAU * k as f64 / count as f64).sin_cos();
    Complex { re: cos, im: sin }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_by_transform_is_that_by_definition() {
        let wave = |seed: usize| move |n: usize| ((n * seed % 97) as f64 - 48.0) / 7.0;
        let signal: Vec<f64> = (0..300).map(wave(31)).collect();
        let pattern: Vec<f64> = (0..57).map(wave(13)).collect();
        let fast = correlate(&signal, &pattern);
        assert_eq!(fast.len(), 300 - 57 + 1);
        for (lag, &fast) in fast.iter().enumerate() {
            let slow: f64 = pattern.iter().zip(&signal[lag..]).map(|(p, s)| p * s).sum();
            assert!((fast - slow).abs() < 1e-6, "lag {lag}: {fast} {slow}");
        }
    }

    #[test]
    fn a_pattern_longer_than_the_signal_has_no_lag() {
        assert_eq!(correlate(&[1.0], &[1.0, 2.0, 3.0]), [0.0; 0]);
    }
}
