//! Any bytes as a `String` and back without loss: a Latin-1 display name must not fail a message.
//!
//! Each byte that is not part of valid UTF-8 becomes one character of the last 256 of Unicode's
//! second private plane, `U+10FF00 + byte`. A peer that really writes such a character has its
//! bytes escaped one by one, so that the way back is exact.

/// The bytes as text.
pub(super) fn decode(bytes: &[u8]) -> String {
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

/// The bytes the text came from.
pub(super) fn encode(text: &str, out: &mut Vec<u8>) {
    for c in text.chars() {
        match u32::from(c).checked_sub(ESCAPE).map(u8::try_from) {
            Some(Ok(byte)) => out.push(byte),
            _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

fn escaped(byte: u8) -> char {
    char::from_u32(ESCAPE + u32::from(byte)).expect("below the end of Unicode")
}

const ESCAPE: u32 = 0x10_FF00;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_come_back_as_they_were(bytes: Vec<u8>) {
            let mut back = Vec::new();
            encode(&decode(&bytes), &mut back);
            prop_assert_eq!(back, bytes);
        }
    }

    #[test]
    fn our_own_private_characters_come_back_too() {
        let bytes = "a\u{10FF41}é".as_bytes();
        let mut back = Vec::new();
        encode(&decode(bytes), &mut back);
        assert_eq!(back, bytes);
    }
}
