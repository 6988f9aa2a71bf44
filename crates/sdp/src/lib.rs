//! Session descriptions (RFC 8866) and offer/answer (RFC 3264) for one audio stream and the
//! real-time text beside it (RFC 4103).
//!
//! [`Description`] is the text as a value; [`Session`] is the state of one leg's exchanges. No
//! socket and no clock: what is agreed leaves as [`Agreed`], for the shard to act on. Descriptions
//! name a caller's address and the keys of her voice, so nothing here prints one.

mod agreed;
mod crypto;
mod description;
mod error;
mod format;
mod parse;
mod security;
mod session;
mod stream;
mod text;
mod write;

pub use agreed::{Agreed, Local};
pub use crypto::Crypto;
pub use description::{
    Address, Description, MAX_BYTES, MAX_CRYPTO, MAX_FORMATS, MAX_MEDIA, Mapping, Media, Origin,
    RtcpAddress,
};
pub use error::{AnswerError, SdpError};
pub use format::Format;
pub use security::Keys;
pub use session::Session;
pub use text::Text;
