//! Change of sample rate by polyphase windowed-sinc filters: of whole recordings here, of a stream
//! in [`Resampler`].
//!
//! Recordings are changed at load time, by a filter that looks 48 samples of the lower rate ahead:
//! flat within 0.1 dB up to 0.44 of the lower rate (3.5 kHz at 8 kHz); what would alias is at least
//! 75 dB down from 0.5 on.

mod bank;
mod stream;

use bank::{Bank, Shape};
pub use stream::Resampler;

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
    let bank = Bank::new(from_hz, to_hz, &RECORDING);
    let margin = vec![0.0; bank.half()];
    let padded = [&margin, samples, &margin].concat();
    let (from, to) = (u64::from(from_hz), u64::from(to_hz));
    let length = (samples.len() as u64 * to).div_ceil(from);
    (0..length).map(|at| saturate(bank.output(&padded, at * from, to))).collect()
}

/// Rounded; a float cast saturates.
fn saturate(sample: f32) -> i16 {
    sample.round() as i16
}

/// 80 dB of stop band.
const RECORDING: Shape = Shape { crossings: 48.0, cut_off: 0.946, kaiser_beta: 8.0 };

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
