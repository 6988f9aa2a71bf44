//! RTP (RFC 3550, 3551, 4103, 4733): packets, reports, digits, text, the jitter buffer and the rule
//! from which source a leg's media is taken. Not sockets, not the mix.
//!
//! Everything a shard runs per packet is real-time safe: no heap, bounded time.

pub mod jitter;
mod latch;
mod packet;
pub mod quality;
pub mod rtcp;
pub mod srtp;
mod statistics;
pub mod telephone_event;
pub mod text;

pub use latch::{Latch, Verdict};
pub use packet::{Header, Packet, PacketError, is_rtcp};
pub use statistics::Statistics;
