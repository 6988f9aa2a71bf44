//! The text of several authors on one screen that knows of one only (RFC 9071 §4.2).
//!
//! Authors take turns: whoever else writes waits until the one who is read has ended a line or a
//! sentence, or rests. Where the author changes, a new line begins with a word for who writes. While
//! there is only one, nothing is added.

use std::time::Duration;

use model::{Instant, LegId, Party};
use rtp::text::{Queue, Sender};

/// What one leg's peer reads.
#[derive(Debug)]
pub(crate) struct Feed {
    /// Who is read.
    current: Option<LegId>,
    /// The last character, and when it came.
    last: (Option<char>, Instant),
    /// Characters that the one who is read can erase; `None` while nobody else ever wrote.
    erasable: Option<u32>,
    others: [Other; OTHERS],
}

/// An author who waits for her turn.
#[derive(Debug)]
struct Other {
    leg: LegId,
    author: Party,
    since: Instant,
    text: Queue,
}

impl Feed {
    /// An empty screen. Allocates; nothing later does.
    pub(crate) fn new() -> Self {
        let other = |_| Other {
            leg: LegId(0),
            author: Party::Caller,
            since: Instant::ZERO,
            text: Queue::new(ROOM),
        };
        Self {
            current: None,
            last: (None, Instant::ZERO),
            erasable: None,
            others: std::array::from_fn(other),
        }
    }

    /// `author`, on `leg`, has written `text`.
    pub(crate) fn show(
        &mut self,
        now: Instant,
        (leg, author): (LegId, Party),
        text: &str,
        to: &mut Sender,
    ) {
        if *self.current.get_or_insert(leg) == leg {
            return text.chars().for_each(|character| self.put(now, character, to));
        }
        let place = self.others.iter().position(|other| !other.text.is_empty() && other.leg == leg);
        let place = place.or_else(|| self.others.iter().position(|other| other.text.is_empty()));
        let Some(other) = place.and_then(|place| self.others.get_mut(place)) else {
            // More write at once than anyone could follow.
            self.turn_to(leg, author, to);
            return text.chars().for_each(|character| self.put(now, character, to));
        };
        if other.text.is_empty() {
            (other.leg, other.author, other.since) = (leg, author, now);
        }
        other.text.push_str(text);
        self.handle_timeout(now, to);
    }

    /// We say `text` ourselves: on a line of its own, in brackets, which no author can erase.
    pub(crate) fn announce(&mut self, now: Instant, text: &str, to: &mut Sender) {
        let parts = [self.line_break(), "[", text, "]", NEW_LINE];
        parts.iter().flat_map(|part| part.chars()).for_each(|character| to.push(character));
        (self.last, self.erasable) = ((Some('\n'), now), Some(0));
    }

    /// The screen is gone, and whatever had still to be shown on it.
    pub(crate) fn clear(&mut self) {
        (self.current, self.last, self.erasable) = (None, (None, Instant::ZERO), None);
        self.others.iter_mut().for_each(|other| other.text.clear());
    }

    /// When the next one may be read, if somebody waits.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let since = self.others[self.next()?].since;
        let (last, at) = self.last;
        let between_words = last.is_none_or(char::is_whitespace).then(|| since + LONG);
        let at_end = last.is_none_or(ends_a_sentence).then_some(since);
        let times = [Some(at + REST), Some(since + LONGEST), between_words, at_end];
        times.into_iter().flatten().min()
    }

    /// Lets the next one be read when it is time.
    pub(crate) fn handle_timeout(&mut self, now: Instant, to: &mut Sender) {
        let Some(next) = self.next().filter(|_| self.deadline().is_some_and(|due| due <= now))
        else {
            return;
        };
        let Other { leg, author, .. } = self.others[next];
        self.turn_to(leg, author, to);
        while let Some(character) = self.others[next].text.pop() {
            self.put(now, character, to);
        }
    }

    /// Who waits longest.
    fn next(&self) -> Option<usize> {
        let waiting = (0..OTHERS).filter(|&place| !self.others[place].text.is_empty());
        waiting.min_by_key(|&place| self.others[place].since)
    }

    fn turn_to(&mut self, leg: LegId, author: Party, to: &mut Sender) {
        let parts = [self.line_break(), "[", author.as_str(), "] "];
        parts.iter().flat_map(|part| part.chars()).for_each(|character| to.push(character));
        (self.current, self.erasable) = (Some(leg), Some(0));
    }

    /// What begins a new line, if none has begun.
    fn line_break(&self) -> &'static str {
        if self.last.0.is_none_or(ends_a_line) { "" } else { NEW_LINE }
    }

    fn put(&mut self, now: Instant, character: char, to: &mut Sender) {
        self.last = (Some(character), now);
        let erases = character == BACKSPACE;
        match &mut self.erasable {
            // RFC 9071 §4.2: she would erase what somebody else wrote.
            Some(0) if erases => return to.push(BEYOND),
            Some(count) if erases => *count -= 1,
            Some(count) => *count = count.saturating_add(1),
            None => {}
        }
        to.push(character);
    }
}

