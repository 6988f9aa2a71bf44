//! Names, numbers, keys and addresses that appear nowhere else, and the search for them.

/// What must not be found, each with what it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Canaries {
    texts: Vec<(&'static str, String)>,
}

impl Canaries {
    /// A text, as it is.
    pub(crate) fn text(&mut self, what: &'static str, text: impl Into<String>) {
        self.texts.push((what, text.into()));
    }

    /// Keys that were pressed, in all the ways in which a list of them is printed.
    pub(crate) fn keys(&mut self, what: &'static str, keys: &str) {
        let quoted: Vec<String> = keys.chars().map(|key| format!("'{key}'")).collect();
        let plain: Vec<String> = keys.chars().map(String::from).collect();
        let events: Vec<String> = plain.iter().map(|key| format!("Digit({key})")).collect();
        self.text(what, keys);
        for separator in [", ", " ", ",", "-"] {
            self.text(what, plain.join(separator));
        }
        self.text(what, quoted.join(", "));
        self.text(what, events.join(", "));
    }

    /// The canaries found in `text`, by what they are.
    pub(crate) fn found_in(&self, text: &str) -> Vec<&'static str> {
        let text = text.to_lowercase();
        let found = self.texts.iter().filter(|(_, canary)| text.contains(&canary.to_lowercase()));
        found.map(|&(what, _)| what).chain(single_key(&text)).collect()
    }
}

/// A word for a key, and then a key: `digit=7`, `Digit(7)`, `dtmf: '7'`.
fn single_key(text: &str) -> Option<&'static str> {
    let shown = |after: &str| {
        let value = after.trim_start_matches(['s', ' ', ':', '=', '(', '\'', '"', '[', '`']);
        let mut first = value.chars();
        let is_key = first.next().is_some_and(|key| key.is_ascii_digit() || "*#".contains(key));
        value.len() < after.len() && is_key && !first.next().is_some_and(char::is_alphanumeric)
    };
    let told = |word: &&str| text.split(word).skip(1).any(shown);
    WORDS.iter().any(told).then_some("a single key")
}

const WORDS: [&str; 4] = ["digit", "dtmf", "signal", "key"];

#[test]
fn canaries_are_found_however_they_are_written() {
    let mut canaries = Canaries::default();
    canaries.keys("keys", "7946");
    canaries.text("name", "Finch");
    for (text, found) in [
        ("pressed 7946 now", &["keys"][..]),
        ("[7, 9, 4, 6]", &["keys"]),
        ("Dtmf { keys: ['7', '9', '4', '6'] }", &["keys", "a single key"]),
        ("from FINCH", &["name"]),
        ("leg=3 digit=7", &["a single key"]),
        ("Digit(5)", &["a single key"]),
        ("digit leg=7946a2", &["keys"]),
        ("digit leg=7a2, monkey 12", &[]),
    ] {
        assert_eq!(canaries.found_in(text), found, "{text}");
    }
}
