//! The same hotline, whole: real signalling, decisions and media on one side, real phones with
//! real RTP on the other, and a seeded lossy network between them, all on one virtual clock.
//!
//! Each person speaks a tone of her own and each recording is a chord of its own, so that what
//! anyone hears is measured in the audio. No socket, no thread.

mod cipher;
mod datagram;
mod ear;
mod hotline;
mod mouth;
mod network;
mod node;
mod party;
mod phone;
mod registration;
mod sounds;
mod world;

pub use hotline::Hotline;
pub use network::{Network, Weather};
pub use party::{Party, hear_exactly};
pub use world::{Climate, World};
