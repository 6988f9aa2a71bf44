//! A simulated phone: real SIP and RTP on real sockets, with a voice and ears of its own.
//!
//! It plays the parties of `northline demo` and of the end-to-end tests. It is no softphone: no
//! microphone, no jitter buffer, UDP only, and its ears keep all they hear in memory.

mod call;
mod ears;
mod fft;
mod journal;
mod line;
pub mod listen;
mod mouth;
#[expect(clippy::module_inception, reason = "the noun of this folder")]
mod phone;
mod registration;
mod settings;
#[cfg(test)]
mod tests;
mod voice;

pub use call::{Call, KeyStyle};
pub use ears::Heard;
pub use journal::PhoneEvent;
pub use mouth::Spoken;
pub use phone::Phone;
pub use registration::RegisterError;
pub use settings::{Account, AnswerPolicy, PhoneSettings};
