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

    /// Its distance from 0.
    pub(super) fn magnitude(self) -> f64 {
        self.re.hypot(self.im)
    }

    /// In the same direction, `factor` times as far.
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self { re: self.re * factor, im: self.im * factor }
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

/// The spectrum of `samples`, filled up with silence to `size`, a power of two.
pub(super) fn spectrum(samples: &[f64], size: usize) -> Vec<Complex> {
    let complex = |&re: &f64| Complex { re, im: 0.0 };
    let mut values: Vec<Complex> = samples.iter().take(size).map(complex).collect();
    values.resize(size, Complex::default());
    transform(&mut values);
    values
}

/// The real samples of a spectrum.
pub(super) fn samples(spectrum: &[Complex]) -> Vec<f64> {
    // The forward transform of a conjugated spectrum is the inverse one, conjugated.
    let mut values: Vec<Complex> = spectrum.iter().map(|value| value.conjugate()).collect();
    transform(&mut values);
    values.iter().map(|value| value.re / spectrum.len() as f64).collect()
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

    fn wave(seed: usize, length: usize) -> Vec<f64> {
        (0..length).map(|n| (n * seed % 97) as f64 - 48.0).collect()
    }

    #[test]
    fn a_spectrum_is_turned_back_into_its_samples() {
        let wave = wave(31, 200);
        for (index, sample) in samples(&spectrum(&wave, 256)).into_iter().enumerate() {
            let expected = wave.get(index).copied().unwrap_or(0.0);
            assert!((sample - expected).abs() < 1e-6, "{index}: {sample} {expected}");
        }
    }

    #[test]
    fn a_product_of_spectra_is_the_correlation_by_definition() {
        let (signal, pattern) = (wave(31, 300), wave(13, 57));
        let product: Vec<Complex> = spectrum(&signal, 512)
            .into_iter()
            .zip(spectrum(&pattern, 512))
            .map(|(signal, pattern)| signal * pattern.conjugate())
            .collect();
        for (lag, fast) in samples(&product).into_iter().take(300 - 57).enumerate() {
            let slow: f64 = pattern.iter().zip(&signal[lag..]).map(|(p, s)| p * s).sum();
            assert!((fast - slow).abs() < 1e-6, "lag {lag}: {fast} {slow}");
        }
    }
}
