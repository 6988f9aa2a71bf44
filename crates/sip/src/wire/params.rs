//! `;name=value` parameters of URIs and header fields, in their order.

use std::fmt::{self, Write as _};

use super::{HeaderFault, lexer};

/// Parameters in their order; names compare without case, values are kept as written.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, Option<String>)>);

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
            None => self.0.push((name.to_owned(), value)),
        }
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    /// Appends `;name=value` for each.
    pub(super) fn write(&self, out: &mut String) {
        for (name, value) in self.iter() {
            let _ = match value {
                Some(value) => write!(out, ";{name}={value}"),
                None => write!(out, ";{name}"),
            };
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

fn parse_one(text: &str) -> Result<(String, Option<String>), HeaderFault> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name.trim_end(), Some(value.trim_start())),
        None => (text, None),
    };
    let odd = |c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>' | ',' | '@');
    let loose = value.is_some_and(|v| !v.starts_with('"') && v.contains(char::is_whitespace));
    if name.is_empty() || name.contains(odd) || loose {
        return Err(HeaderFault);
    }
    Ok((name.to_owned(), value.map(str::to_owned)))
}

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
