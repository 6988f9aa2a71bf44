//! Concealment of lost frames by repeating the last pitch period, after the idea of ITU-T G.711
//! Appendix I: full level for 10 ms, then fading, silent after 60 ms.
//!
//! # Assumptions
//! - Appendix I delays all audio by 3.75 ms to cross-fade *into* a loss. Here the first repeated
//!   period starts at the level of the last sample and drifts back to the waveform, so nothing is
//!   delayed; the cross-fade back to good audio is as there.

use std::ops::RangeInclusive;

use crate::likeness::{likest, thin};

/// Fills the lost frames of one leg from what was heard before.
///
/// Feed it every frame in the order of playout, but for those of which it can be reminded. After [`Concealment::new`] it is real-time safe:
/// no heap; a good frame costs O(n), the first lost frame of a burst 13 000 multiplications or 3 µs
/// at 8 kHz, and twice that at any higher rate.
#[derive(Clone, Debug)]
pub struct Concealment {
    /// What was played last, oldest first; as long as the search for the pitch looks back.
    history: Vec<i16>,
    /// What is repeated: the first `period` samples count.
    repeated: Vec<i16>,
    period: usize,
    /// Samples concealed since the last good frame.
    concealed: usize,
    /// Good samples since the last concealed one, up to as many as are remembered.
    good: usize,
    samples_per_ms: usize,
}

impl Concealment {
    /// For audio of `rate_hz` samples a second. Allocates; nothing later does.
    pub fn new(rate_hz: u32) -> Self {
        let longest = LONGEST_PERIOD_MS * MAX_SAMPLES_PER_MS;
        let mut new = Self {
            history: Vec::with_capacity(longest + WINDOW_MS * MAX_SAMPLES_PER_MS),
            repeated: Vec::with_capacity(longest),
            period: 0,
            concealed: 0,
            good: 0,
            samples_per_ms: 0,
        };
        new.retune(rate_hz);
        new
    }

    /// Goes on with audio of another rate, of at most 48 kHz, as if nothing had been heard before.
    pub fn retune(&mut self, rate_hz: u32) {
        self.samples_per_ms = (rate_hz as usize / 1000).clamp(1, MAX_SAMPLES_PER_MS);
        self.period = LONGEST_PERIOD_MS * self.samples_per_ms;
        (self.concealed, self.good) = (0, 0);
        for (held, length_ms) in [
            (&mut self.history, LONGEST_PERIOD_MS + WINDOW_MS),
            (&mut self.repeated, LONGEST_PERIOD_MS),
        ] {
            held.clear();
            held.resize(length_ms * self.samples_per_ms, 0);
        }
    }

    /// Samples a second.
    pub const fn rate_hz(&self) -> u32 {
        self.samples_per_ms as u32 * 1000
    }

    /// Passes a frame that arrived, of any length, full scale ±32 767. After a loss its start is cross-faded with the concealment.
    pub fn good(&mut self, frame: &mut [i16]) {
        if self.concealed > 0 {
            self.fade_back(frame);
            self.concealed = 0;
        }
        self.remember(frame);
        self.good = (self.good + frame.len()).min(self.history.len());
    }

    /// Whether all it remembers arrived. Good frames then need not be passed to it, as long as it
    /// is reminded of the newest before the next loss.
    pub fn is_settled(&self) -> bool {
        self.good == self.history.len()
    }

    /// Remembers what `write` writes: the newest good samples, oldest first.
    pub fn remind(&mut self, write: impl FnOnce(&mut [i16])) {
        write(&mut self.history);
    }

    /// Remembers silence.
    pub fn forget(&mut self) {
        self.history.fill(0);
        (self.concealed, self.good) = (0, 0);
    }

    /// Writes a frame in place of one that did not arrive, of any length.
    pub fn lost(&mut self, frame: &mut [i16]) {
        self.lost_within(frame, || true);
    }

