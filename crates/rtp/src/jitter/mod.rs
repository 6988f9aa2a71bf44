//! The jitter buffer, in two halves: [`Reception`] holds what arrived of one source, [`Playout`]
//! is one listener's way through it.
//!
//! Two halves, because the listeners of a room take their frames at different instants and each
//! must hear an unbroken stream: drift, jitter and a moved instant are one and the same thing to a
//! playout. Neither knows codecs or packets' payloads; both count in samples of the source's
//! clock.

mod arrivals;
mod effort;
mod highest;
mod playout;
mod reception;
mod stretch;
mod surplus;

pub use arrivals::{Arrival, Arrivals};
pub use effort::Effort;
pub use playout::{Heard, Playout};
pub use reception::Reception;
