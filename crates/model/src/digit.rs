//! A keypress.

use std::fmt;

use serde::Deserialize;

/// One DTMF digit, `0`–`9 * # A`–`D` (RFC 4733 events 0–15).
///
/// What a caller presses is caller data, so `Debug` hides it; [`Digit::as_char`] is for comparing
/// with an operator's dialplan and for sending, never for a log.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "char")]
pub struct Digit(u8);

impl Digit {
    /// The digit of a telephone-event code, `None` above 15 (RFC 4733 §3.2).
    pub const fn from_event(event: u8) -> Option<Self> {
        if event < 16 { Some(Self(event)) } else { None }
    }

    /// The telephone-event code, 0–15.
    pub const fn event(self) -> u8 {
        self.0
    }

    /// The digit a character names; lower-case letters count.
    pub fn from_char(key: char) -> Option<Self> {
        let key = key.to_ascii_uppercase();
        let event = KEYS.iter().position(|&k| char::from(k) == key)?;
        u8::try_from(event).ok().map(Self)
    }

    /// The character on the key.
    pub const fn as_char(self) -> char {
        KEYS[self.0 as usize] as char
    }

    /// The value of a decimal digit, `None` for `* # A`–`D`.
    pub const fn value(self) -> Option<u8> {
        if self.0 < 10 { Some(self.0) } else { None }
    }
}

impl TryFrom<char> for Digit {
    type Error = &'static str;

    fn try_from(key: char) -> Result<Self, Self::Error> {
        Self::from_char(key).ok_or("a key is one of 0-9 * # A-D")
    }
}

impl fmt::Debug for Digit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digit(<redacted>)")
    }
}

const KEYS: &[u8; 16] = b"0123456789*#ABCD";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_one_key() {
        for event in 0..16 {
            let digit = Digit::from_event(event).expect("below 16");
            assert_eq!(Digit::from_char(digit.as_char()), Some(digit));
        }
        assert_eq!(Digit::from_event(16), None);
        assert_eq!(Digit::from_char('x'), None);
    }

    #[test]
    fn d1_a_digit_never_prints() {
        assert_eq!(format!("{:?}", Digit::from_char('7')), "Some(Digit(<redacted>))");
    }
}