    /// The same, but asks before it searches for the pitch; without, the longest period is
    /// repeated, which hums a little.
    pub fn lost_within(&mut self, frame: &mut [i16], may_search: impl FnOnce() -> bool) {
        self.good = 0;
        if self.concealed == 0 {
            let longest = LONGEST_PERIOD_MS * self.samples_per_ms;
            self.start(if may_search() { self.pitch_period() } else { longest });
        }
        for sample in frame.iter_mut() {
            *sample = self.next_sample();
        }
        self.remember(frame);
    }

    fn fade_back(&mut self, frame: &mut [i16]) {
        let length = (FADE_BACK_MS * self.samples_per_ms).min(frame.len());
        for (at, sample) in (1_i32..).zip(&mut frame[..length]) {
            let old = i32::from(self.next_sample());
            let new = i32::from(*sample);
            // A mean of two 16-bit samples fits.
            *sample = (old + (new - old) * at / (length as i32 + 1)) as i16;
        }
    }

    fn start(&mut self, period: usize) {
        self.period = period;
        let end = self.history.len();
        let repeated = &mut self.repeated[..self.period];
        repeated.copy_from_slice(&self.history[end - self.period..]);
        let jump =
            i32::from(self.history[end - 1]) - i32::from(self.history[end - 1 - self.period]);
        let drift = (self.period / 4).max(1) as i32;
        for (at, sample) in (0..drift).zip(repeated) {
            let joined = i32::from(*sample) + jump * (drift - at) / drift;
            *sample = joined.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
        }
    }

    fn next_sample(&mut self) -> i16 {
        let sample = i32::from(self.repeated[self.concealed % self.period]);
        let full = FULL_LEVEL_MS * self.samples_per_ms;
        let silent = SILENT_AFTER_MS * self.samples_per_ms;
        let left = silent.saturating_sub(self.concealed).min(silent - full);
        // Past the fade the count no longer matters, and must not wrap in an endless loss.
        self.concealed = (self.concealed + 1).min(silent + self.period);
        (sample * left as i32 / (silent - full) as i32) as i16
    }

    /// The lag at which the last 20 ms are most like what came before them: found at 8 kHz, then
    /// to the sample.
    fn pitch_period(&self) -> usize {
        let shortest = SHORTEST_PERIOD_MS * self.samples_per_ms;
        let longest = LONGEST_PERIOD_MS * self.samples_per_ms;
        let stride = (self.samples_per_ms / COARSE_SAMPLES_PER_MS).max(1);
        let coarse = self.likest(shortest..=longest, stride);
        if stride == 1 {
            return coarse;
        }
        let near = shortest.max(coarse - stride)..=longest.min(coarse + stride);
        self.likest(near, 1)
    }

    /// The best of every `stride`th lag, judged by every `stride`th sample.
    fn likest(&self, lags: RangeInclusive<usize>, stride: usize) -> usize {
        let mut held = [0; (LONGEST_PERIOD_MS + WINDOW_MS) * MAX_SAMPLES_PER_MS];
        let held = &mut held[..self.history.len()];
        held.copy_from_slice(&self.history);
        let newest = LONGEST_PERIOD_MS * self.samples_per_ms;
        let sound = thin(held, newest % stride, stride);
        let (newest, last) = (newest / stride, *lags.end());
        let starts = (lags.start().div_ceil(stride)..=last / stride).map(|lag| newest - lag);
        likest(&sound[newest..], sound, starts).map_or(last, |start| (newest - start) * stride)
    }

    fn remember(&mut self, frame: &[i16]) {
        let kept = self.history.len().saturating_sub(frame.len());
        let newest = &frame[frame.len() - (self.history.len() - kept)..];
        let start = self.history.len() - kept;
        self.history.copy_within(start.., 0);
        self.history[kept..].copy_from_slice(newest);
    }
}

