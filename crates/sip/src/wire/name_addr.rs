//! `name-addr` and `addr-spec` with header parameters: From, To, Contact, Route, Record-Route
//! (RFC 3261 §20.10).

use std::fmt;

use model::Pii;

use super::headers::VALUE;
use super::{HeaderFault, Params, Uri, lexer};

/// A display name, a URI and the header field's parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct NameAddr {
    /// The display name without quotes.
    pub display: Option<Pii<String>>,
    /// The URI.
    pub uri: Uri,
    /// The parameters of the header field (`tag`, `expires`, `q`), not of the URI.
    pub params: Params,
}

/// The values of all Contact header fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacts {
    /// `*`: all bindings (RFC 3261 §10.2.2).
    All,
    /// Each contact, in order.
    List(Vec<NameAddr>),
}

impl NameAddr {
    /// A URI alone.
    pub fn new(uri: Uri) -> Self {
        Self { display: None, uri, params: Params::default() }
    }

    /// Parses one value.
    pub fn parse(text: &str) -> Result<Self, HeaderFault> {
        let text = text.trim_ascii();
        match find_bracket(text)? {
            Some(open) => Self::parse_bracketed(text, open),
            None => Self::parse_bare(text),
        }
    }

    /// The `tag` parameter.
    pub fn tag(&self) -> Option<&str> {
        self.params.value("tag")
    }

    /// The same with this `tag`.
    #[must_use]
    pub fn with_tag(mut self, tag: &str) -> Self {
        self.params.set("tag", Some(tag));
        self
    }

    /// As on the wire, always in brackets.
    pub fn to_wire(&self) -> String {
        let mut out = String::with_capacity(VALUE);
        if let Some(display) = &self.display {
            out.push_str(&lexer::quote(display.reveal()));
            out.push(' ');
        }
        out.push('<');
        self.uri.write(&mut out);
        out.push('>');
        self.params.write(&mut out);
        out
    }

    fn parse_bracketed(text: &str, open: usize) -> Result<Self, HeaderFault> {
        let display = text[..open].trim_ascii();
        let (uri, after) = text[open + 1..].split_once('>').ok_or(HeaderFault)?;
        let after = after.trim_ascii_start();
        if !after.is_empty() && !after.starts_with(';') {
            return Err(HeaderFault);
        }
        let display = Some(lexer::unquote(display)).filter(|name| !name.is_empty());
        Ok(Self {
            display: display.map(Pii::new),
            uri: Uri::parse(uri.trim_ascii())?,
            params: Params::parse(after)?,
        })
    }

    /// Without brackets all parameters belong to the header field (RFC 3261 §20).
    fn parse_bare(text: &str) -> Result<Self, HeaderFault> {
        let after_user = text.find('@').unwrap_or(0);
        let end = text[after_user..].find(';').map_or(text.len(), |at| at + after_user);
        let (uri, params) = text.split_at(end);
        // A `?` or `,` in a URI asks for brackets (RFC 3261 §20.10).
        if uri[after_user..].contains(['?', ',']) {
            return Err(HeaderFault);
        }
        let uri = Uri::parse(uri.trim_ascii_end())?;
        Ok(Self { params: Params::parse(params)?, ..Self::new(uri) })
    }
}

impl fmt::Debug for NameAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NameAddr(..)")
    }
}

/// The first `<` that is not part of a quoted display name.
fn find_bracket(text: &str) -> Result<Option<usize>, HeaderFault> {
    let bracket = lexer::find(text, b'<')?;
    let name = &text[..bracket.unwrap_or(0)];
    let quotes_enclose_it_all = !name.contains('"')
        || (name.starts_with('"') && name.trim_end().len() > 1 && name.trim_end().ends_with('"'));
    if quotes_enclose_it_all { Ok(bracket) } else { Err(HeaderFault) }
}
