//! The filters of a change of rate: one row of taps for each position between two input samples.

/// How sharp a filter is.
pub(super) struct Shape {
    /// Zero crossings of the sinc on either side, in samples of the lower rate.
    pub(super) crossings: f64,
    /// The middle of the slope, as a part of the lower rate's half.
    pub(super) cut_off: f64,
    /// Of the window: more is a deeper stop band behind a wider slope.
    pub(super) kaiser_beta: f64,
}

/// The filter at each of `phases` positions between two input samples.
#[derive(Clone)]
pub(super) struct Bank {
    /// `phases + 1` rows of `2 * half` taps, so that a position between two rows has both.
    taps: Vec<f32>,
    phases: u64,
    /// How many input samples the filter sees on either side.
    half: usize,
}

impl Bank {
    pub(super) fn new(from_hz: u32, to_hz: u32, shape: &Shape) -> Self {
        // Relative to the input's rate: the filter is cut to the lower of the two.
        let scale = (f64::from(to_hz) / f64::from(from_hz)).min(1.0);
        let half = (shape.crossings / scale).ceil() as usize;
        let phases = u64::from(to_hz / greatest_common_divisor(from_hz, to_hz)).min(MAX_PHASES);
        let row = |phase: u64| row(phase as f64 / phases as f64, half, scale, shape);
        Self { taps: (0..=phases).flat_map(row).collect(), phases, half }
    }

    /// The value at input position `numerator / denominator`; exact where that is a row's own
    /// position, as for all usual pairs of rates, else between its two neighbours.
    pub(super) fn output(&self, padded: &[f32], numerator: u64, denominator: u64) -> f32 {
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

    /// How many input samples a filter sees on either side.
    pub(super) const fn half(&self) -> usize {
        self.half
    }

    pub(super) fn row(&self, row: usize) -> &[f32] {
        &self.taps[row * 2 * self.half..][..2 * self.half]
    }
}

/// The taps for a position `fraction` after an input sample, with unity gain at 0 Hz.
fn row(fraction: f64, half: usize, scale: f64, shape: &Shape) -> Vec<f32> {
    let distance = |tap: usize| fraction + half as f64 - 1.0 - tap as f64;
    let taps: Vec<f64> = (0..2 * half).map(|tap| kernel(distance(tap) * scale, shape)).collect();
    let gain: f64 = taps.iter().sum();
    taps.iter().map(|tap| (tap / gain) as f32).collect()
}

/// Kaiser-windowed sinc.
fn kernel(at: f64, shape: &Shape) -> f64 {
    let edge = 1.0 - (at / shape.crossings).powi(2);
    if edge <= 0.0 {
        return 0.0;
    }
    let angle = std::f64::consts::PI * shape.cut_off * at;
    let sinc = if angle == 0.0 { 1.0 } else { angle.sin() / angle };
    sinc * bessel_i0(shape.kaiser_beta * edge.sqrt())
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
pub(super) fn dot(taps: &[f32], window: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    let (eights, rest) = taps.as_chunks::<8>();
    let (window, over) = window[..taps.len()].as_chunks::<8>();
    for (taps, window) in eights.iter().zip(window) {
        add_products(&mut sums, taps, window);
    }
    add_products(&mut sums, rest, over);
    sums.iter().sum()
}

#[inline]
fn add_products(sums: &mut [f32; 8], taps: &[f32], window: &[f32]) {
    for ((sum, tap), sample) in sums.iter_mut().zip(taps).zip(window) {
        *sum += tap * sample;
    }
}

const fn greatest_common_divisor(mut a: u32, mut b: u32) -> u32 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// Rows kept for pairs of rates that share no large divisor.
const MAX_PHASES: u64 = 512;
