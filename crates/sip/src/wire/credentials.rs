//! Credentials and challenges: Authorization, Proxy-Authorization, WWW-Authenticate,
//! Proxy-Authenticate (RFC 3261 §20.7, §20.44; RFC 7616 §3.3, §3.4).

use std::fmt;

use super::{HeaderFault, lexer};

/// A scheme with its parameters: what both a challenge and an answer to it are.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthParams {
    /// The scheme as written (`Digest`).
    pub scheme: String,
    params: Vec<(String, String)>,
}

/// The answer to a challenge; prints nothing, since it names a user.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials(pub AuthParams);

/// A challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge(pub AuthParams);

impl AuthParams {
    /// Parses `Digest name="value", name=value, ...`; commas in quotes do not split, and a name
    /// given twice is a fault, as is a list longer than any algorithm needs.
    pub fn parse(text: &str) -> Result<Self, HeaderFault> {
        let (scheme, rest) = text.trim().split_once(char::is_whitespace).ok_or(HeaderFault)?;
        let pieces: Vec<_> = lexer::split(rest, b',').collect::<Result<_, _>>()?;
        if !lexer::is_token(scheme) || pieces.len() > MAX_PARAMS {
            return Err(HeaderFault);
        }
        let params: Vec<_> = pieces.into_iter().map(parse_param).collect::<Result<_, _>>()?;
        let twice = |at: usize| params[..at].iter().any(|(name, _)| *name == params[at].0);
        if (0..params.len()).any(twice) {
            return Err(HeaderFault);
        }
        Ok(Self { scheme: scheme.to_owned(), params })
    }

    /// Whether the scheme is Digest.
    pub fn is_digest(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("Digest")
    }

    /// A parameter without quotes and escapes.
    pub fn value(&self, name: &str) -> Option<&str> {
        let found = self.params.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

impl Credentials {
    /// A parameter without quotes and escapes.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.value(name)
    }
}

impl Challenge {
    /// A parameter without quotes and escapes.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0.value(name)
    }
}

impl fmt::Debug for AuthParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthParams(..)")
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

impl fmt::Debug for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Challenge(..)")
    }
}

/// The most parameters: each is compared with all before it.
const MAX_PARAMS: usize = 32;

fn parse_param(text: &str) -> Result<(String, String), HeaderFault> {
    let (name, value) = text.split_once('=').ok_or(HeaderFault)?;
    let (name, value) = (name.trim_end(), value.trim_start());
    let quoted = value.len() > 1 && value.starts_with('"') && value.ends_with('"');
    if !lexer::is_token(name) || !(quoted || !value.is_empty() && !value.contains(['"', ' '])) {
        return Err(HeaderFault);
    }
    Ok((name.to_ascii_lowercase(), lexer::unquote(value)))
}
