//! `;name=value` parameters of URIs and header fields, in their order.

use std::borrow::Cow;
use std::fmt;

use super::{HeaderFault, lexer};

/// Parameters in their order; names compare without case, values are kept as written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(Cow<'static, str>, Option<String>)>);

impl Params {
    /// Parses `a=b;c`, with or without the leading semicolon. Empty parameters are skipped
    /// (RFC 4475 §3.1.2.1 lets an element do so).
    pub(super) fn parse(text: &str) -> Result<Self, HeaderFault> {
        lexer::split(text, b';').map(|piece| parse_one(piece?)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the parameter is there, with a value or without.
    pub fn has(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The value as written; `None` when the parameter is absent or has none.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.0[self.position(name)?].1.as_deref()
    }

    /// Sets a parameter, in its place if it was there.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        let value = value.map(str::to_owned);
        match self.position(name) {
            Some(at) => self.0[at].1 = value,
            None => self.0.push((kept(name), value)),
        }
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), value.as_deref()))
    }

    /// Appends `;name=value` for each.
    pub(super) fn write(&self, out: &mut String) {
        for (name, value) in self.iter() {
            out.extend([";", name]);
            if let Some(value) = value {
                out.extend(["=", value]);
            }
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|(n, _)| n.eq_ignore_ascii_case(name))
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Params({})", self.0.len())
    }
}

fn parse_one(text: &str) -> Result<(Cow<'static, str>, Option<String>), HeaderFault> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.trim_end(), Some(value.trim_start())),
        None => (text, None),
    };
    let odd = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ',' | '@');
    let loose = value.is_some_and(|v| !v.starts_with('"') && v.contains(char::is_whitespace));
    if name.is_empty() || name.contains(odd) || loose {
        return Err(HeaderFault);
    }
    Ok((kept(name), value.map(str::to_owned)))
}

/// A name as it was written.
fn kept(name: &str) -> Cow<'static, str> {
    let known = FREQUENT.iter().copied().find(|known| *known == name);
    known.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed)
}

/// Names that need no memory of their own.
const FREQUENT: &[&str] =
    &["tag", "branch", "rport", "received", "transport", "lr", "expires", "q"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_keep_order_and_ignore_the_case_of_names() {
        let mut params = Params::parse(r#";LR ;tag = "a;b";;x=1"#).expect("well formed");
        assert!(params.has("lr") && params.value("LR").is_none());
        assert_eq!(params.value("Tag"), Some(r#""a;b""#));
        params.set("X", Some("2"));
        params.remove("lr");
        let mut out = String::new();
        params.write(&mut out);
        assert_eq!(out, r#";tag="a;b";x=2"#);
    }

    #[test]
    fn faulty_parameters_are_refused() {
        for text in [";=x", ";a b=c", ";a=\"open", ";a=b c"] {
            assert_eq!(Params::parse(text), Err(HeaderFault), "{text}");
        }
    }
}
