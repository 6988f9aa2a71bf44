//! Characters that wait, so many and no more.

use model::Typed;
use zeroize::Zeroizing;

use super::LOST;

/// A bounded queue of characters. What has no room is left out, and [`LOST`] marks the place.
pub struct Queue {
    bytes: Zeroizing<Box<[u8]>>,
    head: usize,
    length: usize,
    is_cut: bool,
}

impl Queue {
    /// Room for `bytes` of UTF-8. Allocates; nothing later does.
    pub fn new(bytes: usize) -> Self {
        let bytes = Zeroizing::new(vec![0; bytes].into_boxed_slice());
        Self { bytes, head: 0, length: 0, is_cut: false }
    }

    /// Adds a character, if there is room for it and a mark.
    pub fn push(&mut self, character: char) {
        let has_room = self.length + character.len_utf8() + LOST.len_utf8() <= self.bytes.len();
        if has_room {
            self.is_cut = false;
            self.put(character);
        } else if !std::mem::replace(&mut self.is_cut, true) {
            self.put(LOST);
        }
    }

    /// Adds all of `text`.
    pub fn push_str(&mut self, text: &str) {
        text.chars().for_each(|character| self.push(character));
    }

    /// The oldest character.
    pub fn peek(&self) -> Option<char> {
        let mut bytes = [0; 4];
        let width = self.length.min(4);
        for (at, byte) in bytes[..width].iter_mut().enumerate() {
            *byte = self.bytes[(self.head + at) % self.bytes.len()];
        }
        // A whole character, and perhaps a part of the next one.
        let whole = bytes[..width].utf8_chunks().next()?;
        whole.valid().chars().next()
    }

    /// Takes the oldest character out.
    pub fn pop(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.head = (self.head + character.len_utf8()) % self.bytes.len();
        self.length -= character.len_utf8();
        Some(character)
    }

    /// Takes as many characters out as travel together.
    pub fn take(&mut self) -> Typed {
        let mut typed = Typed::default();
        while self.peek().is_some_and(|character| typed.push(character)) {
            self.pop();
        }
        typed
    }

    /// Drops all that waits.
    pub const fn clear(&mut self) {
        (self.length, self.is_cut) = (0, false);
    }

    /// Whether nothing waits.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }

    fn put(&mut self, character: char) {
        let mut buffer = [0; 4];
        for &byte in character.encode_utf8(&mut buffer).as_bytes() {
            let end = (self.head + self.length) % self.bytes.len();
            if self.length < self.bytes.len() {
                self.bytes[end] = byte;
                self.length += 1;
            }
        }
    }
}

/// Hides the text.
impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queue({} bytes)", self.length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(queue: &mut Queue) -> String {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    #[test]
    fn characters_of_every_width_come_out_as_they_went_in_however_it_turns() {
        let mut queue = Queue::new(16);
        for round in 0..40 {
            let text = ["a", "aä", "ä€", "€😀", "😀a€"][round % 5];
            queue.push_str(text);
            assert_eq!(all(&mut queue), text, "in round {round}");
        }
    }

    #[test]
    fn what_has_no_room_is_left_out_and_marked_once() {
        let mut queue = Queue::new(8);
        queue.push_str("abcdefghijk");
        assert_eq!(all(&mut queue), "abcde\u{fffd}");
        queue.push_str("xyz");
        assert_eq!(all(&mut queue), "xyz");
        assert!(queue.is_empty() && format!("{queue:?}") == "Queue(0 bytes)");
    }

    #[test]
    fn what_is_taken_together_is_whole() {
        let (mut queue, mut taken) = (Queue::new(400), String::new());
        let text = "€uro ".repeat(40);
        queue.push_str(&text);
        while !queue.is_empty() {
            taken += queue.take().reveal();
        }
        assert_eq!(taken, text);
    }
}