/// 200 Hz and 66 Hz, as in Appendix I; a higher voice is caught at a multiple of its period.
const SHORTEST_PERIOD_MS: usize = 5;
const LONGEST_PERIOD_MS: usize = 15;
const WINDOW_MS: usize = 20;
const FULL_LEVEL_MS: usize = 10;
const SILENT_AFTER_MS: usize = 60;
const FADE_BACK_MS: usize = 4;
/// 48 kHz.
const MAX_SAMPLES_PER_MS: usize = 48;
/// 8 kHz.
const COARSE_SAMPLES_PER_MS: usize = 8;

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use model::Chance;

    use super::*;
    use crate::level_dbov;
    use crate::tone::Sine;

    const FRAME: usize = 160;
    /// -20 dBFS.
    const CLICK: i32 = 3_277;

    /// A voice: twelve harmonics of a wandering pitch of 90 to 210 Hz, three syllables a second.
    fn speech(seconds: usize) -> Vec<i16> {
        let mut phase = 0.0;
        (0..8000 * seconds)
            .map(|at| {
                let time = at as f64 / 8000.0;
                phase += TAU * (150.0 + 60.0 * (TAU * 0.7 * time).sin()) / 8000.0;
                let harmonics =
                    (1..=12).map(f64::from).map(|n| (phase * n + n * n).sin() / n.powf(1.5));
                let loudness = 4_500.0 * (1.2 + (TAU * 3.0 * time).sin());
                (loudness * harmonics.sum::<f64>()).round() as i16
            })
            .collect()
    }

    /// `clean` with the frames of `lost` concealed by `conceal`.
    fn degraded(
        clean: &[i16],
        lost: &[bool],
        mut conceal: impl FnMut(bool, &mut [i16]),
    ) -> Vec<i16> {
        let mut heard = clean.to_vec();
        for (frame, &lost) in heard.chunks_mut(FRAME).zip(lost) {
            if lost {
                frame.fill(0x5555); // must not shine through
            }
            conceal(lost, frame);
        }
        heard
    }

    fn longest_silence(samples: &[i16]) -> usize {
        let runs = samples.split(|sample| sample.unsigned_abs() > 50);
        runs.map(<[i16]>::len).max().unwrap_or(0)
    }

    /// The sharpest bend: a step of any height counts in full, and a voice hardly.
    fn sharpest(samples: &[i16]) -> i32 {
        let bends =
            samples.windows(3).map(|w| i32::from(w[2]) - 2 * i32::from(w[1]) + i32::from(w[0]));
        bends.map(i32::abs).max().unwrap_or(0)
    }

    #[test]
    fn five_percent_loss_leaves_no_hole_and_no_click_in_speech() {
        let clean = speech(60);
        let mut chance = Chance::from_number(5);
        let lost: Vec<bool> = clean.chunks(FRAME).map(|_| chance.below(20) == 0).collect();
        assert!(lost.iter().filter(|&&lost| lost).count() > 100);
        let mut leg = Concealment::new(8000);
        let heard = degraded(
            &clean,
            &lost,
            |lost, frame| {
                if lost { leg.lost(frame) } else { leg.good(frame) }
            },
        );
        let (hole_ms, click) = (longest_silence(&heard) / 8, sharpest(&heard) - sharpest(&clean));
        assert!(hole_ms <= 10, "a hole of {hole_ms} ms");
        assert!(click < CLICK, "a click of {click}");

        let silenced = degraded(&clean, &lost, |lost, frame| {
            if lost {
                frame.fill(0);
            }
        });
        assert!(longest_silence(&silenced) >= FRAME, "the measure sees what is not concealed");
        assert!(sharpest(&silenced) - sharpest(&clean) > CLICK);
    }

    #[test]
    fn a_long_loss_fades_to_silence_in_60_ms() {
        let mut leg = Concealment::new(8000);
        let mut voice = speech(1);
        voice.chunks_mut(FRAME).for_each(|frame| leg.good(frame));
        let mut gap = [0; FRAME * 10];
        gap.chunks_mut(FRAME).for_each(|frame| leg.lost(frame));
        let level = |ms: usize| level_dbov(&gap[ms * 8..ms * 8 + FRAME]);
        assert!(level(0) > -25 && level(20) < level(0) && level(40) < level(20));
        assert!(gap[480..].iter().all(|&sample| sample == 0));
    }

    #[test]
    fn a_steady_tone_is_bridged_as_if_nothing_happened() {
        let mut clean = vec![0; FRAME * 10];
        Sine::new(400.0, -6.0, 8000).fill(&mut clean);
        let lost: Vec<bool> = (0..10).map(|frame| frame == 6).collect();
        let mut leg = Concealment::new(8000);
        let heard = degraded(
            &clean,
            &lost,
            |lost, frame| {
                if lost { leg.lost(frame) } else { leg.good(frame) }
            },
        );
        let full_level = 6 * FRAME..6 * FRAME + 80;
        for (heard, clean) in heard[full_level.clone()].iter().zip(&clean[full_level]) {
            assert!((i32::from(*heard) - i32::from(*clean)).abs() < 50);
        }
        assert!(sharpest(&heard) < sharpest(&clean) + 200);
        assert_eq!(heard[7 * FRAME + 32..], clean[7 * FRAME + 32..], "4 ms later all is exact");
    }

    #[test]
    fn silence_is_concealed_by_silence() {
        let mut leg = Concealment::new(8000);
        let mut frame = [7; FRAME];
        leg.lost(&mut frame);
        assert_eq!(frame, [0; FRAME]);
    }

    #[test]
    fn without_loss_not_a_bit_changes() {
        let clean = speech(1);
        let mut leg = Concealment::new(8000);
        let heard = degraded(&clean, &[false; 50], |_, frame| leg.good(frame));
        assert_eq!(heard, clean);
    }

    #[test]
    fn to_be_reminded_is_as_good_as_to_be_told() {
        let clean = speech(2);
        let (mut told, mut reminded) = (Concealment::new(8000), Concealment::new(8000));
        let mut end = 0;
        for (number, frame) in clean.chunks(FRAME).enumerate() {
            let (mut one, mut other) = (frame.to_vec(), frame.to_vec());
            if number % 17 < 2 && number > 2 {
                if reminded.is_settled() {
                    reminded.remind(|held| held.copy_from_slice(&clean[end - held.len()..end]));
                }
                told.lost(&mut one);
                reminded.lost(&mut other);
            } else {
                told.good(&mut one);
                if !reminded.is_settled() {
                    reminded.good(&mut other);
                }
            }
            assert_eq!(one, other, "frame {number}");
            end += FRAME;
        }
        reminded.forget();
        let mut frame = [9; FRAME];
        reminded.lost(&mut frame);
        assert_eq!(frame, [0; FRAME]);
    }

    #[test]
    fn a_tone_is_bridged_at_every_rate_also_after_another_one() {
        let mut leg = Concealment::new(8000);
        for rate_hz in [8000, 48_000, 16_000] {
            leg.retune(rate_hz);
            let frame = rate_hz as usize / 50;
            let mut clean = vec![0; frame * 4];
            Sine::new(440.0, -6.0, rate_hz).fill(&mut clean);
            clean[..3 * frame].chunks_mut(frame).for_each(|frame| leg.good(frame));
            let mut heard = vec![0; frame];
            leg.lost(&mut heard);
            for (heard, clean) in heard[..frame / 2].iter().zip(&clean[3 * frame..]) {
                assert!((i32::from(*heard) - i32::from(*clean)).abs() < 900, "{rate_hz}");
            }
        }
    }

    #[test]
    fn any_rate_and_any_length_of_frame_is_safe() {
        let mut leg = Concealment::new(8000);
        for rate_hz in [8000, 16_000, 48_000, 8000, 0, 192_000] {
            leg.retune(rate_hz);
            for length in [0, 1, 7, 160, 960, 5000] {
                let mut frame = vec![i16::MIN; length];
                leg.good(&mut frame);
                leg.lost(&mut frame);
                frame.fill(i16::MAX);
                leg.good(&mut frame);
            }
            (0..10_000).for_each(|_| leg.lost(&mut [0; 960]));
        }
    }
}
