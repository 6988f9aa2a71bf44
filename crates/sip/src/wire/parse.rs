//! From bytes to a [`Message`], and what to do with bytes that are none (RFC 3261 §7, §18.3, §21.4).
//!
//! # Assumptions
//! - A message of more than 30 Via hops is dropped: nobody legitimate is that far away, and the
//!   answer would be as large as the request.
//! - A faulty ACK and a faulty response are dropped, since neither is ever answered.

use bytes::Bytes;

use super::head::{Head, Start, split_head};
use super::{CSeq, HeaderError, Headers, Message, Method, NameAddr, Request, Response, Uri, Via};

/// Why bytes are no message for us.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// Answer this, built from what could be read.
    #[error("refused with {}", response.status)]
    Refuse {
        /// The answer, without a To tag.
        response: Box<Response>,
    },
    /// Nothing to answer.
    #[error(transparent)]
    Drop(#[from] DropReason),
}

/// Why bytes are dropped; counted, never logged with their text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum DropReason {
    /// Only line ends (RFC 3261 §7.5, RFC 5626 §3.5.1).
    #[error("keep-alive")]
    KeepAlive,
    /// No start line of SIP.
    #[error("not SIP")]
    NotSip,
    /// A request whose answer would have no way back.
    #[error("no Via")]
    NoVia,
    /// More hops than allowed.
    #[error("too many Via")]
    TooManyVias,
    /// A response or an ACK with a fault.
    #[error("malformed")]
    Malformed,
}

/// The longest message, larger than any datagram.
pub(super) const MAX_MESSAGE: usize = 64 * 1024;
/// The most header fields.
pub(super) const MAX_FIELDS: usize = 100;
/// The most hops.
pub(super) const MAX_VIAS: usize = 30;
/// The longest Request-URI in bytes.
pub(super) const MAX_URI: usize = 2048;

/// What every message has (RFC 3261 §8.1.1), read.
pub(crate) struct Essentials {
    /// The topmost hop.
    pub(crate) via: Via,
    pub(crate) from: NameAddr,
    pub(crate) to: NameAddr,
    pub(crate) cseq: CSeq,
}

/// See [`Message::parse`].
pub(crate) fn read(bytes: &[u8]) -> Result<(Message, Essentials), ParseError> {
    let start = bytes.iter().position(|b| !matches!(b, b'\r' | b'\n'));
    let bytes = &bytes[start.ok_or(DropReason::KeepAlive)?..];
    let whole = split_head(bytes);
    let (head, body) = whole.unwrap_or((bytes, &[]));
    let Head { start, mut headers, has_odd_line } = Head::read(head);
    let fault = if bytes.len() > MAX_MESSAGE {
        Some(Fault(513, "Message Too Large"))
    } else if headers.len() > MAX_FIELDS {
        Some(Fault(400, "Too Many Header Fields"))
    } else if has_odd_line || whole.is_none() {
        Some(Fault(400, "Malformed Header Field"))
    } else {
        None
    };
    headers.truncate(MAX_FIELDS);
    match start {
        Start::Response { status } if fault.is_none() => response(status, headers, body),
        Start::Response { .. } => Err(DropReason::Malformed.into()),
        Start::Request { method, uri, version_2 } => {
            let fault = if version_2 { fault } else { Some(Fault(505, "Version Not Supported")) };
            request(method, &uri, headers, body, fault)
        }
        Start::OtherResponse | Start::NotSip => Err(DropReason::NotSip.into()),
    }
}

