//! Any bytes as a `String` and back without loss: a Latin-1 display name must not fail a message.
//!
//! Each byte that is not part of valid UTF-8 becomes one character of the last 256 of Unicode's
//! second private plane, `U+10FF00 + byte`. A peer that really writes such a character has its
//! bytes escaped one by one, so that the way back is exact.

use std::borrow::Cow;

/// The bytes as text.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match str::from_utf8(bytes) {
        Ok(text) if !may_escape(text) => text.into(),
        _ => escape(bytes).into(),
    }
}

/// The bytes the text came from.
pub(super) fn encode(text: String) -> Vec<u8> {
    if may_escape(&text) { unescape(&text) } else { text.into_bytes() }
}

/// Whether a character of the private plane is there.
fn may_escape(text: &str) -> bool {
    text.as_bytes().contains(&PLANE)
}

fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if u32::from(c) < ESCAPE {
                text.push(c);
            } else {
                text.extend(c.encode_utf8(&mut [0; 4]).bytes().map(escaped));
            }
        }
        text.extend(chunk.invalid().iter().copied().map(escaped));
    }
    text
}

fn unescape(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c).checked_sub(ESCAPE).map(u8::try_from) {
            Some(Ok(byte)) => out.push(byte),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out
}

fn escaped(byte: u8) -> char {
    char::from_u32(ESCAPE + u32::from(byte)).expect("below the end of Unicode")
}

const ESCAPE: u32 = 0x10_FF00;
/// The first byte of every character of that plane in UTF-8, and of no other.
const PLANE: u8 = 0xF4;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_come_back_as_they_were(bytes: Vec<u8>) {
            let back = encode(decode(&bytes).into_owned());
            prop_assert_eq!(back, bytes);
        }
    }

    #[test]
    fn our_own_private_characters_come_back_too() {
        let bytes = "a\u{10FF41}é".as_bytes();
        assert_eq!(encode(decode(bytes).into_owned()), bytes);
    }
}
