//! Real-time text beside a leg's sound (RFC 4103): a stream each way on a port of its own, and the
//! relay between those who may read each other, which are those who may hear each other.
//!
//! Text is never kept: it waits in bounded queues until it is sent, and is overwritten with them.

mod feed;
mod line;
mod relay;
mod writing;

pub use line::TextLine;
pub use line::TextTerms;
pub(crate) use relay::{cut, relay, show, wake};
pub(crate) use writing::Writing;
