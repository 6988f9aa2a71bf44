//! Quoting rules shared by all header fields: quoted strings, angle brackets, tokens
//! (RFC 3261 §25.1).

use super::HeaderFault;

/// The pieces between `separator`s outside quoted strings and angle brackets, trimmed and never
/// empty.
///
/// A quote or bracket that is not closed is a fault: what follows it cannot be trusted.
pub(super) fn split(text: &str, separator: u8) -> Pieces<'_> {
    Pieces { rest: Some(text), separator }
}

/// See [`split`].
pub(super) struct Pieces<'a> {
    rest: Option<&'a str>,
    separator: u8,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Result<&'a str, HeaderFault>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(rest) = self.rest.take() {
            let piece = match find(rest, self.separator) {
                Ok(Some(at)) => {
                    self.rest = Some(&rest[at + 1..]);
                    rest[..at].trim_ascii()
                }
                Ok(None) => rest.trim_ascii(),
                Err(fault) => return Some(Err(fault)),
            };
            if !piece.is_empty() {
                return Some(Ok(piece));
            }
        }
        None
    }
}

/// The position of the first `wanted`, an ASCII character, outside quoted strings and angle
/// brackets.
pub(super) fn find(text: &str, wanted: u8) -> Result<Option<usize>, HeaderFault> {
    let mut inside = Inside::Nothing;
    for (at, byte) in text.bytes().enumerate() {
        inside = match (inside, byte) {
            (Inside::Nothing, byte) if byte == wanted => return Ok(Some(at)),
            (Inside::Nothing, b'"') => Inside::Quotes,
            (Inside::Nothing, b'<') => Inside::Brackets,
            (Inside::Quotes, b'\\') => Inside::Escape,
            (Inside::Escape, _) => Inside::Quotes,
            (Inside::Quotes, b'"') | (Inside::Brackets, b'>') => Inside::Nothing,
            (inside, _) => inside,
        };
    }
    if inside == Inside::Nothing { Ok(None) } else { Err(HeaderFault) }
}

/// The text of a quoted string without its quotes and escapes; other text as it is.
pub(super) fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')) else {
        return text.to_owned();
    };
    let mut out = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.extend(if c == '\\' { chars.next() } else { Some(c) });
    }
    out
}

/// `text` as a quoted string.
pub(crate) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars().filter(|c| !matches!(c, '\r' | '\n')) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// Whether `text` is a token (RFC 3261 §25.1).
pub(super) fn is_token(text: &str) -> bool {
    let mark = |b| b"-.!%*_+`'~".contains(&b);
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || mark(b))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    Quotes,
    Escape,
    Brackets,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_in_quotes_and_brackets_do_not_split() {
        let pieces = |text| split(text, b',').collect::<Result<Vec<_>, _>>();
        let found = pieces(r#""a, \" b" <sip:x,y@h>, c ,, d"#);
        assert_eq!(found, Ok(vec![r#""a, \" b" <sip:x,y@h>"#, "c", "d"]));
        assert_eq!(pieces(r#""never closed, c"#), Err(HeaderFault));
        assert_eq!(pieces("<sip:x, c"), Err(HeaderFault));
        assert_eq!(pieces("a, <sip:x, c"), Err(HeaderFault));
    }

    #[test]
    fn quoting_survives_the_way_there_and_back() {
        for text in ["", "plain", r#"a "b" \ c"#, "ÿ, <x>"] {
            assert_eq!(unquote(&quote(text)), text);
        }
    }
}
