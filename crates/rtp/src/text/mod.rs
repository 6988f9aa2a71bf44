//! Real-time text (T.140) in RTP (RFC 4103), with redundancy (RFC 2198): one stream each way, as pure
//! state machines over packets and instants.
//!
//! A [`Receiver`] turns packets into characters in their order: lost ones are taken from the packets
//! after them, and what is lost for good is marked by [`LOST`]. A [`Sender`] turns characters into
//! packets, one each 300 ms at most, each of which repeats the two before it. Both hold all memory
//! they ever need, allocate nothing later, and overwrite it when dropped.
//!
//! Text is passed on as it comes, erasures and control characters included: what they do is the
//! reader's screen's affair. Only the byte order mark, which has no meaning but to begin with
//! (T.140 §8.3), is left out.
//!
//! # Assumptions
//! - There are no reports about text. RFC 3550 §6 recommends them and RFC 4103 works without: what is
//!   lost is repeated or marked whatever they say, three packets a second beside fifty of sound leave
//!   nothing to slow down (RFC 4103 §8), and whether a peer is still there is told by the reports of
//!   its sound or by OPTIONS. The peer's own about text are read over.
//! - Blocks of more than 1023 bytes, which could not be repeated, are refused.

mod queue;
mod receiver;
mod redundancy;
mod sender;
mod utf8;

pub use queue::Queue;
pub use receiver::Receiver;
pub use sender::Sender;

/// Takes the place of text that was lost (RFC 4103 §5.4).
pub const LOST: char = '\u{fffd}';
