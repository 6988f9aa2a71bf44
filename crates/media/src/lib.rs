//! One media shard without its sockets, and the control side that negotiates for it.
//!
//! [`Negotiator`] owns the offer/answer state of every leg and may allocate; [`Shard`] owns what
//! happens per packet and per frame and may not: whatever a leg, a room or a request will ever need
//! in the shard comes in with its command, and what it replaces goes back by
//! [`ShardEvent::Retired`]. Only Opus, inside its own codec, uses the heap. The driver (`media-io`) carries
//! [`ShardCommand`]s from one to the other, packets to and from sockets, and drops what
//! [`ShardEvent::Retired`] hands back.
//!
//! # Assumptions
//! - Frames are 20 ms, and so are packets unless the peer asks for another time of 10 to 60 ms
//!   (`pacer`); what comes in may be 10 to 60 ms.
//! - Digits to be sent wait while the peer holds us; prompts and music run on, unheard.

mod allowance;
mod clock;
mod coding;
mod comfort;
mod command;
mod common;
mod edition;
mod editions;
mod events;
mod hush;
mod inbound;
mod keys;
mod leg;
mod legs;
mod library;
mod life;
mod loudest;
mod loudness;
mod members;
mod mix;
mod negotiator;
mod outbound;
mod outlet;
mod pacer;
mod pairs;
mod plain;
mod player;
mod presses;
mod revival;
mod room;
mod rooms;
mod shard;
mod shared;
mod suppression;
mod text;
mod transmits;
mod treatment;
mod tuning;
mod voice;
mod wheel;

pub use coding::Coding;
pub use command::{Channel, Output, Retired, ShardCommand, ShardEvent, Source, Terms};
pub use edition::Edition;
pub use keys::Rekey;
pub use leg::Leg;
pub use legs::Seat;
pub use library::Library;
pub use negotiator::{Bound, Negotiator, Reports};
pub use player::{Playlist, Track};
pub use revival::Loss;
pub use room::Room;
pub use shard::Shard;
pub use text::{TextLine, TextTerms};
pub use transmits::Transmit;
