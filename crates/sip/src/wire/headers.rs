//! The header fields of a message, in order, with typed access.
//!
//! Not here: folding and compact names, which `head` has undone before.

use std::borrow::Cow;
use std::fmt;

use super::credentials::AuthParams;
use super::{CSeq, Challenge, Contacts, Credentials, NameAddr, Via, lexer};

/// Something that does not follow its grammar; says nothing of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed header field value")]
pub struct HeaderFault;

/// Why a header field cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It is not there.
    #[error("missing {0}")]
    Missing(&'static str),
    /// It does not follow its grammar.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// It may stand only once (RFC 3261 §7.3.1).
    #[error("repeated {0}")]
    Repeated(&'static str),
}

/// Header fields in their order; names compare without case. Invariant: no name or value holds
/// CR or LF, so no value can begin a header field of its own.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(Cow<'static, str>, String)>);

impl Headers {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.position(name).map(|at| self.0[at].1.as_str())
    }

    /// All values of `name`, one for each line.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
    }

    /// How many lines there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Keeps the first `most` lines.
    pub(super) fn truncate(&mut self, most: usize) {
        self.0.truncate(most);
    }

    /// Adds a line at the end.
    pub fn push(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.push((name.into(), one_line(value.into())));
    }

    /// Adds a line that was read as one, so that it holds neither CR nor LF.
    pub(super) fn push_line(&mut self, name: Cow<'static, str>, value: &str) {
        self.0.push((name, value.to_owned()));
    }

    /// Adds a line before all others.
    pub fn push_front(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.0.insert(0, (name.into(), one_line(value.into())));
    }

    /// Makes `value` the only value of `name`, in the place of the first.
    pub fn set(&mut self, name: &'static str, value: impl Into<String>) {
        let at = self.position(name).unwrap_or(self.0.len());
        self.remove(name);
        self.0.insert(at, (name.into(), one_line(value.into())));
    }

    /// Takes all values of `name` out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// Copies all lines of `name` from `other`, byte for byte.
    pub fn copy(&mut self, name: &'static str, other: &Self) {
        self.0.extend(other.all(name).map(|value| (name.into(), value.to_owned())));
    }

    /// All hops, topmost first.
    pub fn vias(&self) -> Result<Vec<Via>, HeaderError> {
        self.values("Via", Via::parse)
    }

    /// The topmost hop.
    pub fn top_via(&self) -> Result<Via, HeaderError> {
        let via = self.each("Via", Via::parse).next().ok_or(HeaderError::Missing("Via"))?;
        via.or(Err(HeaderError::Malformed("Via")))
    }

    /// Replaces the topmost hop and keeps the others as they were written.
    pub fn set_top_via(&mut self, via: &Via) {
        let Some(at) = self.position("Via") else { return };
        let line = &self.0[at].1;
        let rest = lexer::find(line, b',').ok().flatten().map_or("", |comma| &line[comma..]);
        self.0[at].1 = via.to_wire() + rest;
    }

    /// Who sent it.
    pub fn from(&self) -> Result<NameAddr, HeaderError> {
        self.single("From", NameAddr::parse)
    }

    /// Whom it is for.
    pub fn to(&self) -> Result<NameAddr, HeaderError> {
        self.single("To", NameAddr::parse)
    }

    /// The Call-ID.
    pub fn call_id(&self) -> Result<&str, HeaderError> {
        match self.get("Call-ID").map(str::trim) {
            None => Err(HeaderError::Missing("Call-ID")),
            Some(id) if id.is_empty() || id.contains(char::is_whitespace) => {
                Err(HeaderError::Malformed("Call-ID"))
            }
            Some(id) => Ok(id),
        }
    }

    /// The CSeq.
    pub fn cseq(&self) -> Result<CSeq, HeaderError> {
        self.single("CSeq", CSeq::parse)
    }

    /// All contacts of all Contact lines; an empty list when there are none.
    pub fn contacts(&self) -> Result<Contacts, HeaderError> {
        let mut lines = self.all("Contact");
        match (lines.next().map(str::trim), lines.next()) {
            (Some("*"), None) => Ok(Contacts::All),
            _ => self.values("Contact", NameAddr::parse).map(Contacts::List),
        }
    }

    /// The Route set of a request, in order.
    pub fn routes(&self) -> Result<Vec<NameAddr>, HeaderError> {
        self.values("Route", NameAddr::parse)
    }

    /// The Record-Route set, in order.
    pub fn record_routes(&self) -> Result<Vec<NameAddr>, HeaderError> {
        self.values("Record-Route", NameAddr::parse)
    }

    /// Max-Forwards, `None` when absent.
    pub fn max_forwards(&self) -> Result<Option<u8>, HeaderError> {
        self.number("Max-Forwards", u8::MAX.into()).and_then(|n| {
            n.map(u8::try_from).transpose().or(Err(HeaderError::Malformed("Max-Forwards")))
        })
    }

    /// Expires in seconds, `None` when absent or faulty, at most 2³²−1 (RFC 3261 §20.19).
    pub fn expires(&self) -> Option<u32> {
        self.number("Expires", u64::MAX).ok()?.map(|n| u32::try_from(n).unwrap_or(u32::MAX))
    }

    /// The Content-Length, `None` when absent.
    pub(super) fn content_length(&self) -> Result<Option<usize>, HeaderError> {
        let length = self.number("Content-Length", u32::MAX.into())?;
        Ok(length.map(|n| usize::try_from(n).unwrap_or(usize::MAX)))
    }

    /// The media type in lower case without its parameters.
    pub fn content_type(&self) -> Option<String> {
        let value = self.get("Content-Type")?;
        let media_type = value.split(';').next()?.split_whitespace().collect::<String>();
        Some(media_type.to_ascii_lowercase())
    }

    /// The tokens of a comma-separated list: Require, Supported, Allow, Accept ...
    pub fn tokens(&self, name: &'static str) -> Result<Vec<&str>, HeaderError> {
        self.each(name, Ok).collect::<Result<_, _>>().or(Err(HeaderError::Malformed(name)))
    }

    /// All Authorization values.
    pub fn authorization(&self) -> Result<Vec<Credentials>, HeaderError> {
        self.lines("Authorization", |text| AuthParams::parse(text).map(Credentials))
    }

    /// All readable challenges of `WWW-Authenticate` or `Proxy-Authenticate`.
    pub fn challenges(&self, name: &'static str) -> Vec<Challenge> {
        self.all(name).filter_map(|text| AuthParams::parse(text).ok().map(Challenge)).collect()
    }

    /// All values of a comma-separated header field, one by one.
    fn each<'a, T>(
        &'a self,
        name: &'static str,
        parse: impl Fn(&'a str) -> Result<T, HeaderFault>,
    ) -> impl Iterator<Item = Result<T, HeaderFault>> {
        self.all(name).flat_map(|line| lexer::split(line, b',')).map(move |value| parse(value?))
    }

    fn values<T>(&self, name: &'static str, parse: Parse<T>) -> Result<Vec<T>, HeaderError> {
        self.each(name, parse).collect::<Result<_, _>>().or(Err(HeaderError::Malformed(name)))
    }

    /// Values that may hold commas themselves, one for each line (RFC 3261 §7.3.1).
    fn lines<T>(&self, name: &'static str, parse: Parse<T>) -> Result<Vec<T>, HeaderError> {
        let parsed = self.all(name).map(parse).collect::<Result<_, _>>();
        parsed.or(Err(HeaderError::Malformed(name)))
    }

    /// The value of a header field that need not be there.
    pub(super) fn optional<T>(
        &self,
        name: &'static str,
        parse: impl Fn(&str) -> Result<T, HeaderFault>,
    ) -> Result<Option<T>, HeaderError> {
        let parsed = self.get(name).map(|value| parse(value.trim())).transpose();
        parsed.or(Err(HeaderError::Malformed(name)))
    }

    fn single<T>(&self, name: &'static str, parse: Parse<T>) -> Result<T, HeaderError> {
        let value = self.get(name).ok_or(HeaderError::Missing(name))?;
        parse(value).or(Err(HeaderError::Malformed(name)))
    }

    /// A decimal number of at most `limit`; two lines must agree.
    fn number(&self, name: &'static str, limit: u64) -> Result<Option<u64>, HeaderError> {
        let mut lines = self.all(name).map(str::trim);
        let Some(first) = lines.next() else { return Ok(None) };
        if lines.any(|other| other != first) {
            return Err(HeaderError::Repeated(name));
        }
        let digits = !first.is_empty() && first.bytes().all(|b| b.is_ascii_digit());
        let number = first.parse().unwrap_or(u64::MAX);
        if digits && number <= limit { Ok(Some(number)) } else { Err(HeaderError::Malformed(name)) }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(n, _)| n.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Headers({})", self.0.len())
    }
}

type Parse<T> = fn(&str) -> Result<T, HeaderFault>;

fn one_line(value: String) -> String {
    if value.bytes().any(|byte| matches!(byte, b'\r' | b'\n')) {
        value.replace(['\r', '\n'], " ")
    } else {
        value
    }
}

/// What nearly every value that we write has room in.
pub(super) const VALUE: usize = 128;
