//! A caller who has nothing but text has no keys either: a character that is one, and that she types
//! alone on a line, is her key.
//!
//! Ordinary writing presses nothing. A key counts only where the step she is in has a meaning for it,
//! and only if nothing else is on its line: not before it, so that a slow `I have 2 kids` is words,
//! and not after it for two seconds, or until the line ends (ITU-T T.140 §8: CR LF, or U+2028). What
//! she has erased was not written. While it is open whether a key stands alone, the plan waits and
//! says nothing: she is the one who writes.
//!
//! # Assumptions
//! - Who writes a word on several lines (`I have`, `2`, `kids`) is misunderstood; every step leads to
//!   a person whatever is pressed.
//! - Whose phone has sent a key has keys, and writes.

use std::time::Duration;

use dialplan::StepName;
use model::{CallId, Digit, Instant, Typed};

use crate::Switchboard;

/// What is on the line that the caller types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line {
    content: Content,
    /// Whether the plan's words ended while it waited for the line.
    plan_was_heard: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Content {
    #[default]
    Nothing,
    /// One key alone, which counts in this step, from then on.
    Key { key: Key, at: Instant },
    /// So many characters.
    Words(usize),
}

/// A key, and the step it is meant for.
type Key = (Digit, StepName);

impl Line {
    /// Whether it may become a key.
    const fn is_open(&self) -> bool {
        matches!(self.content, Content::Key { .. })
    }

    /// When it does.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self.content {
            Content::Key { at, .. } => Some(at),
            Content::Nothing | Content::Words(_) => None,
        }
    }

    /// Takes a character, which may be a key; returns the key that the end of the line makes one.
    fn takes(&mut self, now: Instant, character: char, key: Option<Key>) -> Option<Key> {
        let (before, content) = match (std::mem::take(&mut self.content), character) {
            (Content::Key { key, .. }, '\r' | '\n' | LINE | PARAGRAPH) => {
                (Some(key), Content::Nothing)
            }
            (_, '\r' | '\n' | LINE | PARAGRAPH) => (None, Content::Nothing),
            (Content::Words(count @ 2..), ERASE) => (None, Content::Words(count - 1)),
            (_, ERASE) => (None, Content::Nothing),
            // Neither shown nor written: U+FEFF keeps a connection open (T.140 §8.1).
            (content, character) if character.is_control() || character == '\u{feff}' => {
                (None, content)
            }
            (Content::Nothing, _) => match key {
                Some(key) => (None, Content::Key { key, at: now + ALONE }),
                None => (None, Content::Words(1)),
            },
            (Content::Key { .. }, _) => (None, Content::Words(2)),
            (Content::Words(count), _) => (None, Content::Words(count.saturating_add(1))),
        };
        self.content = content;
        before
    }

    /// The key that has stood alone for long enough.
    fn due(&mut self, now: Instant) -> Option<Key> {
        match std::mem::take(&mut self.content) {
            Content::Key { key, at } if at <= now => Some(key),
            content => {
                self.content = content;
                None
            }
        }
    }
}

impl Switchboard {
    /// The caller typed, perhaps a key.
    pub(crate) fn caller_typed(&mut self, now: Instant, id: CallId, text: &Typed) {
        if !self.only_writes(id) || self.has_pressed(id) {
            return;
        }
        for character in text.reveal().chars() {
            let Some(call) = self.calls.get_mut(&id) else { return };
            let digit = Some(character).filter(|&c| is_key(c)).and_then(Digit::from_char);
            let key = digit.and_then(|digit| Some((digit, call.runner.takes(digit)?.clone())));
            if let Some(key) = call.line.takes(now, character, key) {
                self.press(now, id, &key);
            }
        }
        self.plan_goes_on(now, id);
    }

    /// Whether the plan waits for what becomes of a line.
    pub(crate) fn awaits_line(&self, id: CallId) -> bool {
        self.calls.get(&id).is_some_and(|call| call.line.is_open())
    }