const fn ends_a_line(character: char) -> bool {
    matches!(character, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

const fn ends_a_sentence(character: char) -> bool {
    ends_a_line(character) || matches!(character, '.' | '!' | '?' | '。' | '؟' | '।')
}

/// Authors who can wait.
const OTHERS: usize = 3;
/// Bytes of text that an author who waits can have written.
const ROOM: usize = 1024;
const NEW_LINE: &str = "\r\n";
const BACKSPACE: char = '\u{8}';
const BEYOND: char = 'X';
/// Whoever writes nothing for so long has come to an end.
const REST: Duration = Duration::from_secs(2);
/// Whoever waits for so long comes after this word ..
const LONG: Duration = Duration::from_secs(5);
/// .. and for so long, at once.
const LONGEST: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use model::{Chance, TextFormat};
    use rtp::Packet;

    use super::*;

    const CALLER: (LegId, Party) = (LegId(1), Party::Caller);
    const ADVOCATE: (LegId, Party) = (LegId(2), Party::Advocate);
    const INTERPRETER: (LegId, Party) = (LegId(4), Party::Interpreter);

    struct Screen {
        feed: Feed,
        sender: Sender,
        now: Instant,
    }

    impl Screen {
        fn announces(&mut self, text: &str) {
            self.feed.announce(self.now, text, &mut self.sender);
        }

        fn new() -> Self {
            let format = TextFormat { t140: 98, red: None, repeats: 0 };
            let sender = Sender::new(format, 1000, &mut Chance::from_number(1));
            Self { feed: Feed::new(), sender, now: Instant::ZERO + Duration::from_secs(1) }
        }

        fn shows(&mut self, author: (LegId, Party), text: &str) {
            self.feed.show(self.now, author, text, &mut self.sender);
        }

        /// What is read `millis` later.
        fn reads_after(&mut self, millis: u64) -> String {
            let (mut bytes, mut read) = ([0; 2000], String::new());
            for _ in 0..millis / 100 {
                self.now += Duration::from_millis(100);
                self.feed.handle_timeout(self.now, &mut self.sender);
                let length = self.sender.write(self.now, &mut bytes);
                if let Ok(packet) = Packet::parse(&bytes[..length]) {
                    read += str::from_utf8(packet.payload).expect("whole characters");
                }
            }
            read
        }
    }

    #[test]
    fn one_author_is_read_as_she_writes() {
        let mut screen = Screen::new();
        screen.shows(CALLER, "hel\u{8}\u{8}\u{8}\u{8}me");
        assert_eq!(screen.reads_after(1000), "hel\u{8}\u{8}\u{8}\u{8}me");
    }

    #[test]
    fn where_the_author_changes_a_line_begins_with_who_writes() {
        let mut screen = Screen::new();
        screen.shows(ADVOCATE, "How are you?");
        screen.shows(INTERPRETER, "Bien.");
        screen.shows(ADVOCATE, "Good\n");
        screen.shows(INTERPRETER, "Sí");
        assert_eq!(
            screen.reads_after(2000),
            "How are you?\r\n[interpreter] Bien.\r\n[advocate] Good\n[interpreter] Sí"
        );
    }

    #[test]
    fn whoever_is_read_finishes_first_and_nobody_waits_for_ever() {
        let mut screen = Screen::new();
        screen.shows(CALLER, "I am");
        screen.shows(ADVOCATE, "Wait");
        assert_eq!(screen.reads_after(1000), "I am");
        screen.shows(CALLER, " here.");
        assert_eq!(screen.reads_after(600), " here.\r\n[advocate] Wait");
        for _ in 0..6 {
            screen.shows(ADVOCATE, "x");
            screen.shows(CALLER, "y");
            assert!(!screen.reads_after(1000).contains('y'));
        }
        screen.shows(ADVOCATE, " ");
        assert_eq!(screen.reads_after(300), " \r\n[caller] yyyyyy");
        screen.shows(ADVOCATE, "rest");
        assert_eq!(screen.reads_after(1600), "");
        assert_eq!(screen.reads_after(600), "\r\n[advocate] rest");
    }

    #[test]
    fn nobody_erases_what_another_wrote() {
        let mut screen = Screen::new();
        screen.shows(CALLER, "help.");
        screen.shows(ADVOCATE, "oh\u{8}\u{8}\u{8}\u{8}k");
        assert_eq!(screen.reads_after(1000), "help.\r\n[advocate] oh\u{8}\u{8}XXk");
    }

    #[test]
    fn what_we_say_is_a_line_of_its_own_that_nobody_erases() {
        let mut screen = Screen::new();
        screen.announces("Please wait.");
        assert_eq!(screen.reads_after(1000), "[Please wait.]\r\n");
        screen.shows(ADVOCATE, "\u{8}Hel");
        screen.announces("Somebody joins.");
        screen.shows(ADVOCATE, "\u{8}lo.");
        screen.shows(INTERPRETER, "Hola.");
        assert_eq!(
            screen.reads_after(3000),
            "XHel\r\n[Somebody joins.]\r\nXlo.\r\n[interpreter] Hola."
        );
    }

    #[test]
    fn more_authors_than_can_wait_are_all_read() {
        let mut screen = Screen::new();
        for leg in 0..6 {
            screen.shows((LegId(leg), Party::Caller), &format!("n{leg}"));
        }
        let read = screen.reads_after(40_000);
        assert!((0..6).all(|leg| read.contains(&format!("n{leg}"))), "{read}");
    }
}