/// A status and the reason phrase that says what is wrong.
struct Fault(u16, &'static str);

fn request(
    method: Method,
    uri: &str,
    headers: Headers,
    body: &[u8],
    fault: Option<Fault>,
) -> Result<(Message, Essentials), ParseError> {
    let vias = headers.vias();
    if vias.as_ref().is_ok_and(|vias| vias.len() > MAX_VIAS) {
        return Err(DropReason::TooManyVias.into());
    }
    let checked = match fault {
        Some(fault) => Err(fault),
        None => check_request(&method, uri, (&headers, vias), body),
    };
    match checked {
        Ok((uri, essentials, body)) => {
            Ok((Message::Request(Request { method, uri, headers, body }), essentials))
        }
        Err(_) if method == Method::Ack => Err(DropReason::Malformed.into()),
        Err(_) if headers.get("Via").is_none() => Err(DropReason::NoVia.into()),
        Err(Fault(status, reason)) => {
            let response = Response { reason: Some(reason), ..Response::to(&headers, status) };
            Err(ParseError::Refuse { response: Box::new(response) })
        }
    }
}

fn response(
    status: u16,
    headers: Headers,
    body: &[u8],
) -> Result<(Message, Essentials), ParseError> {
    let vias = headers.vias().or(Err(DropReason::Malformed))?;
    if vias.len() > MAX_VIAS {
        return Err(DropReason::TooManyVias.into());
    }
    let essentials = check_fields(&headers, Ok(vias)).or(Err(DropReason::Malformed))?;
    let body = check_body(&headers, body).or(Err(DropReason::Malformed))?;
    Ok((Message::Response(Response { status, reason: None, headers, body }), essentials))
}

fn check_request(
    method: &Method,
    uri: &str,
    (headers, vias): (&Headers, Result<Vec<Via>, HeaderError>),
    body: &[u8],
) -> Result<(Uri, Essentials, Bytes), Fault> {
    if uri.len() > MAX_URI {
        return Err(Fault(414, "Request-URI Too Long"));
    }
    let uri = Uri::parse(uri).or(Err(Fault(400, "Malformed Request-URI")))?;
    headers.max_forwards()?;
    // RFC 3261 §8.1.1.5: the method of CSeq is that of the request.
    let essentials = check_fields(headers, vias)?;
    if essentials.cseq.method != *method {
        return Err(Fault(400, "CSeq Method Mismatch"));
    }
    Ok((uri, essentials, check_body(headers, body)?))
}

/// The header fields every message has (RFC 3261 §8.1.1); Max-Forwards may be absent, as in
/// RFC 2543.
fn check_fields(
    headers: &Headers,
    vias: Result<Vec<Via>, HeaderError>,
) -> Result<Essentials, HeaderError> {
    for name in ["From", "To", "Call-ID", "CSeq"] {
        if headers.all(name).nth(1).is_some() {
            return Err(HeaderError::Repeated(name));
        }
    }
    let via = vias?.into_iter().next().ok_or(HeaderError::Missing("Via"))?;
    let (from, to) = (headers.from()?, headers.to()?);
    headers.call_id()?;
    Ok(Essentials { via, from, to, cseq: headers.cseq()? })
}

/// The body as long as Content-Length says; a longer datagram is cut, a shorter one is a fault
/// (RFC 3261 §18.3).
fn check_body(headers: &Headers, body: &[u8]) -> Result<Bytes, HeaderError> {
    let length = headers.content_length()?.unwrap_or(body.len());
    let body = body.get(..length).ok_or(HeaderError::Malformed("Content-Length"))?;
    Ok(Bytes::copy_from_slice(body))
}

impl From<HeaderError> for Fault {
    fn from(error: HeaderError) -> Self {
        // RFC 3261 §21.4.1: the reason phrase names the header field.
        Self(
            400,
            match error {
                HeaderError::Missing("Via") => "Missing Via Header Field",
                HeaderError::Missing("From") => "Missing From Header Field",
                HeaderError::Missing("To") => "Missing To Header Field",
                HeaderError::Missing("Call-ID") => "Missing Call-ID Header Field",
                HeaderError::Missing("CSeq") => "Missing CSeq Header Field",
                HeaderError::Missing(_) => "Missing Header Field",
                HeaderError::Malformed("Via") => "Malformed Via Header Field",
                HeaderError::Malformed("From") => "Malformed From Header Field",
                HeaderError::Malformed("To") => "Malformed To Header Field",
                HeaderError::Malformed("Call-ID") => "Malformed Call-ID Header Field",
                HeaderError::Malformed("CSeq") => "Malformed CSeq Header Field",
                HeaderError::Malformed("Max-Forwards") => "Malformed Max-Forwards Header Field",
                HeaderError::Malformed("Content-Length") => "Malformed Content-Length Header Field",
                HeaderError::Malformed(_) => "Malformed Header Field",
                HeaderError::Repeated(_) => "Repeated Header Field",
            },
        )
    }
}
