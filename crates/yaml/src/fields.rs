//! The entries of one table of the tree, taken out one by one and read as what they must be.
//!
//! Everything that does not fit is noted in one list of problems and left out.

use std::time::Duration;

use crate::problem::{Problem, Spot};
use crate::suggest;
use crate::tree::{Entry, Located, Node, Value};

/// The entries of one table that nobody has read yet.
pub struct Fields {
    /// Where the table begins: for what is missing in it.
    pub spot: Spot,
    entries: Vec<Entry>,
}

impl Fields {
    /// The entries of `node`, which is a table called `what` with no other entries than `allowed`.
    pub fn of(
        node: Node,
        spot: Spot,
        what: &str,
        allowed: &[&str],
        problems: &mut Vec<Problem>,
    ) -> Option<Self> {
        let entries = entries_once(node, what, problems)?;
        let (known, strange): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|(key, _)| allowed.contains(&key.value.as_str()));
        problems.extend(strange.into_iter().map(|(key, node)| {
            let is_slip = || suggest::nearest(&key.value, allowed.iter().copied()).is_some();
            // The rest of a text with a comma in it, which may be a secret.
            if node.value == Value::Nothing && !is_slip() {
                let message = format!("a word without a value means nothing in {what}");
                return Problem::new(
                    key.spot,
                    message,
                    "give it a value; if it is part of a text with a comma in it, quote that text",
                );
            }
            let message = format!("`{}` means nothing in {what}", key.value);
            Problem::new(key.spot, message, suggest::help(&key.value, allowed.iter().copied()))
        }));
        Some(Self { spot, entries: known })
    }

    /// Takes out an entry.
    pub fn take(&mut self, key: &str) -> Option<Entry> {
        let at = self.entries.iter().position(|(entry, _)| entry.value == key)?;
        Some(self.entries.swap_remove(at))
    }

    /// Takes out an entry that must be there.
    pub fn require(&mut self, key: &str, help: &str, problems: &mut Vec<Problem>) -> Option<Entry> {
        let entry = self.take(key);
        if entry.is_none() {
            problems.push(Problem::new(self.spot, format!("`{key}` is missing"), help));
        }
        entry
    }
}

/// The entries of a table, each key once.
pub fn entries_once(node: Node, what: &str, problems: &mut Vec<Problem>) -> Option<Vec<Entry>> {
    let Value::Table(entries) = node.value else {
        let message = format!("{what} is a table, but this is {}", kind(&node.value));
        problems.push(Problem::new(node.spot, message, "write `name: value` lines"));
        return None;
    };
    let mut once: Vec<Entry> = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        if once.iter().any(|(earlier, _)| earlier.value == key.value) {
            let message = format!("`{}` is written twice in {what}", key.value);
            problems.push(Problem::new(key.spot, message, "keep one of the two"));
        } else {
            once.push((key, node));
        }
    }
    Some(once)
}

/// One word.
pub fn word(
    (key, node): Entry,
    example: &str,
    problems: &mut Vec<Problem>,
) -> Option<Located<String>> {
    match node.value {
        Value::Text(text) if !text.is_empty() => Some(Located { value: text, spot: node.spot }),
        other => {
            let spot = if other == Value::Nothing { key.spot } else { node.spot };
            let message = format!("`{}` is one word, but this is {}", key.value, kind(&other));
            let help = format!("for example `{}: {example}`", key.value);
            problems.push(Problem::new(spot, message, help));
            None
        }
    }
}

/// One word or a list of words, at least one.
pub fn words(
    (key, node): Entry,
    example: &str,
    problems: &mut Vec<Problem>,
) -> Vec<Located<String>> {
    let key_spot = key.spot;
    let help = format!("for example `{}: [{example}]`", key.value);
    let nodes = match node.value {
        Value::List(nodes) => nodes,
        Value::Nothing => Vec::new(),
        _ => vec![node],
    };
    if nodes.is_empty() {
        problems.push(Problem::new(key_spot, format!("`{}` is empty", key.value), help));
        return Vec::new();
    }
    let mut found = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node.value {
            Value::Text(text) => found.push(Located { value: text, spot: node.spot }),
            other => {
                let message = format!("`{}` lists words, but this is {}", key.value, kind(&other));
                problems.push(Problem::new(node.spot, message, help.clone()));
            }
        }
    }
    found
}

/// A time: `25s`, `1.5s`, `800ms`.
pub fn time(word: &Located<String>, problems: &mut Vec<Problem>) -> Option<Located<Duration>> {
    let parsed = parse_time(&word.value);
    if parsed.is_none() {
        let message = format!("`{}` is no time", word.value);
        let help = "write seconds or milliseconds, for example `25s`, `1.5s` or `800ms`";
        problems.push(Problem::new(word.spot, message, help));
    }
    parsed.map(|time| word.with(time))
}

fn parse_time(text: &str) -> Option<Duration> {
    let (number, unit_seconds) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = number.parse().ok().filter(|_| plain)?;
    Duration::try_from_secs_f64(number * unit_seconds).ok()
}

/// What a value is, in an operator's words, which quote none of it: it may be a secret.
pub const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Nothing => "empty",
        Value::Text(_) => "a word",
        Value::List(_) => "a list",
        Value::Table(_) => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_milliseconds() {
        for (text, millis) in [("25s", 25_000), ("1.5s", 1_500), ("800ms", 800), ("0s", 0)] {
            assert_eq!(parse_time(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for bad in ["25", "s", "-1s", "1e9s", "5 min", "infs", "", "99999999999999999999999s"] {
            assert_eq!(parse_time(bad), None, "{bad}");
        }
    }
}
