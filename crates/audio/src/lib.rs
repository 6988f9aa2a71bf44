//! Kernels on mono 16-bit audio: codecs, change of rate, concealment of loss, level and speech,
//! tones, WAV.
//!
//! Samples are `i16` with full scale ±32 767. Everything a shard runs per packet is real-time
//! safe: no heap, no lock, bounded time; what allocates (recordings, whatever is made anew) says so.

mod auto_level;
pub mod codec;
pub mod comfort_noise;
mod concealment;
pub mod dtmf;
mod level;
mod likeness;
mod noise_suppression;
mod offset;
mod resample;
pub mod tone;
pub mod wav;

pub use auto_level::{AutoLevel, TARGET_DBOV};
pub use concealment::Concealment;
pub use level::{Measure, SpeechDetector, level_dbov, peak};
pub use likeness::{likest, thin};
pub use noise_suppression::NoiseSuppressor;
pub use offset::OffsetRemoval;
pub use resample::{Resampler, resample};
pub use simd::g711;
