//! A hotline on a virtual clock: the real switchboard with simulated phones and a simulated shard,
//! so that a test reads like a call and runs in milliseconds.
//!
//! Nothing here opens a socket. What a party is told, plays and may hear is taken from the
//! switchboard's own commands; [`wire`] is the same hotline with its real signalling and audio.

mod crowd;
mod hotline;
mod house;
mod party;
mod shard;
mod text;
pub mod wire;
mod world;

pub use crowd::{Deed, Presence, Who};
pub use hotline::Hotline;
pub use house::{ADVOCATES, VENDORS};
pub use party::{Advocate, Caller, Party, Vendor};
pub use text::Writer;
pub use world::World;
