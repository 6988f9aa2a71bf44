//! `cargo bench -p simd`: each kernel on a telephone's frame, as it runs here against its portable
//! build. Both are timed turn by turn by what the thread uses of its core, and the median of the
//! ratios is what counts: times move with the machine, ratios hardly.

use std::hint::black_box;
use std::io::{self, Write};

use os::clock::thread_used;
use simd::{Bend, Block, GAIN_BITS, Portable, Slope, Swell, g711};

/// What the kernels work on.
struct Desk {
    frame: [i16; FRAME],
    sum: [i32; FRAME],
    codes: [u8; FRAME],
    block: Block,
    rows: [Block; 16],
    slope: Slope,
    bend: Bend,
    swell: Swell,
    /// Where their results go.
    samples: [i16; FRAME],
    totals: [i32; FRAME],
    bytes: [u8; FRAME],
}

type Run = fn(&mut Desk);

fn main() -> io::Result<()> {
    let mut out = io::stdout().lock();
    if !has_avx2() {
        return writeln!(out, "no AVX2 here: the portable build is what runs");
    }
    let mut desk = Desk::new();
    writeln!(out, "{:<16} {:>9} {:>12} {:>6}", "kernel", "AVX2 ns", "portable ns", "ratio")?;
    for (name, wide, plain) in KERNELS {
        let pair = |_| (turn(wide, &mut desk), turn(plain, &mut desk));
        let mut pairs: Vec<(f64, f64)> = (0..PAIRS).map(pair).collect();
        pairs.sort_by(|one, other| (one.1 / one.0).total_cmp(&(other.1 / other.0)));
        let (wide, plain) = pairs[PAIRS / 2];
        writeln!(out, "{name:<16} {wide:>9.1} {plain:>12.1} {:>6.1}", plain / wide)?;
    }
    Ok(())
}

/// What one run takes, in nanoseconds.
fn turn(run: Run, desk: &mut Desk) -> f64 {
    let before = thread_used();
    (0..RUNS).for_each(|_| run(black_box(desk)));
    (thread_used() - before).as_nanos() as f64 / f64::from(RUNS)
}

impl Desk {
    /// Sound that is no special case: loud and soft, over and under zero.
    fn new() -> Self {
        let sample = |at: usize| ((at * 7919) % 24_001) as i16 - 12_000;
        let (frame, block): ([i16; FRAME], Block) =
            (std::array::from_fn(sample), std::array::from_fn(sample));
        Self {
            frame,
            sum: frame.map(|sample| i32::from(sample) * 3),
            codes: std::array::from_fn(|at| (at * 37) as u8),
            block,
            rows: std::array::from_fn(|row| block.map(|sample| sample >> (row % 4 + 5))),
            slope: Slope { from: 0, to: 1 << GAIN_BITS, length: FRAME as i32 },
            bend: Bend { from: 0.5, step: 0.001, ramp: FRAME as f32, knee: 29_203.0 },
            swell: Swell { from: 0.5, step: 0.001, ramp: FRAME as f32 },
            samples: [0; FRAME],
            totals: [0; FRAME],
            bytes: [0; FRAME],
        }
    }
}

fn has_avx2() -> bool {
    #[cfg(target_arch = "x86_64")]
    let has = std::arch::is_x86_feature_detected!("avx2");
    #[cfg(not(target_arch = "x86_64"))]
    let has = false;
    has
}

/// A kernel by name, as it runs and as it would without AVX2.
macro_rules! row {
    ($kernel:path, $plain:path, |$desk:ident| ($($argument:expr),*)) => {
        (
            stringify!($kernel),
            |$desk| {
                black_box($kernel($($argument),*));
            },
            |$desk| {
                black_box($plain($($argument),*));
            },
        )
    };
}

const KERNELS: [(&str, Run, Run); 19] = [
    row!(g711::decode_mu, Portable::decode_mu, |d| (&d.codes, &mut d.samples)),
    row!(g711::decode_a, Portable::decode_a, |d| (&d.codes, &mut d.samples)),
    row!(g711::encode_mu, Portable::encode_mu, |d| (&d.frame, &mut d.bytes)),
    row!(g711::encode_a, Portable::encode_a, |d| (&d.frame, &mut d.bytes)),
    row!(simd::add, Portable::add, |d| (&mut d.totals, &d.frame)),
    row!(simd::subtract, Portable::subtract, |d| (&mut d.totals, &d.frame)),
    row!(simd::add_scaled, Portable::add_scaled, |d| (&mut d.totals, &d.frame, d.slope)),
    row!(simd::scale, Portable::scale, |d| (&mut d.totals, d.slope)),
    row!(simd::narrow, Portable::narrow, |d| (&d.sum, &mut d.samples)),
    row!(simd::limit, Portable::limit, |d| (&d.sum, &mut d.samples, d.bend)),
    row!(simd::peak, Portable::peak, |d| (&d.sum)),
    row!(simd::frame_peak, Portable::frame_peak, |d| (&d.frame)),
    row!(simd::energy, Portable::energy, |d| (&d.frame)),
    row!(simd::measure, Portable::measure, |d| (&d.frame)),
    row!(simd::amplify, Portable::amplify, |d| (&mut d.samples, d.swell)),
    row!(simd::dot, Portable::dot, |d| (&d.frame, &d.samples)),
    row!(simd::autocorrelation, Portable::autocorrelation, |d| (&d.block)),
    row!(simd::correlate, Portable::correlate, |d| (&d.block, &d.rows)),
    row!(simd::windowed_energy, Portable::windowed_energy, |d| (&d.block, &d.rows[0])),
];

/// Samples of 20 ms at 8 kHz.
const FRAME: usize = 160;
/// Pairs of turns.
const PAIRS: usize = 31;
/// Runs of a kernel in a turn.
const RUNS: u32 = 4_000;
