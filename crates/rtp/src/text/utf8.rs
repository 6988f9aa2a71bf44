//! Bytes of UTF-8 to characters, wherever they were split.

use super::{LOST, Queue};

/// The beginning of a character whose rest has not come.
#[derive(Clone, Default)]
pub(super) struct Decoder {
    begun: [u8; 4],
    length: usize,
}

impl Decoder {
    /// Adds the characters of `bytes`; what is none is [`LOST`].
    pub(super) fn decode(&mut self, bytes: &[u8], to: &mut Queue) {
        bytes.iter().for_each(|&byte| self.byte(byte, to));
    }

    /// Something is missing here: a character that has begun is a part of it.
    pub(super) fn lose(&mut self, to: &mut Queue) {
        self.length = 0;
        to.push(LOST);
    }

    fn byte(&mut self, byte: u8, to: &mut Queue) {
        // Three bytes at most wait: a fourth one makes a character or shows that there is none.
        self.begun[self.length] = byte;
        self.length += 1;
        match str::from_utf8(&self.begun[..self.length]) {
            Ok(whole) => {
                let characters = whole.chars().filter(|&character| character != BYTE_ORDER_MARK);
                characters.for_each(|character| to.push(character));
                self.length = 0;
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                let was_alone = self.length == 1;
                self.lose(to);
                if !was_alone {
                    self.byte(byte, to);
                }
            }
        }
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parts: &[&[u8]], expected: &str) {
        let (mut decoder, mut queue) = (Decoder::default(), Queue::new(100));
        parts.iter().for_each(|part| decoder.decode(part, &mut queue));
        let decoded: String = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(decoded, expected, "{parts:?}");
    }

    #[test]
    fn characters_are_put_together_and_what_is_none_is_marked() {
        check(&["añ€😀".as_bytes()], "añ€😀");
        check(&[b"\xe2", b"\x82", b"\xac!"], "€!");
        check(&[b"\xf0\x9f", b"", b"\x98\x80"], "😀");
        check(&[b"\xef\xbb\xbfhello"], "hello");
        check(&[b"a\xff\xfeb"], "a\u{fffd}\u{fffd}b");
        check(&[b"\xe2\x82", b"x"], "\u{fffd}x");
        check(&[b"\xe2\xe2\x82\xac"], "\u{fffd}€");
        check(&[b"\xc0\x80"], "\u{fffd}\u{fffd}");
        check(&[b"ab\x08c\r\n\x07\xe2\x80\xa8"], "ab\u{8}c\r\n\u{7}\u{2028}");
        check(&[b"\xed\xa0\x80"], "\u{fffd}\u{fffd}\u{fffd}");
        check(&[b"\xf0\x9f\x98"], "");
    }
}
