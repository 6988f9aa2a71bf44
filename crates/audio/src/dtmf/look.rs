//! Blocks and looks: which pair of tones a stretch of sound consists of, if it is one.

use std::f32::consts::{PI, TAU};

use model::Digit;
use simd::Block as Samples;

use super::tables::{
    BLOCK_TURNS, CORRELATORS, FREQUENCIES_HZ, GROUP, TO_ENERGY, TO_POWER, TONES, WINDOW,
};

/// What 10 ms sounded like.
#[derive(Clone)]
pub(super) struct Block {
    in_phase: [f32; TONES],
    quadrature: [f32; TONES],
    /// Mean square, in samples squared.
    power: f32,
}

/// One tone over two blocks.
struct Tone {
    index: usize,
    power: f32,
}

impl Block {
    /// Hears a block.
    pub(super) fn hear(samples: &Samples) -> Self {
        let correlations = simd::correlate(samples, &CORRELATORS);
        let (in_phase, quadrature) = correlations.split_at(TONES);
        let power = simd::windowed_energy(samples, &WINDOW) as f32 * TO_ENERGY;
        Self {
            in_phase: std::array::from_fn(|tone| in_phase[tone] as f32),
            quadrature: std::array::from_fn(|tone| quadrature[tone] as f32),
            power,
        }
    }

    /// The pair of tones that two blocks in a row consist of, if they are a key's.
    pub(super) fn look(&self, before: &Self) -> Option<Digit> {
        let low = self.loudest(before, 0)?;
        let high = self.loudest(before, GROUP)?;
        let is_key = is_pair(low.power, high.power, 0.5 * (before.power + self.power));
        is_key.then(|| digit(low.index, high.index - GROUP)).flatten()
    }

    /// Whether one block alone may be a key: its tones' frequencies are not yet known.
    pub(super) fn is_suspect(&self) -> bool {
        let loudest = |group: usize| {
            (group..group + GROUP).map(|tone| self.power_of(tone)).fold(0.0, f32::max)
        };
        is_pair(loudest(0), loudest(GROUP), self.power)
    }

    /// Whether both tones of a digit stand out of a block.
    pub(super) fn holds(&self, digit: Digit) -> bool {
        let share = |tone: usize| self.power_of(tone) / self.power;
        let pair = (0..GROUP).flat_map(|low| (0..GROUP).map(move |high| (low, high)));
        let mut pair = pair.filter(|&(low, high)| self::digit(low, high) == Some(digit));
        pair.any(|(low, high)| {
            let (low, high) = (share(low), share(GROUP + high));
            low + high >= HELD_SHARE && low.min(high) >= HELD_SHARE / 20.0
        })
    }

    /// The loudest tone of a group, if it is alone in it and has its frequency.
    fn loudest(&self, before: &Self, group: usize) -> Option<Tone> {
        let power = |at: usize| (before.power_of(at) * self.power_of(at)).sqrt();
        let index = (group..group + GROUP).max_by(|&a, &b| power(a).total_cmp(&power(b)))?;
        let others = (group..group + GROUP).filter(|at| at.abs_diff(index) > 1);
        let is_alone = others.map(power).all(|other| other * ALONE < power(index));
        let off_hz = self.off_hz(before, index);
        let is_true = off_hz.abs() <= LARGEST_DEVIATION * FREQUENCIES_HZ[index] as f32;
        (is_alone && is_true).then(|| Tone { index, power: power(index) / response(off_hz) })
    }

    fn power_of(&self, tone: usize) -> f32 {
        let (re, im) = (self.in_phase[tone], self.quadrature[tone]);
        (re * re + im * im) * TO_POWER
    }

    /// How far a tone is from its frequency, by its turn from one block to the next.
    fn off_hz(&self, before: &Self, tone: usize) -> f32 {
        let (a, b) = (before.in_phase[tone], before.quadrature[tone]);
        let (c, d) = (self.in_phase[tone], self.quadrature[tone]);
        let turned = (a * d - b * c).atan2(a * c + b * d) / TAU;
        let off = turned - BLOCK_TURNS[tone];
        (off - off.round()) * BLOCKS_PER_SECOND
    }
}

/// Whether a block is loud enough, and coloured as two tones in the two groups can be: a cheap test
/// that most blocks of a voice fail.
pub(super) fn may_be_key(samples: &Samples) -> bool {
    let (energy, neighbours) = simd::autocorrelation(samples);
    let is_loud = energy as f32 >= 2.0 * LEAST_POWER * samples.len() as f32;
    is_loud && COLOURS.contains(&(neighbours as f32 / energy as f32))
}

/// Whether two tones are loud enough, alike enough, and nearly all of a sound's power.
fn is_pair(low: f32, high: f32, whole: f32) -> bool {
    low.min(high) >= LEAST_POWER
        && TWIST.contains(&(high / low))
        && low + high >= LEAST_SHARE * whole
}

/// The key at a row and a column.
fn digit(row: usize, column: usize) -> Option<Digit> {
    KEYPAD.get(row)?.get(column).copied().and_then(|key| Digit::from_char(char::from(key)))
}

/// What the window leaves of the power of a tone that is `off_hz` beside the one looked for.
fn response(off_hz: f32) -> f32 {
    let bins = off_hz / BLOCKS_PER_SECOND;
    if bins.abs() < 1e-3 {
        return 1.0;
    }
    let angle = PI * bins;
    (angle.sin() / angle / (1.0 - bins * bins)).powi(2)
}

const BLOCKS_PER_SECOND: f32 = 100.0;
const KEYPAD: [&[u8; GROUP]; GROUP] = [b"123A", b"456B", b"789C", b"*0#D"];

/// -40 dBFS: the mean square of such a sine.
const LEAST_POWER: f32 = 32_767.0 * 32_767.0 / 2.0 * 1e-4;
/// -10 to +6 dB.
const TWIST: std::ops::RangeInclusive<f32> = 0.1..=4.0;
const LEAST_SHARE: f32 = 0.88;
const HELD_SHARE: f32 = 0.5;
/// 1.5 % and 2 Hz of the lowest tone, and what noise adds.
const LARGEST_DEVIATION: f32 = 0.0225;
/// 10 dB: a tone two keys away from the loudest.
const ALONE: f32 = 10.0;
/// The correlation of neighbouring samples of any key's tones with any twist.
const COLOURS: std::ops::RangeInclusive<f32> = 0.25..=0.88;
