//! The detector's constants, for blocks of 10 ms at 8 kHz; computed when it is compiled.

use std::f64::consts::TAU;

use crate::tone::{HIGH_HZ, LOW_HZ};

/// 10 ms.
pub(super) const BLOCK: usize = 80;
pub(super) const GROUP: usize = 4;
pub(super) const TONES: usize = 2 * GROUP;
pub(super) const FREQUENCIES_HZ: [f64; TONES] = {
    let [a, b, c, d] = LOW_HZ;
    let [e, f, g, h] = HIGH_HZ;
    [a, b, c, d, e, f, g, h]
};

/// Hann's window in units of 2^-15, so that the tones of a pair hardly disturb each other within
/// 10 ms.
pub(super) static WINDOW: [i16; BLOCK] = {
    let mut window = [0; BLOCK];
    let mut at = 0;
    while at < BLOCK {
        window[at] = rounded(hann(at) * 32_768.0);
        at += 1;
    }
    window
};

/// What a block is correlated with: the cosine of each tone, then the sine of each, counted from
/// the block's last sample back, under the window and in units of [`UNIT`]. Their own rounding is
/// 80 dB below a tone.
pub(super) static CORRELATORS: [[i16; BLOCK]; 2 * TONES] = {
    let mut rows = [[0; BLOCK]; 2 * TONES];
    let mut tone = 0;
    while tone < TONES {
        let mut at = 0;
        while at < BLOCK {
            let turns = FREQUENCIES_HZ[tone] * (BLOCK - 1 - at) as f64 / RATE_HZ;
            rows[tone][at] = rounded(hann(at) * cosine(turns) * UNIT);
            rows[TONES + tone][at] = rounded(hann(at) * cosine(turns - 0.25) * UNIT);
            at += 1;
        }
        tone += 1;
    }
    rows
};

/// From the square of a correlation to a sine's power.
pub(super) const TO_POWER: f32 = {
    let mut sum = 0.0;
    let mut at = 0;
    while at < BLOCK {
        sum += hann(at) * UNIT;
        at += 1;
    }
    (2.0 / (sum * sum)) as f32
};

/// From a block's energy under the window to its mean square.
pub(super) const TO_ENERGY: f32 = {
    let mut squares = 0.0;
    let mut at = 0;
    while at < BLOCK {
        squares += hann(at) * hann(at);
        at += 1;
    }
    (1.0 / squares) as f32
};

/// How far each tone turns in a block, in turns.
pub(super) const BLOCK_TURNS: [f32; TONES] = {
    let mut turns = [0.0; TONES];
    let mut tone = 0;
    while tone < TONES {
        turns[tone] = fraction(FREQUENCIES_HZ[tone] * BLOCK as f64 / RATE_HZ) as f32;
        tone += 1;
    }
    turns
};

const RATE_HZ: f64 = 8000.0;
/// The largest power of two with which no row's magnitudes sum up to more than 65 535.
const UNIT: f64 = 2048.0;

const fn hann(at: usize) -> f64 {
    0.5 - 0.5 * cosine((at as f64 + 0.5) / BLOCK as f64)
}

/// The cosine of an angle in turns.
const fn cosine(turns: f64) -> f64 {
    let angle = TAU * (fraction(turns + 0.5) - 0.5);
    // Taylor's series: within half a turn its 14th term is below 10^-15.
    let (mut sum, mut term, mut order) = (1.0, 1.0, 0.0);
    while order < 28.0 {
        term *= -angle * angle / ((order + 1.0) * (order + 2.0));
        sum += term;
        order += 2.0;
    }
    sum
}

/// What is left of a small number above the next whole one below.
const fn fraction(number: f64) -> f64 {
    let whole = number as i64;
    let rest = number - whole as f64;
    if rest < 0.0 { rest + 1.0 } else { rest }
}

/// The nearest whole number, within 16 bits.
const fn rounded(number: f64) -> i16 {
    (if number < 0.0 { number - 0.5 } else { number + 0.5 }) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_series_is_the_cosine() {
        for step in -4_000..4_000 {
            let turns = f64::from(step) / 700.0;
            assert!((cosine(turns) - (TAU * turns).cos()).abs() < 1e-12, "{turns}");
        }
    }

    #[test]
    fn no_correlation_overflows() {
        for row in &CORRELATORS {
            let sum: u32 = row.iter().map(|weight| u32::from(weight.unsigned_abs())).sum();
            assert!((20_000..65_536).contains(&sum), "{sum}");
        }
    }

    #[test]
    fn a_tone_is_found_at_its_place_with_its_power() {
        for (tone, hz) in FREQUENCIES_HZ.into_iter().enumerate() {
            let sine = |at: usize| 10_000.0 * (TAU * (hz * at as f64 / RATE_HZ + 0.1)).sin();
            let block: [i16; BLOCK] = std::array::from_fn(|at| sine(at).round() as i16);
            let found = simd::correlate(&block, &CORRELATORS).map(|sum| sum as f32);
            let power = (found[tone].powi(2) + found[TONES + tone].powi(2)) * TO_POWER;
            assert!((power / 5e7 - 1.0).abs() < 0.03, "{hz} Hz: {power}");
            let whole = simd::windowed_energy(&block, &WINDOW) as f32 * TO_ENERGY;
            assert!((power / whole - 1.0).abs() < 0.05, "{hz} Hz: {whole}");
        }
    }
}
