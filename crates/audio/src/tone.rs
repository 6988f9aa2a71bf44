//! Tones: generators, and a probe of the power of one frequency.
//!
//! For digits sent in band (ITU-T Q.23), for tests and for the demonstration. The detector is `dtmf`.
//! Levels are in dBFS: against a sine that just reaches ±32 767.

use std::f64::consts::TAU;

use model::Digit;

/// A sine that continues from call to call.
#[derive(Clone, Debug)]
pub struct Sine {
    phase: f64,
    step: f64,
    amplitude: f64,
}

impl Sine {
    /// A sine of `frequency_hz`, below half of `rate_hz`, at `level_dbfs` of at most 0.
    pub fn new(frequency_hz: f64, level_dbfs: f64, rate_hz: u32) -> Self {
        let amplitude = FULL_SCALE * 10_f64.powf(level_dbfs.min(0.0) / 20.0);
        Self { phase: 0.0, step: TAU * frequency_hz / f64::from(rate_hz), amplitude }
    }

    /// Writes the next samples. O(n), no heap.
    pub fn fill(&mut self, frame: &mut [i16]) {
        for sample in frame {
            *sample = self.next_sample().round() as i16;
        }
    }

    fn next_sample(&mut self) -> f64 {
        let sample = self.amplitude * self.phase.sin();
        self.phase = (self.phase + self.step) % TAU;
        sample
    }
}

/// The two tones of a digit, continuing from call to call.
///
/// Each at -10 dBFS, the high one 2 dB louder against the loss of long lines (ITU-T Q.24 allows
/// any twist of -4 to +8 dB). Start and end of a tone are the caller's to fade, if at all.
#[derive(Clone, Debug)]
pub struct Dtmf {
    low: Sine,
    high: Sine,
}

impl Dtmf {
    /// The tone pair of `digit` at `rate_hz` samples a second (ITU-T Q.23).
    pub fn new(digit: Digit, rate_hz: u32) -> Self {
        let (low_hz, high_hz) = dtmf_pair_hz(digit);
        Self {
            low: Sine::new(low_hz, LOW_LEVEL_DBFS, rate_hz),
            high: Sine::new(high_hz, HIGH_LEVEL_DBFS, rate_hz),
        }
    }

    /// Writes the next samples. O(n), no heap.
    pub fn fill(&mut self, frame: &mut [i16]) {
        for sample in frame {
            *sample = (self.low.next_sample() + self.high.next_sample()).round() as i16;
        }
    }
}

/// The low and the high frequency of a digit (ITU-T Q.23).
pub fn dtmf_pair_hz(digit: Digit) -> (f64, f64) {
    let (row, column) = match digit.event() {
        0 => (3, 1),
        10 => (3, 0),
        11 => (3, 2),
        event @ 12.. => (event - 12, 3),
        event => ((event - 1) / 3, (event - 1) % 3),
    };
    (LOW_HZ[usize::from(row)], HIGH_HZ[usize::from(column)])
}

/// The power of `frequency_hz` in `samples`, in dBFS, by Goertzel's recursion; at least -200.
///
/// Exact for a single tone over any length, for `frequency_hz` strictly between 0 and half of
/// `rate_hz`. Other tones leak in as through a rectangular window: not at all where both fit a
/// whole number of periods, else about -13 dB at 1.5/length and falling 6 dB per octave. O(n).
pub fn power_dbfs(samples: &[i16], frequency_hz: f64, rate_hz: u32) -> f64 {
    let step = TAU * frequency_hz / f64::from(rate_hz);
    let (in_phase, quadrature) = correlate(samples, step);
    let (cosine, sine) = fitted(in_phase, quadrature, samples.len() as f64, step);
    let power = (cosine * cosine + sine * sine) / (FULL_SCALE * FULL_SCALE);
    (10.0 * power.log10()).max(-200.0)
}

/// The correlations of `samples` with cosine and sine of `step` radians a sample.
fn correlate(samples: &[i16], step: f64) -> (f64, f64) {
    let turn = 2.0 * step.cos();
    let (mut last, mut before) = (0.0, 0.0);
    // Run backwards, so that phase zero is the first sample.
    for &sample in samples.iter().rev() {
        (last, before) = (f64::from(sample) + turn * last - before, last);
    }
    (last - before * step.cos(), before * step.sin())
}

