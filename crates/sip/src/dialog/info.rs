//! Digits in INFO: `application/dtmf-relay` and `application/dtmf`, the two forms in use.

use bytes::Bytes;
use model::Digit;

use crate::wire::Request;

/// What an INFO is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Info {
    /// A keypress.
    Digit(Digit),
    /// Nothing to do: an empty INFO, which RFC 2976 §2.2 allows.
    Nothing,
    /// A body we do not read: 415.
    Unsupported,
    /// A digit form without a digit: 400.
    Malformed,
}

/// The content type of a digit we send, and of the first form we read.
pub(crate) const DTMF_RELAY: &str = "application/dtmf-relay";
/// The second form we read.
pub(crate) const DTMF: &str = "application/dtmf";

impl Info {
    /// Reads the body of an INFO.
    pub(crate) fn of(request: &Request) -> Self {
        let text = str::from_utf8(&request.body).unwrap_or_default();
        let digit = match request.headers.content_type().as_deref() {
            None if request.body.is_empty() => return Self::Nothing,
            Some(DTMF_RELAY) => signal(text).and_then(key),
            Some(DTMF) => key(text.trim()),
            _ => return Self::Unsupported,
        };
        digit.map_or(Self::Malformed, Self::Digit)
    }
}

/// The body that says `digit`.
pub(crate) fn relay(digit: Digit) -> Bytes {
    format!("Signal={}\r\nDuration=160\r\n", digit.as_char()).into()
}

/// The value of the `Signal` line.
fn signal(text: &str) -> Option<&str> {
    let mut lines = text.lines().filter_map(|line| line.split_once('='));
    lines
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("signal"))
        .map(|(_, value)| value.trim())
}

/// A key by its character, or by its event code as some gateways write `*` and `#`.
fn key(text: &str) -> Option<Digit> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => Digit::from_char(only),
        _ => text.parse().ok().and_then(Digit::from_event),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Headers, Method, Uri};

    fn check(content_type: &str, body: &str, expected: Info) {
        let mut headers = Headers::default();
        headers.push("Content-Type", content_type);
        let uri = Uri::parse("sip:northline@192.0.2.1").expect("a URI");
        let body = Bytes::copy_from_slice(body.as_bytes());
        let request = Request { method: Method::Info, uri, headers, body };
        assert!(Info::of(&request) == expected, "{content_type}");
    }

    #[test]
    fn both_forms_of_a_digit_are_read() {
        let digit = |key| Info::Digit(Digit::from_char(key).expect("a key"));
        check("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", digit('5'));
        check("Application/DTMF-Relay; x=1", "Duration= 100\nsignal= *\n", digit('*'));
        check("application/dtmf-relay", "Signal=11\r\n", digit('#'));
        check("application/dtmf", "7\r\n", digit('7'));
        check("application/dtmf", "10", digit('*'));
    }

    #[test]
    fn what_is_no_digit_is_told_from_what_we_cannot_read() {
        check("application/dtmf-relay", "Duration=160\r\n", Info::Malformed);
        check("application/dtmf", "flash", Info::Malformed);
        check("application/dtmf", "\u{e9}", Info::Malformed);
        check("application/media_control+xml", "<x/>", Info::Unsupported);
    }

    #[test]
    fn a_digit_we_send_can_be_read_again() {
        for event in 0..16 {
            let digit = Digit::from_event(event).expect("below 16");
            let body = relay(digit);
            assert_eq!(signal(str::from_utf8(&body).expect("ASCII")).and_then(key), Some(digit));
        }
    }
}
