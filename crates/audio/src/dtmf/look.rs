//! Blocks and looks: which pair of tones a stretch of sound consists of, if it is one.

use std::f64::consts::TAU;

use model::Digit;

use crate::tone::{HIGH_HZ, LOW_HZ};

/// The detector's constants, for samples at [`RATE_HZ`].
#[derive(Clone)]
pub(super) struct Ear {
    /// Hann's window, so that the tones of a pair hardly disturb each other within 10 ms.
    window: [f32; BLOCK],
    /// Twice the cosine, and the cosine and sine of each tone's turn in a sample.
    turns: [f32; TONES],
    cosines: [f32; TONES],
    sines: [f32; TONES],
    /// How far each tone turns in a block, in turns.
    block_turns: [f32; TONES],
    /// From the square of a windowed correlation to a sine's power.
    to_power: f32,
    to_energy: f32,
}

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

impl Ear {
    pub(super) fn new() -> Self {
        let hann = |at: usize| 0.5 - 0.5 * (TAU * (at as f64 + 0.5) / BLOCK as f64).cos();
        let window: [f32; BLOCK] = std::array::from_fn(|at| hann(at) as f32);
        let sum: f32 = window.iter().sum();
        let squares: f32 = window.iter().map(|weight| weight * weight).sum();
        let angle = FREQUENCIES_HZ.map(|hz| TAU * hz / RATE_HZ);
        Self {
            window,
            turns: angle.map(|angle| (2.0 * angle.cos()) as f32),
            cosines: angle.map(|angle| angle.cos() as f32),
            sines: angle.map(|angle| angle.sin() as f32),
            block_turns: angle.map(|angle| (angle * BLOCK as f64 / TAU).fract() as f32),
            to_power: 2.0 / (sum * sum),
            to_energy: 1.0 / squares,
        }
    }

    /// Hears a block; `None` if it is too quiet for a key, or can be none for its colour.
    pub(super) fn hear(&self, samples: &[i16; BLOCK]) -> Option<Block> {
        if !Self::may_be_key(samples) {
            return None;
        }
        let (mut last, mut before) = ([0_f32; TONES], [0_f32; TONES]);
        let mut energy = 0.0;
        for (&sample, &weight) in samples.iter().zip(&self.window) {
            let sample = f32::from(sample) * weight;
            energy += sample * sample;
            for tone in 0..TONES {
                let next = sample + self.turns[tone] * last[tone] - before[tone];
                before[tone] = last[tone];
                last[tone] = next;
            }
        }
        let in_phase = std::array::from_fn(|at| last[at] - before[at] * self.cosines[at]);
        let quadrature = std::array::from_fn(|at| before[at] * self.sines[at]);
        Some(Block { in_phase, quadrature, power: energy * self.to_energy })
    }

    /// The pair of tones that two blocks in a row consist of, if they are a key's.
    pub(super) fn look(&self, before: &Block, now: &Block) -> Option<Digit> {
        let low = self.tone(before, now, 0)?;
        let high = self.tone(before, now, GROUP)?;
        let is_key = is_pair(low.power, high.power, 0.5 * (before.power + now.power));
        is_key.then(|| digit(low.index, high.index - GROUP)).flatten()
    }

    /// Whether one block alone may be a key: its tones' frequencies are not yet known.
    pub(super) fn suspects(&self, block: &Block) -> bool {
        let loudest = |group: usize| {
            (group..group + GROUP).map(|tone| self.power(block, tone)).fold(0.0, f32::max)
        };
        is_pair(loudest(0), loudest(GROUP), block.power)
    }

    /// Whether both tones of a digit stand out of a block.
    pub(super) fn holds(&self, block: &Block, digit: Digit) -> bool {
        let share = |tone: usize| self.power(block, tone) / block.power;
        let pair = (0..GROUP).flat_map(|low| (0..GROUP).map(move |high| (low, high)));
        let mut pair = pair.filter(|&(low, high)| self::digit(low, high) == Some(digit));
        pair.any(|(low, high)| {
            let (low, high) = (share(low), share(GROUP + high));
            low + high >= HELD_SHARE && low.min(high) >= HELD_SHARE / 20.0
        })
    }

    /// The loudest tone of a group, if it is alone in it and has its frequency.
    fn tone(&self, before: &Block, now: &Block, group: usize) -> Option<Tone> {
        let power = |at: usize| (self.power(before, at) * self.power(now, at)).sqrt();
        let index = (group..group + GROUP).max_by(|&a, &b| power(a).total_cmp(&power(b)))?;
        let others = (group..group + GROUP).filter(|at| at.abs_diff(index) > 1);
        let is_alone = others.map(power).all(|other| other * ALONE < power(index));
        let off_hz = self.off_hz(before, now, index);
        let is_true = off_hz.abs() <= LARGEST_DEVIATION * FREQUENCIES_HZ[index] as f32;
        (is_alone && is_true).then(|| Tone { index, power: power(index) / response(off_hz) })
    }

    fn power(&self, block: &Block, tone: usize) -> f32 {
        let (re, im) = (block.in_phase[tone], block.quadrature[tone]);
        (re * re + im * im) * self.to_power
    }

    /// How far a tone is from its frequency, by its turn from one block to the next.
    fn off_hz(&self, before: &Block, now: &Block, tone: usize) -> f32 {
        let (a, b) = (before.in_phase[tone], before.quadrature[tone]);
        let (c, d) = (now.in_phase[tone], now.quadrature[tone]);
        let turned = (a * d - b * c).atan2(a * c + b * d) / TAU as f32;
        let off = turned - self.block_turns[tone];
        (off - off.round()) * BLOCKS_PER_SECOND
    }

    /// Whether a block is loud enough, and coloured as two tones in the two groups can be: a cheap
    /// test that most blocks of a voice fail.
    fn may_be_key(samples: &[i16; BLOCK]) -> bool {
        let power: i64 = samples.iter().map(|&sample| square(sample)).sum();
        if (power as f32) < 2.0 * LEAST_POWER * BLOCK as f32 {
            return false;
        }
        let later = samples.iter().skip(1);
        let products =
            samples.iter().zip(later).map(|(&a, &b)| i64::from(i32::from(a) * i32::from(b)));
        COLOURS.contains(&(products.sum::<i64>() as f32 / power as f32))
    }
}

/// Whether two tones are loud enough, alike enough, and nearly all of a sound's power.
fn is_pair(low: f32, high: f32, whole: f32) -> bool {
    low.min(high) >= LEAST_POWER
        && TWIST.contains(&(high / low))
        && low + high >= LEAST_SHARE * whole
}

fn square(sample: i16) -> i64 {
    i64::from(i32::from(sample) * i32::from(sample))
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
    let angle = std::f32::consts::PI * bins;
    (angle.sin() / angle / (1.0 - bins * bins)).powi(2)
}

/// 10 ms.
pub(super) const BLOCK: usize = 80;
const RATE_HZ: f64 = 8000.0;
const GROUP: usize = 4;
const TONES: usize = 2 * GROUP;
const BLOCKS_PER_SECOND: f32 = 100.0;
const FREQUENCIES_HZ: [f64; TONES] = {
    let [a, b, c, d] = LOW_HZ;
    let [e, f, g, h] = HIGH_HZ;
    [a, b, c, d, e, f, g, h]
};
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
