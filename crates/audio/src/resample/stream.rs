//! Change of sample rate of a stream, between the rates of rooms and codecs.

use std::time::Duration;

use model::SampleRate;

use super::bank::{Bank, Shape, dot};
use super::saturate;

/// One stream on its way from one rate to another.
///
/// Linear phase, 2 ms late where 8 kHz is the lower rate and 1 ms where 16 kHz is. Flat within
/// 1 dB up to 0.42 of the lower rate (3.4 kHz of 8); what would alias, and what would be an image,
/// is at least 60 dB down from 0.53 on (4.2 kHz). After [`Resampler::new`] no heap: 32
/// multiplications for each sample of the higher rate.
#[derive(Clone)]
pub struct Resampler {
    bank: Bank,
    /// Input samples from one output position to the next, and output samples per position.
    stride: usize,
    phases: usize,
    /// What the filter still sees of the past, then the block at hand.
    window: Vec<f32>,
    from: SampleRate,
}

impl Resampler {
    /// A stream from `from` to `to` that begins in silence. Allocates.
    pub fn new(from: SampleRate, to: SampleRate) -> Self {
        let bank = Bank::new(from.hz(), to.hz(), &STREAM);
        let past = 2 * bank.half();
        let mut window = Vec::with_capacity(past + from.frame());
        window.resize(past, 0.0);
        let stride = (from.hz() / to.hz()).max(1) as usize;
        let phases = (to.hz() / from.hz()).max(1) as usize;
        Self { bank, stride, phases, window, from }
    }

    /// How late the output is.
    pub fn delay(&self) -> Duration {
        Duration::from_secs(self.bank.half() as u64) / self.from.hz()
    }

    /// Writes the stream's next samples to the beginning of `out`; how many they are. What is over
    /// after whole samples of the lower rate, or does not fit in `out`, is left out.
    pub fn process(&mut self, samples: &[i16], out: &mut [i16]) -> usize {
        let fitting = out.len() / self.phases * self.stride;
        let whole = samples.len() / self.stride * self.stride;
        let mut done = 0;
        for block in samples[..whole.min(fitting)].chunks(self.from.frame()) {
            let length = block.len() / self.stride * self.phases;
            self.block(block, &mut out[done..done + length]);
            done += length;
        }
        done
    }

    /// Begins anew in silence.
    pub fn reset(&mut self) {
        self.window.fill(0.0);
    }

    fn block(&mut self, block: &[i16], out: &mut [i16]) {
        let past = self.window.len();
        self.window.extend(block.iter().map(|&sample| f32::from(sample)));
        let positions = (0..block.len()).step_by(self.stride);
        for (out, position) in out.chunks_mut(self.phases).zip(positions) {
            let window = &self.window[position + 1..];
            for (row, sample) in out.iter_mut().enumerate() {
                *sample = saturate(dot(self.bank.row(row), window));
            }
        }
        self.window.copy_within(block.len().., 0);
        self.window.truncate(past);
    }
}

/// Hides what is said.
impl std::fmt::Debug for Resampler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resampler(..)")
    }
}

