//! Vector kernels for telephone audio behind safe functions.
//!
//! Each kernel is one plain loop, compiled twice: for AVX2, and for what every processor of the
//! target has. Where AVX2 has an instruction that no loop becomes, it is written out beside the
//! loop. Which one runs is found out at run time, and both give the same bits; G.711 has tables
//! instead of its loop where there is no AVX2. Everything is O(n) and real-time safe: no heap, no
//! lock. Lengths may be anything; where two slices differ, the shorter one counts.
//!
//! Full scale of a sample is ±32 767 (`i16`); sums are `i32` in units of one such step and wrap,
//! which 65 535 frames at unity never reach.
//!
//! [`bring_near`] is no kernel: it asks for memory before it is needed.
//!
//! Not here: what the numbers mean. `audio` and `mixer` know companding laws, gains and levels.

mod dispatch;
pub mod g711;
mod level;
mod limit;
mod near;
mod product;
mod sum;
mod swell;
#[cfg(target_arch = "x86_64")]
mod words;

pub use dispatch::Portable;
pub use level::{Measure, energy, frame_peak, measure, peak};
pub use limit::{Bend, limit, narrow};
pub use near::bring_near;
pub use product::{Block, autocorrelation, correlate, dot, windowed_energy};
pub use sum::{GAIN_BITS, Slope, add, add_scaled, scale, subtract};
pub use swell::{Swell, amplify};
