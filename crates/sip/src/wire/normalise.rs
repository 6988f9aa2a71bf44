//! Makes a message's head readable for rsip: lines unfolded, line ends CRLF, names in full, no
//! white space before the colon, every byte a character (`text`).
//!
//! Start lines rsip cannot represent keep their meaning here: of a request only the method goes
//! to rsip, and `OPTIONS` stands in for one it does not know; the URI is always a stand-in, since
//! rsip refuses IPv6 hosts. [`Start`] holds what was really written.

use super::{Method, lexer, text};

/// A message's head, line by line.
pub(super) struct Head {
    pub(super) start: Start,
    /// Names in full and values in one line each.
    pub(super) fields: Vec<(String, String)>,
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
        let mut lines = unfold(head).into_iter();
        let start = Start::read(&lines.next().unwrap_or_default());
        let mut fields = Vec::new();
        let mut has_odd_line = false;
        for line in lines {
            match read_field(&line) {
                Some(field) => fields.push(field),
                None => has_odd_line = true,
            }
        }
        Self { start, fields, has_odd_line }
    }

    /// The head as rsip can read it, with its blank line.
    pub(super) fn to_rsip(&self) -> String {
        let mut out = match &self.start {
            Start::Request { method: Method::Other(_), .. } => "OPTIONS sip:a SIP/2.0".to_owned(),
            Start::Request { method, .. } => format!("{} sip:a SIP/2.0", method.as_str()),
            Start::Response { status } => format!("SIP/2.0 {status} -"),
            Start::OtherResponse | Start::NotSip => String::new(),
        };
        for (name, value) in &self.fields {
            out.extend(["\r\n", name, ": ", value]);
        }
        out.push_str("\r\n\r\n");
        out
    }
}

impl Start {
    fn read(line: &str) -> Self {
        let line = line.trim();
        if line.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("SIP/")) {
            return Self::read_response(line);
        }
        let Some((method, rest)) = line.split_once(' ') else { return Self::NotSip };
        let Some((uri, version)) = rest.rsplit_once(' ') else { return Self::NotSip };
        match (Method::from_token(method), is_version_2(version)) {
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

/// Lines as text; one that begins with white space continues the one before (RFC 3261 §7.3.1).
fn unfold(head: &[u8]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in head.split(|&b| b == b'\n') {
        let line = text::decode(line.strip_suffix(b"\r").unwrap_or(line));
        match lines.last_mut() {
            Some(last) if line.starts_with([' ', '\t']) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => lines.push(line),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// `None` for a line that is no header field; a CR left inside might begin another one.
fn read_field(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end();
    if !lexer::is_token(name) || value.contains('\r') {
        return None;
    }
    Some((full_name(name).to_owned(), value.trim().to_owned()))
}

/// RFC 3261 §7.3.3 and the registry of compact forms.
fn full_name(name: &str) -> &str {
    let [letter] = name.as_bytes() else { return name };
    let letter = letter.to_ascii_lowercase();
    COMPACT.iter().find(|(compact, _)| *compact == letter).map_or(name, |(_, full)| full)
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
