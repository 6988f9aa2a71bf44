//! Real-time text (T.140, RFC 4103) as it passes between the parts: read by whoever may hear its
//! author at that moment, and kept nowhere (C20).

use std::fmt;

use serde::{Deserialize, Serialize};

/// Some characters of somebody's text: so few that they travel without memory of their own.
///
/// They are a caller's words, so they print as `<redacted>` and cannot be serialised.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Typed {
    bytes: [u8; Self::MOST],
    length: u8,
}

impl Typed {
    /// Bytes of UTF-8 at most.
    pub const MOST: usize = 31;

    /// Adds a character; `false` if there is no room for it.
    pub fn push(&mut self, character: char) -> bool {
        let (start, width) = (usize::from(self.length), character.len_utf8());
        let Some(free) = self.bytes.get_mut(start..start + width) else { return false };
        character.encode_utf8(free);
        self.length += width as u8;
        true
    }

    /// The characters, for the wire and an advocate's screen only.
    pub fn reveal(&self) -> &str {
        str::from_utf8(&self.bytes[..usize::from(self.length)]).expect("only characters were added")
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// As many of `text`'s characters as have room, and what remains.
    pub fn split(text: &str) -> (Self, &str) {
        let mut typed = Self::default();
        let end = text.char_indices().find(|&(_, character)| !typed.push(character));
        (typed, end.map_or("", |(end, _)| &text[end..]))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

/// The payload types of a stream of text (RFC 4103 §6, RFC 4102).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TextFormat {
    /// Text as it is.
    pub t140: u8,
    /// Text with what was sent before, `None` without redundancy.
    pub red: Option<u8>,
    /// How often text is repeated: 0 to [`TextFormat::REPEATS`].
    pub repeats: u8,
}

impl TextFormat {
    /// The most repeats of a text.
    pub const REPEATS: u8 = 2;
}

/// Whether a leg may have text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TextPolicy {
    /// It never has.
    Off,
    /// It has if the peer offers it.
    #[default]
    Accepted,
    /// Our own offers have it too.
    Offered,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_text_never_prints() {
        let (typed, _) = Typed::split("canary");
        assert_eq!(format!("{typed:?} {:#?}", Some(typed)).matches("canary").count(), 0);
        assert_eq!(typed.reveal(), "canary");
    }

    #[test]
    fn text_is_split_between_characters() {
        let text = "ä€😀x".repeat(9);
        let (mut rest, mut whole) = (text.as_str(), String::new());
        while !rest.is_empty() {
            let (typed, after) = Typed::split(rest);
            assert!(
                !typed.is_empty() && typed.reveal().len() > Typed::MOST - 4 || after.is_empty()
            );
            whole += typed.reveal();
            rest = after;
        }
        assert_eq!(whole, text);
    }
}
