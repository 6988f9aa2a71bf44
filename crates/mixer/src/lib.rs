//! The mixing core: who hears whom, at what gain.
//!
//! Kernels and one small value per room, without legs, packets or time; `media` decides when a
//! listener is mixed. Frames are mono `i16` of up to [`MAX_FRAME`] samples, full scale ±32 767,
//! sums are `i32`. Everything but [`Matrix::new`] is real-time safe: no heap, no lock, bounded.

mod limiter;
mod matrix;
mod ramp;
mod sum;

pub use limiter::Limiter;
pub use matrix::{MAX_SLOTS, Matrix, mix_listener};
pub use ramp::Ramp;
pub use sum::{MAX_FRAME, Sum};
