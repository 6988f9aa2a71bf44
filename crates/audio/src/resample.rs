//! Change of sample rate by a polyphase windowed-sinc filter, for whole recordings at load time.
//!
//! Not for the wire: it looks 48 samples of the lower rate ahead. Flat within 0.1 dB up to 0.44 of
//! the lower rate (3.5 kHz at 8 kHz); what would alias is at least 75 dB down from 0.5 on.

/// `samples` at `from_hz` as samples at `to_hz`, in time with them. Allocates; O(n) with about
/// 100 multiplications for each sample of the higher rate. A rate of 0 gives nothing.
pub fn resample(samples: &[i16], from_hz: u32, to_hz: u32) -> Vec<i16> {
    let samples: Vec<f32> = samples.iter().map(|&sample| f32::from(sample)).collect();
    convert(&samples, from_hz, to_hz)
}

/// As [`resample`], from samples in units of one `i16` step that may lie between or beyond them.
pub(crate) fn convert(samples: &[f32], from_hz: u32, to_hz: u32) -> Vec<i16> {
    if from_hz == 0 || to_hz == 0 {
        return Vec::new();
    }
    if from_hz == to_hz {
        return samples.iter().map(|&sample| saturate(sample)).collect();
    }
    let bank = Bank::new(from_hz, to_hz);
    let margin = vec![0.0; bank.half];
    let padded = [&margin, samples, &margin].concat();
    let (from, to) = (u64::from(from_hz), u64::from(to_hz));
    let length = (samples.len() as u64 * to).div_ceil(from);
    (0..length).map(|at| saturate(bank.output(&padded, at * from, to))).collect()
}

/// The filter at each of `phases` positions between two input samples.
struct Bank {
    /// `phases + 1` rows of `2 * half` taps, so that a position between two rows has both.
    taps: Vec<f32>,
    phases: u64,
    /// How many input samples the filter sees on either side.
    half: usize,
}

impl Bank {
    fn new(from_hz: u32, to_hz: u32) -> Self {
        // Relative to the input's rate: the filter is cut to the lower of the two.
        let scale = (f64::from(to_hz) / f64::from(from_hz)).min(1.0);
        let half = (CROSSINGS / scale).ceil() as usize;
        let phases = u64::from(to_hz / greatest_common_divisor(from_hz, to_hz)).min(MAX_PHASES);
        let row = |phase: u64| row(phase as f64 / phases as f64, half, scale);
        Self { taps: (0..=phases).flat_map(row).collect(), phases, half }
    }

    /// The value at input position `numerator / denominator`; exact where that is a row's own
    /// position, as for all usual pairs of rates, else between its two neighbours.
    fn output(&self, padded: &[f32], numerator: u64, denominator: u64) -> f32 {
        let base = (numerator / denominator) as usize;
        let position = numerator % denominator * self.phases;
        let (row, rest) = ((position / denominator) as usize, position % denominator);
        let window = &padded[base + 1..];
        let below = dot(self.row(row), window);
        if rest == 0 {
            return below;
        }
        let above = dot(self.row(row + 1), window);
        below + (above - below) * (rest as f64 / denominator as f64) as f32
    }

    fn row(&self, row: usize) -> &[f32] {
        &self.taps[row * 2 * self.half..][..2 * self.half]
    }
}

/// The taps for a position `fraction` after an input sample, with unity gain at 0 Hz.
fn row(fraction: f64, half: usize, scale: f64) -> Vec<f32> {
    let distance = |tap: usize| fraction + half as f64 - 1.0 - tap as f64;
    let taps: Vec<f64> = (0..2 * half).map(|tap| kernel(distance(tap) * scale)).collect();
    let gain: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / gain) as f32).collect()
}

/// Kaiser-windowed sinc over ±[`CROSSINGS`].
fn kernel(at: f64) -> f64 {
    let edge = 1.0 - (at / CROSSINGS).powi(2);
    if edge <= 0.0 {
        return 0.0;
    }
    let angle = std::f64::consts::PI * CUT_OFF * at;
    let sinc = if angle == 0.0 { 1.0 } else { angle.sin() / angle };
    sinc * bessel_i0(KAISER_BETA * edge.sqrt())
}

/// The modified Bessel function of order 0, by its power series.
fn bessel_i0(x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    for n in 1..30 {
        term *= (x / 2.0 / f64::from(n)).powi(2);
        sum += term;
    }
    sum
}

/// In eight partial sums: one long chain of additions would wait for each.
fn dot(taps: &[f32], window: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (taps, window) in taps.chunks(8).zip(window.chunks(8)) {
        for ((sum, tap), sample) in sums.iter_mut().zip(taps).zip(window) {
            *sum += tap * sample;
        }
    }
    sums.iter().sum()
}

