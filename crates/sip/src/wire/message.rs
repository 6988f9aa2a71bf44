//! Requests and responses as values, and their bytes.

use std::fmt::{self, Write as _};

use bytes::Bytes;

use super::{Headers, Method, ParseError, Uri, parse, reason_phrase, text};

/// A request or a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// RFC 3261 §7.1.
    Request(Request),
    /// RFC 3261 §7.2.
    Response(Response),
}

/// A request.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What it asks for.
    pub method: Method,
    /// The Request-URI.
    pub uri: Uri,
    /// Its header fields; Content-Length is written by [`Request::to_bytes`].
    pub headers: Headers,
    /// Its body.
    pub body: Bytes,
}

/// A response.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// 100–699.
    pub status: u16,
    /// A reason phrase that says more than the status's own (RFC 3261 §21.4.1).
    pub reason: Option<&'static str>,
    /// Its header fields; Content-Length is written by [`Response::to_bytes`].
    pub headers: Headers,
    /// Its body.
    pub body: Bytes,
}

impl Message {
    /// Reads a datagram, or a message a [`super::Framer`] cut from a stream.
    pub fn parse(bytes: &[u8]) -> Result<Self, ParseError> {
        parse::read(bytes).map(|(message, _)| message)
    }

    /// The message for the wire.
    pub fn to_bytes(&self) -> Bytes {
        match self {
            Self::Request(request) => request.to_bytes(),
            Self::Response(response) => response.to_bytes(),
        }
    }

    /// Its header fields.
    pub const fn headers(&self) -> &Headers {
        match self {
            Self::Request(request) => &request.headers,
            Self::Response(response) => &response.headers,
        }
    }
}

impl Request {
    /// A request without header fields and body.
    pub fn new(method: Method, uri: Uri) -> Self {
        Self { method, uri, headers: Headers::default(), body: Bytes::new() }
    }

    /// The request for the wire, with the right Content-Length.
    pub fn to_bytes(&self) -> Bytes {
        let (method, uri) = (self.method.as_str(), self.uri.to_wire());
        write(format_args!("{method} {uri} SIP/2.0"), &self.headers, &self.body)
    }
}

impl Response {
    /// A response to a request with these header fields: Via, From, To, Call-ID and CSeq are copied
    /// byte for byte (RFC 3261 §8.2.6.2); a To tag is the caller's to add.
    pub fn to(request: &Headers, status: u16) -> Self {
        let mut headers = Headers::default();
        headers.copy("Via", request);
        for name in ["From", "To", "Call-ID", "CSeq"] {
            if let Some(value) = request.get(name) {
                headers.push(name, value);
            }
        }
        Self { status, reason: None, headers, body: Bytes::new() }
    }

    /// The response for the wire, with the right Content-Length.
    pub fn to_bytes(&self) -> Bytes {
        let reason = self.reason.unwrap_or_else(|| reason_phrase(self.status));
        write(format_args!("SIP/2.0 {} {reason}", self.status), &self.headers, &self.body)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Request({:?})", self.method)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Response({})", self.status)
    }
}

fn write(start: fmt::Arguments<'_>, headers: &Headers, body: &[u8]) -> Bytes {
    let mut head = String::with_capacity(ROOM + body.len());
    let _ = write!(head, "{start}\r\n");
    for (name, value) in headers.iter().filter(|(name, _)| !is_length(name)) {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let _ = write!(head, "Content-Length: {}\r\n\r\n", body.len());
    let mut bytes = text::encode(head);
    bytes.extend_from_slice(body);
    bytes.into()
}

fn is_length(name: &str) -> bool {
    name.eq_ignore_ascii_case("Content-Length")
}

/// What nearly every head has room in.
const ROOM: usize = 1024;