    /// The plan's words were heard; it is told when the line is not open any more.
    pub(crate) fn heard_beside_line(&mut self, id: CallId) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.line.plan_was_heard = true;
        }
    }

    /// A key may have stood alone for long enough.
    pub(crate) fn line_timeout(&mut self, now: Instant, id: CallId) {
        let key = self.calls.get_mut(&id).and_then(|call| call.line.due(now));
        if let Some(key) = key {
            self.press(now, id, &key);
        }
        self.plan_goes_on(now, id);
    }

    /// A key that she typed counts in the step it was typed in.
    fn press(&mut self, now: Instant, id: CallId, (digit, step): &Key) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.runner.takes(*digit) == Some(step) {
            call.line.plan_was_heard = false;
            self.caller_digit(now, id, *digit);
        }
    }

    fn plan_goes_on(&mut self, now: Instant, id: CallId) {
        self.touch(id);
        let Some(call) = self.calls.get_mut(&id).filter(|call| !call.line.is_open()) else {
            return;
        };
        if std::mem::take(&mut call.line.plan_was_heard) {
            self.plan_heard(now, id);
        }
    }

    fn has_pressed(&self, id: CallId) -> bool {
        let caller = self.calls.get(&id).and_then(|call| self.legs.get(&call.caller));
        caller.is_some_and(crate::leg::Leg::has_pressed)
    }
}

/// On every keypad; a letter is never one.
const fn is_key(character: char) -> bool {
    matches!(character, '0'..='9' | '*' | '#')
}

/// T.140 §8.2: the preferred end of a line, and that of a paragraph.
const LINE: char = '\u{2028}';
const PARAGRAPH: char = '\u{2029}';
/// T.140 §8.3.
const ERASE: char = '\u{8}';
/// Who types a word goes on before: ten words a minute are a character in 1.2 s.
const ALONE: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    fn step() -> StepName {
        StepName::from("greeting")
    }

    /// The keys that a text presses, typed so many milliseconds apart, where a step has 2, 3 and #.
    fn pressed(text: &str, apart_millis: u64) -> String {
        let (mut line, mut now, mut keys) = (Line::default(), Instant::ZERO, String::new());
        for character in text.chars() {
            let meant = Digit::from_char(character).filter(|_| "23#".contains(character));
            let ended = line.takes(now, character, meant.map(|digit| (digit, step())));
            now += Duration::from_millis(apart_millis);
            keys.extend(ended.or_else(|| line.due(now)).map(|(digit, _)| digit.as_char()));
        }
        now += Duration::from_secs(10);
        keys.extend(line.due(now).map(|(digit, _)| digit.as_char()));
        keys
    }

    #[test]
    fn a_key_alone_on_its_line_is_pressed_at_the_lines_end_or_after_a_pause() {
        for text in ["2", "2\r\n", "2\u{2028}", "hello\n2", "\u{feff}2", "4\u{8}2", "23\u{8}\u{8}2"]
        {
            for apart in [50, 1_900] {
                assert_eq!(pressed(text, apart), "2", "{text:?}, {apart} ms");
            }
        }
        assert_eq!(pressed("2\n3\r\n#\n", 100), "23#");
        assert_eq!(pressed("23", 2_100), "23", "each has stood alone");
    }

    #[test]
    fn ordinary_writing_presses_nothing_however_slowly_it_is_typed() {
        for text in [
            "I have 2 kids",
            "I have 2",
            " 2",
            "2 kids",
            "2 2",
            "2,",
            "22",
            "2\u{8}",
            "4\n5\n",
            "",
            "two",
        ] {
            for apart in [50, 1_900] {
                assert_eq!(pressed(text, apart), "", "{text:?}, {apart} ms");
            }
        }
        assert_eq!(pressed("I have 2 kids", 60_000), "");
    }

    #[test]
    fn d1_a_line_never_prints() {
        let mut line = Line::default();
        let key = Digit::from_char('7').map(|digit| (digit, step()));
        line.takes(Instant::ZERO, '7', key);
        assert!(!format!("{line:?}").contains('7'), "{line:?}");
    }
}