/// Rounded; a float cast saturates.
fn saturate(sample: f32) -> i16 {
    sample.round() as i16
}

const fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Zero crossings of the sinc on either side: the sharpness of the filter.
const CROSSINGS: f64 = 48.0;
/// The middle of the slope, as a part of the lower rate's half.
const CUT_OFF: f64 = 0.946;
/// 80 dB of stop band.
const KAISER_BETA: f64 = 8.0;
/// Rows kept for pairs of rates that share no large divisor.
const MAX_PHASES: u64 = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{Sine, power_dbfs};

    const RATES: [u32; 8] = [8000, 11_025, 16_000, 22_050, 24_000, 44_100, 44_101, 48_000];

    /// A second of a tone at -1 dBFS, resampled, without its ends.
    fn resampled(frequency_hz: f64, from_hz: u32, to_hz: u32) -> Vec<i16> {
        let mut samples = vec![0; from_hz as usize];
        Sine::new(frequency_hz, -1.0, from_hz).fill(&mut samples);
        let heard = resample(&samples, from_hz, to_hz);
        let margin = heard.len() / 20;
        heard[margin..heard.len() - margin].to_vec()
    }

    fn total_dbfs(samples: &[i16]) -> f64 {
        let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        10.0 * (2.0 * energy / samples.len() as f64 / 32_767_f64.powi(2)).log10()
    }

    #[test]
    fn speech_passes_at_its_level() {
        for from_hz in RATES {
            for frequency_hz in [50.0, 300.0, 1000.0, 2500.0, 3400.0, 3500.0] {
                let heard = resampled(frequency_hz, from_hz, 8000);
                let level = power_dbfs(&heard, frequency_hz, 8000);
                assert!((level + 1.0).abs() < 0.1, "{frequency_hz} from {from_hz}: {level}");
            }
        }
    }

    #[test]
    fn what_would_alias_is_75_db_down() {
        for from_hz in &RATES[1..] {
            for frequency_hz in [4_020.0, 4_400.0, 5_000.0, 5_400.0, 7_900.0, 11_000.0, 20_000.0] {
                if frequency_hz < f64::from(*from_hz) / 2.0 {
                    let alias = total_dbfs(&resampled(frequency_hz, *from_hz, 8000)) + 1.0;
                    assert!(alias < -75.0, "{frequency_hz} from {from_hz}: {alias}");
                }
            }
        }
    }

    #[test]
    fn going_up_makes_no_images() {
        for (from_hz, to_hz) in [(8000, 16_000), (8000, 48_000), (16_000, 48_000), (8000, 11_025)] {
            for frequency_hz in [400.0, 3_000.0, 3_500.0] {
                let heard = resampled(frequency_hz, from_hz, to_hz);
                let image_hz = f64::from(from_hz) - frequency_hz;
                assert!((power_dbfs(&heard, frequency_hz, to_hz) + 1.0).abs() < 0.1);
                if image_hz < f64::from(to_hz) / 2.0 {
                    let image = power_dbfs(&heard, image_hz, to_hz);
                    assert!(image < -76.0, "{frequency_hz} {from_hz} {to_hz}: {image}");
                }
            }
        }
    }

    #[test]
    fn time_and_length_are_kept() {
        let mut click = vec![0; 16_000];
        click[8_000] = 20_000;
        let heard = resample(&click, 16_000, 8000);
        assert_eq!(heard.len(), 8_000);
        let loudest = (0..heard.len()).max_by_key(|&at| heard[at].unsigned_abs());
        assert_eq!(loudest, Some(4_000));
        assert_eq!(resample(&[0; 11_025], 11_025, 8000).len(), 8_000);
        assert_eq!(resample(&[5, -5, 7], 8000, 8000), [5, -5, 7]);
        assert_eq!(resample(&[1; 100], 0, 8000), []);
        assert_eq!(resample(&[], 16_000, 8000), []);
    }

    #[test]
    fn full_scale_saturates_and_never_wraps() {
        let square: Vec<i16> =
            (0..4000).map(|at| if at / 40 % 2 == 0 { i16::MAX } else { i16::MIN }).collect();
        let heard = resample(&square, 16_000, 8000);
        let wrong = heard.iter().enumerate().filter(|&(at, &sample)| {
            let middle = (5..15).contains(&(at % 20));
            middle && (sample > 0) != (at / 20 % 2 == 0)
        });
        assert_eq!(wrong.count(), 0);
    }
}
