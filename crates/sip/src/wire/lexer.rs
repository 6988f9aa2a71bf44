//! Quoting rules shared by all header fields: quoted strings, angle brackets, tokens
//! (RFC 3261 §25.1).

use super::HeaderFault;

/// Splits at `separator` outside quoted strings and angle brackets; the pieces are trimmed and
/// never empty.
///
/// A quote or bracket that is not closed is a fault: what follows it cannot be trusted.
pub(super) fn split(text: &str, separator: char) -> Result<Vec<&str>, HeaderFault> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = find(rest, separator)? {
        pieces.push(rest[..at].trim());
        rest = &rest[at + separator.len_utf8()..];
    }
    pieces.push(rest.trim());
    pieces.retain(|piece| !piece.is_empty());
    Ok(pieces)
}

/// The position of the first `wanted` outside quoted strings and angle brackets.
pub(super) fn find(text: &str, wanted: char) -> Result<Option<usize>, HeaderFault> {
    let mut inside = Inside::Nothing;
    for (at, c) in text.char_indices() {
        inside = match (inside, c) {
            (Inside::Nothing, c) if c == wanted => return Ok(Some(at)),
            (Inside::Nothing, '"') => Inside::Quotes,
            (Inside::Nothing, '<') => Inside::Brackets,
            (Inside::Quotes, '\\') => Inside::Escape,
            (Inside::Escape, _) => Inside::Quotes,
            (Inside::Quotes, '"') | (Inside::Brackets, '>') => Inside::Nothing,
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
        let pieces = split(r#""a, \" b" <sip:x,y@h>, c ,, d"#, ',');
        assert_eq!(pieces, Ok(vec![r#""a, \" b" <sip:x,y@h>"#, "c", "d"]));
        assert_eq!(split(r#""never closed, c"#, ','), Err(HeaderFault));
        assert_eq!(split("<sip:x, c", ','), Err(HeaderFault));
    }

    #[test]
    fn quoting_survives_the_way_there_and_back() {
        for text in ["", "plain", r#"a "b" \ c"#, "ÿ, <x>"] {
            assert_eq!(unquote(&quote(text)), text);
        }
    }
}
