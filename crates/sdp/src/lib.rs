//! Session descriptions (RFC 8866) and offer/answer for one audio stream (RFC 3264).
//!
//! [`Description`] is the text as a value; [`Session`] is the state of one leg's exchanges. No
//! socket and no clock: what is agreed leaves as [`Agreed`], for the shard to act on. Descriptions
//! name a caller's address, so nothing here prints one.

mod agreed;
mod description;
mod error;
mod session;

pub use agreed::{Agreed, Codec, Law, Local};
pub use description::Description;
pub use error::{AnswerError, SdpError};
pub use session::Session;