/// Over 60 dB of stop band.
const STREAM: Shape = Shape { crossings: 16.0, cut_off: 0.93, kaiser_beta: 6.0 };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{Sine, power_dbfs};

    const RATES: [SampleRate; 3] = [SampleRate::Narrow, SampleRate::Wide, SampleRate::Full];

    fn pairs() -> impl Iterator<Item = (SampleRate, SampleRate)> {
        RATES
            .into_iter()
            .flat_map(|from| RATES.map(|to| (from, to)))
            .filter(|(from, to)| from != to)
    }

    /// Half a second of a tone at -1 dBFS, resampled in frames of 20 ms, without its beginning.
    fn resampled(hz: f64, from: SampleRate, to: SampleRate) -> Vec<i16> {
        let mut stream = Resampler::new(from, to);
        let mut sine = Sine::new(hz, -1.0, from.hz());
        let mut heard = Vec::new();
        for _ in 0..25 {
            let mut frame = vec![0; from.frame()];
            sine.fill(&mut frame);
            let mut out = vec![0; to.frame()];
            assert_eq!(stream.process(&frame, &mut out), to.frame());
            heard.extend(out);
        }
        heard.split_off(to.frame())
    }

    fn total_dbfs(samples: &[i16]) -> f64 {
        let energy: f64 = samples.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        10.0 * (2.0 * energy / samples.len() as f64 / 32_767_f64.powi(2)).log10()
    }

    #[test]
    fn a_sweep_through_the_pass_band_keeps_its_level() {
        for (from, to) in pairs() {
            let lower = f64::from(from.min(to).hz());
            for step in 1..=42 {
                let hz = lower * f64::from(step) / 100.0;
                let level = power_dbfs(&resampled(hz, from, to), hz, to.hz()) + 1.0;
                let allowed = if step <= 39 { 0.1 } else { 1.0 };
                assert!(level.abs() < allowed, "{hz} Hz {from:?} to {to:?}: {level:.2} dB");
            }
        }
    }

    #[test]
    fn a_sweep_beyond_the_lower_rate_leaves_no_alias_above_minus_60_db() {
        for (from, to) in pairs().filter(|(from, to)| from > to) {
            let mut hz = 0.53 * f64::from(to.hz());
            while hz < 0.5 * f64::from(from.hz()) {
                let alias = total_dbfs(&resampled(hz, from, to)) + 1.0;
                assert!(alias < -60.0, "{hz} Hz {from:?} to {to:?}: {alias:.1} dB");
                hz += 0.03 * f64::from(to.hz());
            }
        }
    }

    #[test]
    fn going_up_leaves_no_image_above_minus_60_db() {
        for (from, to) in pairs().filter(|(from, to)| from < to) {
            for step in 1..=46 {
                let hz = f64::from(from.hz()) * f64::from(step) / 100.0;
                let image_hz = f64::from(from.hz()) - hz;
                let image = power_dbfs(&resampled(hz, from, to), image_hz, to.hz()) + 1.0;
                assert!(image < -60.0, "{hz} Hz {from:?} to {to:?}: {image:.1} dB");
            }
        }
    }

    #[test]
    fn a_click_comes_out_as_late_as_is_said_and_never_later_than_2_ms() {
        for (from, to) in pairs() {
            let mut stream = Resampler::new(from, to);
            let mut click = vec![0; from.frame()];
            click[0] = 20_000;
            let mut out = vec![0; to.frame()];
            stream.process(&click, &mut out);
            let loudest = (0..out.len()).max_by_key(|&at| out[at].unsigned_abs());
            let late = loudest.map(|at| Duration::from_secs(at as u64) / to.hz());
            assert_eq!(late, Some(stream.delay()), "{from:?} to {to:?}");
            assert!(stream.delay() <= Duration::from_millis(2));
            stream.reset();
            stream.process(&vec![0; from.frame()], &mut out);
            assert_eq!(out, vec![0; to.frame()], "nothing from before a reset");
        }
    }

    #[test]
    fn blocks_of_any_length_are_safe_and_make_the_same_stream() {
        for (from, to) in pairs() {
            let mut tone = vec![0; 5 * from.frame()];
            Sine::new(440.0, -1.0, from.hz()).fill(&mut tone);
            let mut whole = vec![0; 5 * to.frame()];
            assert_eq!(Resampler::new(from, to).process(&tone, &mut whole), 5 * to.frame());
            let (mut stream, mut parts) = (Resampler::new(from, to), Vec::new());
            for part in tone.chunks(6 * 7) {
                let mut out = [0; 300];
                let length = stream.process(part, &mut out);
                parts.extend_from_slice(&out[..length]);
            }
            assert_eq!(parts, whole);
            assert_eq!(stream.process(&[1; 5], &mut []), 0);
            assert_eq!(stream.process(&[], &mut [0; 9]), 0);
            stream.process(&[i16::MIN; 7], &mut [0; 100]);
        }
    }
}
