//! SIP messages as bytes and as typed values (RFC 3261 §7, §19, §20, §25).
//!
//! A message is read once: `head` has rsip split it into method and header fields, `parse` checks
//! what every message must have, and each field's own grammar stands in the file of its name,
//! since rsip 0.4 reads Via, name-addr, URIs, CSeq and credentials wrongly (`tests/rsip_faults`).
//! No other module uses rsip.
//!
//! Not here: what a message means (transactions, dialogs), and any socket.

mod credentials;
mod cseq;
mod extension;
mod framing;
mod head;
mod headers;
mod host;
mod lexer;
mod message;
mod method;
mod multipart;
mod name_addr;
mod params;
mod parse;
mod status;
#[cfg(test)]
mod tests;
mod text;
mod uri;
mod via;

pub use credentials::{AuthParams, Challenge, Credentials};
pub use cseq::CSeq;
pub use extension::{RAck, Refresher, Replaces, SessionExpires};
pub use framing::{Frame, Framer, FramingError};
pub use headers::{HeaderError, HeaderFault, Headers};
pub use host::Host;
pub(crate) use lexer::quote;
pub use message::{Message, Request, Response};
pub use method::Method;
pub use multipart::{Part, parameter, parts};
pub use name_addr::{Contacts, NameAddr};
pub use params::Params;
pub use parse::{DropReason, ParseError};
pub(crate) use parse::{Essentials, read};
pub use status::reason_phrase;
pub use uri::{Scheme, Uri};
pub use via::Via;
