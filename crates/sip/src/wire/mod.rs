//! SIP messages as bytes and as typed values (RFC 3261 §7, §19, §20, §25).
//!
//! `rsip` reads start lines and header lists; everything it cannot represent is made representable
//! by `normalise` first and put back afterwards. Via, name-addr, URIs, CSeq, credentials and
//! Content-Length are read here, because rsip 0.4 reads them wrongly. No other module uses rsip.
//!
//! Not here: what a message means (transactions, dialogs), and any socket.

mod credentials;
mod cseq;
mod extension;
mod framing;
mod headers;
mod host;
mod lexer;
mod message;
mod method;
mod multipart;
mod name_addr;
mod normalise;
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
pub use status::reason_phrase;
pub use uri::{Scheme, Uri};
pub use via::Via;
