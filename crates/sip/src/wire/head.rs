//! A message's head: its start line and its header fields (RFC 3261 §7.1–§7.3), lines unfolded,
//! line ends CRLF or LF, names in full, every byte a character (`text`).
//!
//! rsip reads one line at a time: a whole message it refuses for one folded line, one IPv6 host, one
//! byte that is not UTF-8 or a method it does not know.
//!
//! Not here: what a field says, and which of them a message must have (`parse`).

use std::borrow::Cow;

use rsip::common::method;
use rsip::headers::header;

use super::{Headers, Method, text};

/// A message's head.
pub(super) struct Head {
    pub(super) start: Start,
    pub(super) headers: Headers,
    /// Whether some line is no header field; it is left out.
    pub(super) has_odd_line: bool,
}

/// A start line (RFC 3261 §7.1, §7.2).
pub(super) enum Start {
    Request {
        method: Method,
        uri: String,
        version_2: bool,
    },
    Response {
        status: u16,
    },
    /// Looks like SIP of a version other than 2.0.
    OtherResponse,
    NotSip,
}

impl Head {
    /// Reads a head without the blank line.
    pub(super) fn read(head: &[u8]) -> Self {
        let head = text::decode(head);
        let mut lines = Lines(&head);
        let start = Start::read(&lines.next().unwrap_or_default());
        let mut headers = Headers::default();
        let mut has_odd_line = false;
        for line in lines {
            match read_field(&tight(line)) {
                Some((name, value)) => headers.push_line(in_full(name), value),
                None => has_odd_line = true,
            }
        }
        Self { start, headers, has_odd_line }
    }
}

impl Start {
    fn read(line: &str) -> Self {
        let line = line.trim();
        if line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
            return Self::read_response(line);
        }
        let Ok((rest, method)) = method::Tokenizer::tokenize(line) else { return Self::NotSip };
        let Some(rest) = rest.strip_prefix(' ') else { return Self::NotSip };
        let Some((uri, version)) = rest.rsplit_once(' ') else { return Self::NotSip };
        match (Method::from_token(method.value), is_version_2(version)) {
            (Some(method), Some(version_2)) => {
                Self::Request { method, uri: uri.trim().to_owned(), version_2 }
            }
            _ => Self::NotSip,
        }
    }

    fn read_response(line: &str) -> Self {
        let mut words = line.split(' ');
        let version_2 = words.next().and_then(is_version_2);
        let status = words.next().filter(|s| s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit()));
        let status = status.and_then(|s| s.parse().ok()).filter(|s| (100..700).contains(s));
        match (version_2, status) {
            (Some(true), Some(status)) => Self::Response { status },
            (Some(false), _) => Self::OtherResponse,
            _ => Self::NotSip,
        }
    }
}

/// Splits a message after its first blank line: the head without it, and the rest. `None` when
/// there is no blank line.
pub(super) fn split_head(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head_end, body_start) = find_blank_line(bytes, 0)?;
    Some((&bytes[..head_end], &bytes[body_start..]))
}

/// Where the head ends and where the body starts, looking from `from` on. A lone LF ends a line
/// too.
pub(super) fn find_blank_line(bytes: &[u8], from: usize) -> Option<(usize, usize)> {
    let mut at = from;
    while let Some(end) = bytes.get(at..)?.iter().position(|&b| b == b'\n') {
        at += end + 1;
        match &bytes[at..] {
            [b'\n', ..] => return Some((at, at + 1)),
            [b'\r', b'\n', ..] => return Some((at, at + 2)),
            _ => {}
        }
    }
    None
}

/// The lines of a head that are not empty; one that begins with white space continues the one
/// before (RFC 3261 §7.3.1).
struct Lines<'a>(&'a str);

impl<'a> Iterator for Lines<'a> {
    type Item = Cow<'a, str>;

    fn next(&mut self) -> Option<Self::Item> {
        while !self.0.is_empty() {
            let mut line = Cow::Borrowed(self.cut());
            while self.0.starts_with([' ', '\t']) {
                let more = self.cut().trim();
                line.to_mut().extend([" ", more]);
            }
            if !line.is_empty() {
                return Some(line);
            }
        }
        None
    }
}

impl<'a> Lines<'a> {
    /// Cuts off what stands before the next line end.
    fn cut(&mut self) -> &'a str {
        let (line, rest) = self.0.split_once('\n').unwrap_or((self.0, ""));
        self.0 = rest;
        line.strip_suffix('\r').unwrap_or(line)
    }
}

/// `None` for a line that is no header field; a CR left inside might begin another one.
fn read_field(line: &str) -> Option<(&str, &str)> {
    let (_, header::Tokenizer { name, value }) =
        header::Tokenizer::tokenize(line.as_bytes()).ok()?;
    let (name, value) = (str::from_utf8(name).ok()?, str::from_utf8(value).ok()?);
    (!value.contains('\r')).then(|| (name, value.trim_ascii()))
}

/// The line without white space before its colon (RFC 3261 §7.3.1), which rsip does not know.
fn tight(line: Cow<'_, str>) -> Cow<'_, str> {
    match line.split_once(':') {
        Some((name, value)) if name.ends_with([' ', '\t']) => {
            Cow::Owned([name.trim_end(), ":", value].concat())
        }
        _ => line,
    }
}

/// A name as the registry has it, compact forms included (RFC 3261 §7.3.3).
fn in_full(name: &str) -> Cow<'static, str> {
    let known = match name.as_bytes() {
        [letter] => {
            let letter = letter.to_ascii_lowercase();
            COMPACT.iter().find(|(compact, _)| *compact == letter).map(|(_, full)| *full)
        }
        _ => FREQUENT.iter().copied().find(|known| known.eq_ignore_ascii_case(name)),
    };
    known.map_or_else(|| Cow::Owned(name.to_owned()), Cow::Borrowed)
}

/// Whether a version is SIP/2.0, `None` when it is no SIP version.
fn is_version_2(version: &str) -> Option<bool> {
    let (name, number) = version.split_once('/')?;
    let (major, minor) = number.split_once('.')?;
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    let well_formed = name.eq_ignore_ascii_case("SIP") && digits(major) && digits(minor);
    well_formed.then_some(number == "2.0")
}

const COMPACT: &[(u8, &str)] = &[
    (b'a', "Accept-Contact"),
    (b'b', "Referred-By"),
    (b'c', "Content-Type"),
    (b'd', "Request-Disposition"),
    (b'e', "Content-Encoding"),
    (b'f', "From"),
    (b'i', "Call-ID"),
    (b'j', "Reject-Contact"),
    (b'k', "Supported"),
    (b'l', "Content-Length"),
    (b'm', "Contact"),
    (b'n', "Identity-Info"),
    (b'o', "Event"),
    (b'r', "Refer-To"),
    (b's', "Subject"),
    (b't', "To"),
    (b'u', "Allow-Events"),
    (b'v', "Via"),
    (b'x', "Session-Expires"),
    (b'y', "Identity"),
];

/// Names that need no memory of their own.
const FREQUENT: &[&str] = &[
    "Via",
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Contact",
    "Max-Forwards",
    "Content-Length",
    "Content-Type",
    "Allow",
    "Supported",
    "Route",
    "Record-Route",
    "User-Agent",
    "Accept",
    "Require",
    "Session-Expires",
    "Min-SE",
    "Expires",
    "Authorization",
    "P-Asserted-Identity",
];
