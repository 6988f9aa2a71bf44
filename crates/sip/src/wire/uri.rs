//! SIP, SIPS and tel URIs (RFC 3261 §19.1, RFC 3966); any other scheme is kept opaque, so that the
//! endpoint can answer 416.

use std::fmt;
use std::net::SocketAddr;

use model::Pii;

use super::headers::VALUE;
use super::host::{parse_host_port, write_host_port};
use super::{HeaderFault, Host, Params};

/// The scheme of a URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `sip:`
    Sip,
    /// `sips:`
    Sips,
    /// `tel:`
    Tel,
    /// Anything else, in lower case.
    Other(String),
}

/// A URI; whoever it names, it prints as `Uri(..)`.
#[derive(Clone, PartialEq, Eq)]
pub struct Uri {
    /// Its scheme.
    pub scheme: Scheme,
    /// The user part as written, with its escapes (and a password, if a peer still sends one); the
    /// number of a tel URI; all of a URI of another scheme. [`Uri::user`] is without escapes.
    pub user: Option<Pii<String>>,
    /// `Some` exactly for sip and sips.
    pub host: Option<Host>,
    /// The port, if written.
    pub port: Option<u16>,
    /// Its parameters.
    pub params: Params,
    /// What follows `?`, as written.
    pub headers: Option<Pii<String>>,
}

impl Uri {
    /// Parses a URI without brackets or white space around it.
    pub fn parse(text: &str) -> Result<Self, HeaderFault> {
        let (scheme, rest) = text.split_once(':').ok_or(HeaderFault)?;
        if rest.is_empty() || has_odd_character(rest) {
            return Err(HeaderFault);
        }
        let is = |name| scheme.eq_ignore_ascii_case(name);
        match scheme {
            _ if is("sip") => Self::parse_sip(Scheme::Sip, rest),
            _ if is("sips") => Self::parse_sip(Scheme::Sips, rest),
            _ if is("tel") => Self::parse_tel(rest),
            other if is_scheme(other) => {
                Ok(Self::opaque(Scheme::Other(other.to_ascii_lowercase()), rest))
            }
            _ => Err(HeaderFault),
        }
    }

    /// `sip:user@host:port`, escaping what a user part may not hold.
    pub fn sip(user: Option<&str>, host: impl Into<Host>, port: Option<u16>) -> Self {
        let user = user.map(|user| Pii::new(escape(user)));
        Self { user, host: Some(host.into()), port, ..Self::opaque(Scheme::Sip, "") }
    }

    /// `sip:user@address`.
    pub fn at(user: Option<&str>, address: SocketAddr) -> Self {
        Self::sip(user, address.ip(), Some(address.port()))
    }

    /// The user part or telephone number without escapes and password.
    pub fn user(&self) -> Option<Pii<String>> {
        let written = self.user.as_ref()?.reveal();
        let user = written.split_once(':').map_or(written.as_str(), |(user, _)| user);
        Some(Pii::new(unescape(user)))
    }

    /// The value of a header field that the URI carries (§19.1.1), without escapes.
    pub fn header(&self, name: &str) -> Option<String> {
        let headers = self.headers.as_ref()?.reveal();
        let mut fields = headers.split('&').filter_map(|field| field.split_once('='));
        let found = fields.find(|(field, _)| unescape(field).eq_ignore_ascii_case(name));
        found.map(|(_, value)| unescape(value))
    }

    /// Whether `lr` marks a loose router (RFC 3261 §19.1.1).
    pub fn is_loose_router(&self) -> bool {
        self.params.has("lr")
    }

    /// As on the wire.
    pub fn to_wire(&self) -> String {
        let mut out = String::with_capacity(VALUE);
        self.write(&mut out);
        out
    }

    /// Appends it as on the wire.
    pub(super) fn write(&self, out: &mut String) {
        out.extend([self.scheme.as_str(), ":"]);
        if let Some(user) = &self.user {
            out.push_str(user.reveal());
        }
        if let Some(host) = &self.host {
            if self.user.is_some() {
                out.push('@');
            }
            write_host_port(out, host, self.port);
        }
        self.params.write(out);
        if let Some(headers) = &self.headers {
            out.push('?');
            out.push_str(headers.reveal());
        }
    }

    fn parse_sip(scheme: Scheme, rest: &str) -> Result<Self, HeaderFault> {
        // The user part may hold `;` and `?` (RFC 4475 §3.1.1.9); `@` stands nowhere else.
        let (user, rest) = match rest.split_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        if user.is_some_and(|user| user.is_empty() || !has_sound_escapes(user)) {
            return Err(HeaderFault);
        }
        let (rest, headers) = match rest.split_once('?') {
            Some((rest, headers)) => (rest, Some(Pii::new(headers.to_owned()))),
            None => (rest, None),
        };
        let (host_port, params) = split_params(rest);
        let (host, port) = parse_host_port(host_port)?;
        let user = user.map(|user| Pii::new(user.to_owned()));
        Ok(Self { scheme, user, host: Some(host), port, params: Params::parse(params)?, headers })
    }

    fn parse_tel(rest: &str) -> Result<Self, HeaderFault> {
        let (number, params) = split_params(rest);
        let fits = |b: u8| b.is_ascii_hexdigit() || b"+-.()*#".contains(&b);
        if number.is_empty() || !number.bytes().all(fits) {
            return Err(HeaderFault);
        }
        Ok(Self { params: Params::parse(params)?, ..Self::opaque(Scheme::Tel, number) })
    }

    fn opaque(scheme: Scheme, rest: &str) -> Self {
        let user = Some(Pii::new(rest.to_owned()));
        Self { scheme, user, host: None, port: None, params: Params::default(), headers: None }
    }
}

impl Scheme {
    fn as_str(&self) -> &str {
        match self {
            Self::Sip => "sip",
            Self::Sips => "sips",
            Self::Tel => "tel",
            Self::Other(scheme) => scheme,
        }
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Uri(..)")
    }
}

/// The text before the first `;`, and the text from there on.
fn split_params(text: &str) -> (&str, &str) {
    text.split_at(text.find(';').unwrap_or(text.len()))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// White space, a control character, a bracket or a quote.
fn has_odd_character(text: &str) -> bool {
    let is_odd = |b: u8| b <= b' ' || matches!(b, b'<' | b'>' | b'"' | 0x7f);
    let is_odd_beyond = |c: char| c.is_whitespace() || c.is_control();
    text.bytes().any(is_odd) || (!text.is_ascii() && text.contains(is_odd_beyond))
}

fn has_sound_escapes(text: &str) -> bool {
    let digit = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
    let bytes = text.as_bytes();
    let mut escapes = (0..bytes.len()).filter(|&at| bytes[at] == b'%');
    escapes.all(|at| digit(bytes.get(at + 1)) && digit(bytes.get(at + 2)))
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = if *first == b'%' { tail.get(..2).and_then(hex_value) } else { None };
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_value(digits: &[u8]) -> Option<u8> {
    u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// Escapes everything but `unreserved` and `user-unreserved` (RFC 3261 §25.1).
fn escape(user: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,;?/".contains(&b);
    let mut out = String::with_capacity(user.len());
    for byte in user.bytes() {
        if plain(byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
