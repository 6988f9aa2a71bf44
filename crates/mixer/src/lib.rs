//! The arithmetic of mixing: gains on their way, sums, and their limit.
//!
//! Kernels without legs, packets or time: who hears whom is a list of pairs in `media`, which also
//! decides when a listener is mixed. Frames are mono `i16` of up to [`MAX_FRAME`] samples, full
//! scale ±32 767, sums are `i32`. Everything is real-time safe: no heap, no lock, bounded.

mod duck;
mod limiter;
mod ramp;
mod sum;

pub use duck::Duck;
pub use limiter::Limiter;
pub use ramp::Ramp;
pub use sum::{MAX_FRAME, Sum};