/// The amplitudes of the cosine and the sine that best fit the correlations, in least squares:
/// over a broken number of periods the two are not orthogonal.
fn fitted(in_phase: f64, quadrature: f64, length: f64, step: f64) -> (f64, f64) {
    let ratio = (length * step).sin() / step.sin();
    let double = (length - 1.0) * step;
    let cosines = (length + ratio * double.cos()) / 2.0;
    let sines = (length - ratio * double.cos()) / 2.0;
    let crossed = ratio * double.sin() / 2.0;
    let determinant = cosines * sines - crossed * crossed;
    if determinant.abs() < 1e-9 {
        return (0.0, 0.0);
    }
    let cosine = (in_phase * sines - quadrature * crossed) / determinant;
    let sine = (quadrature * cosines - in_phase * crossed) / determinant;
    (cosine, sine)
}

const FULL_SCALE: f64 = 32_767.0;
const LOW_LEVEL_DBFS: f64 = -12.0;
const HIGH_LEVEL_DBFS: f64 = -10.0;
pub(crate) const LOW_HZ: [f64; 4] = [697.0, 770.0, 852.0, 941.0];
pub(crate) const HIGH_HZ: [f64; 4] = [1209.0, 1336.0, 1477.0, 1633.0];

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency_hz: f64, level_dbfs: f64, length: usize) -> Vec<i16> {
        let mut samples = vec![0; length];
        Sine::new(frequency_hz, level_dbfs, 8000).fill(&mut samples);
        samples
    }

    #[test]
    fn the_probe_is_right_within_half_a_decibel() {
        for level_dbfs in [0.0, -3.0, -20.0, -45.0] {
            for frequency_hz in [50.0, 123.4, 1000.0, 2345.6, 3999.0] {
                for length in [160, 205, 1600, 8000] {
                    let samples = sine(frequency_hz, level_dbfs, length);
                    let measured = power_dbfs(&samples, frequency_hz, 8000);
                    // Near half the rate a short sine hides between the samples.
                    if frequency_hz < 3_990.0 || length == 8000 {
                        assert!(
                            (measured - level_dbfs).abs() < 0.5,
                            "{frequency_hz} Hz {level_dbfs} dB over {length}: {measured}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn the_probe_does_not_hear_other_tones() {
        let samples = sine(400.0, 0.0, 800);
        for other_hz in [350.0, 450.0, 800.0, 1200.0] {
            assert!(power_dbfs(&samples, other_hz, 8000) < -70.0, "{other_hz}");
        }
        assert!(power_dbfs(&[0; 160], 400.0, 8000) <= -200.0);
        assert!(power_dbfs(&[], 400.0, 8000) <= -200.0);
    }

    #[test]
    fn a_sine_continues_over_frames() {
        let whole = sine(440.0, -6.0, 480);
        let mut tone = Sine::new(440.0, -6.0, 8000);
        let mut parts = vec![0; 480];
        for part in parts.chunks_mut(160) {
            tone.fill(part);
        }
        assert_eq!(parts, whole);
    }

    #[test]
    fn each_digit_has_its_own_two_tones() {
        for key in "0123456789*#ABCD".chars() {
            let digit = Digit::from_char(key).expect("a key");
            let mut samples = [0; 800];
            Dtmf::new(digit, 8000).fill(&mut samples);
            let loud = |all: [f64; 4]| {
                all.into_iter().filter(|&hz| power_dbfs(&samples, hz, 8000) > -14.0).collect()
            };
            let (low, high): (Vec<f64>, Vec<f64>) = (loud(LOW_HZ), loud(HIGH_HZ));
            let (low_hz, high_hz) = dtmf_pair_hz(digit);
            assert_eq!((low, high), (vec![low_hz], vec![high_hz]));
        }
    }

    #[test]
    fn the_keypad_is_that_of_q23() {
        let pair = |key| dtmf_pair_hz(Digit::from_char(key).expect("a key"));
        assert_eq!(pair('1'), (697.0, 1209.0));
        assert_eq!(pair('6'), (770.0, 1477.0));
        assert_eq!(pair('0'), (941.0, 1336.0));
        assert_eq!(pair('*'), (941.0, 1209.0));
        assert_eq!(pair('#'), (941.0, 1477.0));
        assert_eq!(pair('D'), (941.0, 1633.0));
    }
}
