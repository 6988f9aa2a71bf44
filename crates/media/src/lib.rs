//! One media shard without its sockets, and the control side that negotiates for it.
//!
//! [`Negotiator`] owns the offer/answer state of every leg and may allocate; [`Shard`] owns what
//! happens per packet and per frame and may not. The driver (`media-io`) carries
//! [`ShardCommand`]s from one to the other, packets to and from sockets, and drops what
//! [`ShardEvent::Retired`] hands back.

mod clock;
mod command;
mod events;
mod inbound;
mod leg;
mod legs;
mod library;
mod life;
mod mix;
mod negotiator;
mod outbound;
mod player;
mod room;
mod shard;

pub use command::{Channel, Output, Retired, ShardCommand, ShardEvent, Source, Terms, Transmit};
pub use leg::Leg;
pub use library::Library;
pub use negotiator::Negotiator;
pub use player::{Playlist, Track};
pub use room::Room;
pub use shard::Shard;
