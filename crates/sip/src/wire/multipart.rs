//! Bodies of several parts (RFC 2046 §5.1, RFC 5621).
//!
//! # Assumptions
//! - A part is read as it stands: base64 and quoted-printable have no use in SIP (RFC 3261 §27.6).

use super::{HeaderFault, Headers, Params};

/// One part of a body.
pub struct Part<'a> {
    /// Its own header fields.
    pub headers: Headers,
    /// Its content.
    pub body: &'a [u8],
}

/// The parts of a body of several, in order, those of inner ones included; `None` for any other
/// body.
pub fn parts<'a>(headers: &Headers, body: &'a [u8]) -> Option<Result<Vec<Part<'a>>, HeaderFault>> {
    let is_multipart = headers.content_type().is_some_and(|kind| kind.starts_with("multipart/"));
    is_multipart.then(|| cut_all(headers, body, MAX_DEPTH))
}

/// The value of a parameter of a header field such as Content-Type or Content-Disposition.
pub fn parameter(headers: &Headers, field: &str, name: &str) -> Option<String> {
    let value = headers.get(field)?;
    let params = Params::parse(&value[value.find(';')?..]).ok()?;
    params.value(name).map(super::lexer::unquote)
}

fn cut_all<'a>(
    headers: &Headers,
    body: &'a [u8],
    depth: usize,
) -> Result<Vec<Part<'a>>, HeaderFault> {
    let boundary = parameter(headers, "Content-Type", "boundary").ok_or(HeaderFault)?;
    let mut all = Vec::new();
    for part in cut(&boundary, body)? {
        match parts_within(&part, depth) {
            Some(inner) => all.extend(inner?),
            None => all.push(part),
        }
        if all.len() > MAX_PARTS {
            return Err(HeaderFault);
        }
    }
    Ok(all)
}

fn parts_within<'a>(part: &Part<'a>, depth: usize) -> Option<Result<Vec<Part<'a>>, HeaderFault>> {
    let inner = part.headers.content_type().is_some_and(|kind| kind.starts_with("multipart/"));
    (inner && depth > 0).then(|| cut_all(&part.headers, part.body, depth - 1))
}

/// Cuts at the lines that are `--boundary`; the one with `--` behind it is the last.
fn cut<'a>(boundary: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, HeaderFault> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut begun: Option<usize> = None;
    let mut at = 0;
    for line in body.split_inclusive(|b| *b == b'\n') {
        let (start, text) = (at, line.trim_ascii_end());
        at += line.len();
        let Some(rest) = text.strip_prefix(delimiter.as_bytes()) else { continue };
        if !matches!(rest, b"" | b"--") {
            continue;
        }
        if let Some(begun) = begun {
            parts.push(part(without_line_end(&body[begun..start])));
        }
        if rest == b"--" {
            return Ok(parts);
        }
        begun = Some(at);
    }
    Err(HeaderFault)
}

/// The line end before a boundary belongs to the boundary.
fn without_line_end(body: &[u8]) -> &[u8] {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    body.strip_suffix(b"\r").unwrap_or(body)
}

fn part(bytes: &[u8]) -> Part<'_> {
    let mut headers = Headers::default();
    let mut at = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        at += line.len();
        let text = String::from_utf8_lossy(line.trim_ascii_end());
        if text.is_empty() {
            break;
        }
        if let Some((name, value)) = text.split_once(':') {
            headers.push(name.trim().to_owned(), value.trim());
        }
    }
    Part { headers, body: &bytes[at..] }
}

const MAX_PARTS: usize = 32;
const MAX_DEPTH: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(kind: &str, body: &str) -> Option<Vec<(String, String)>> {
        let mut headers = Headers::default();
        headers.push("Content-Type", kind);
        let parts = parts(&headers, body.as_bytes()).expect("of several parts").ok()?;
        let shown = |part: &Part<'_>| {
            let kind = part.headers.content_type().unwrap_or_default();
            (kind, String::from_utf8_lossy(part.body).into_owned())
        };
        Some(parts.iter().map(shown).collect())
    }

    #[test]
    fn parts_are_cut_at_their_boundary_and_inner_ones_too() {
        let body = "preamble\r\n--a\r\nContent-Type: text/plain\r\n\r\none\r\n\r\n--a\r\n\
                    content-type: multipart/alternative; boundary=\"b c\"\r\n\r\n--b c\r\n\r\n\
                    two\r\n--b c--\r\n--a--\r\nepilogue";
        let found = kinds("multipart/mixed;boundary=a", body).expect("well formed");
        let expected = [("text/plain", "one\r\n"), ("", "two")];
        assert_eq!(found, expected.map(|(kind, body)| (kind.to_owned(), body.to_owned())));
    }

    #[test]
    fn a_body_without_boundary_or_end_is_faulty() {
        assert_eq!(kinds("multipart/mixed", "--a\r\n\r\n--a--"), None);
        assert_eq!(kinds("multipart/mixed;boundary=a", "--a\r\n\r\nnever closed"), None);
        assert_eq!(kinds("multipart/mixed;boundary=a", ""), None);
        let many = "--a\r\n\r\n".repeat(40) + "--a--";
        assert_eq!(kinds("multipart/mixed;boundary=a", &many), None);
    }
}
