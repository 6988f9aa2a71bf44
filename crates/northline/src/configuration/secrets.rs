//! Which words of a configuration are nobody's to read (O8).

use yaml::suggest;

/// The text as it may be shown beside a problem: secrets are starred, byte for byte, also where their
/// key is misspelt.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    // The column of the key whose secret the line before ended with: it may go on below.
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        open = open.filter(|&column| line.trim().is_empty() || indentation(line, &[' ']) > column);
        if open.is_some() {
            shown.extend(line.chars().flat_map(starred));
            continue;
        }
        let mut rest = line;
        while let Some(at) = secret_in(rest) {
            let (before, value) = rest.split_at(at);
            let in_braces = line[..line.len() - value.len()].contains('{');
            let (secret, after) = value.split_at(end_of(value, in_braces));
            shown.push_str(before);
            shown.extend(secret.chars().flat_map(starred));
            rest = after;
            open = after.trim().is_empty().then(|| indentation(line, &[' ', '-']));
        }
        shown.push_str(rest);
    }
    shown
}

/// As many stars as a character has bytes.
fn starred(c: char) -> impl Iterator<Item = char> {
    let star = if c.is_ascii_whitespace() { c } else { '*' };
    std::iter::repeat_n(star, c.len_utf8())
}

/// How far to the right a line begins, after what stands before its first word.
fn indentation(line: &str, before: &[char]) -> usize {
    line.len() - line.trim_start_matches(before).len()
}

/// Whether a configuration's text, without its comments, holds a secret.
pub(crate) fn holds_secrets(text: &str) -> bool {
    let mut settings = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    settings.any(|line| secret_in(line).is_some())
}

/// Whether a configuration's text, without its comments, has a secret of the sample that Northline
/// brings.
pub(crate) fn holds_samples(text: &str) -> bool {
    let mut settings = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    settings.any(|line| SAMPLES.iter().any(|sample| line.contains(sample)))
}

/// Where in a line the first secret begins: after its key's colon.
fn secret_in(line: &str) -> Option<usize> {
    let mut colons = line.match_indices(':').map(|(at, _)| at);
    colons.find(|&at| is_secret(key_before(&line[..at]))).map(|at| at + 1)
}

/// The last word of a text, which may stand in quotes.
fn key_before(text: &str) -> &str {
    let text = text.trim_end().trim_end_matches(['"', '\'']);
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    text.rsplit(|c| !is_part(c)).next().unwrap_or_default()
}

fn is_secret(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    LIKE.iter().any(|part| key.contains(part)) || suggest::nearest(&key, KEYS).is_some()
}

/// Where a value ends: with its line, with its quotes, or, between braces, with its entry.
fn end_of(value: &str, in_braces: bool) -> usize {
    let begins = value.len() - value.trim_start().len();
    match value[begins..].chars().next() {
        Some(quote @ ('"' | '\'')) => begins + 1 + end_of_quoted(&value[begins + 1..], quote),
        _ if in_braces => value.find([',', '}', '\n']).unwrap_or(value.len()),
        _ => value.trim_end_matches('\n').len(),
    }
}

/// Where a text that began with `quote` has its other one, as YAML escapes those within.
fn end_of_quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        let is_doubled = quote == '\'' && text[at + c.len_utf8()..].starts_with(quote);
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote && is_doubled => escaped = true,
            '\n' => return at,
            _ if c == quote => return at,
            _ => {}
        }
    }
    text.len()
}

/// The keys of secrets.
const KEYS: [&str; 3] = ["password", "account", "token"];
/// The secrets of the sample.
const SAMPLES: [&str; 4] = [
    "a-long-password",
    "write-a-long-random-token-here",
    "write-one-for-her-too-here",
    "write-another-random-token-here",
];
/// What other words for them are made of.
const LIKE: [&str; 4] = ["pass", "pwd", "secret", "token"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o8_no_secret_is_shown_however_its_key_is_written() {
        for line in [
            "password: hunter2",
            "{ name: a, pasword: hunter2 }",
            "passwd: hunter2",
            "\"password\": hunter2",
            "password : hunter2",
            "password: hunter2, hunter2 } hunter2 # hunter2",
            "{ password: \"hunter2, hunter2 } # hunter2\", name: a }",
            "{ acount: 'hunter2' }",
            "{ password: \"a\\\"b, hunter2\", name: a }",
            "{ password: 'a''b, hunter2', name: a }",
            "{ tokn: hunter2, password: hunter2 }\n  token: hunter2",
            "password: >\n  hunter2\n\n  hunter2\n",
            "- password: |\n    hunter2\n",
            "password: \"an\n  hunter2 } hunter2\"\n",
            "{ name: a, password:\n    hunter2 }",
        ] {
            let shown = shown(line);
            assert!(!shown.contains("hunter2") && shown.len() == line.len(), "{shown}");
            assert!(holds_secrets(line), "{line}");
        }
    }

    #[test]
    fn every_secret_of_the_sample_is_known() {
        let sample = crate::assets::CONFIGURATION;
        assert!(SAMPLES.iter().all(|secret| sample.contains(secret)) && !holds_samples(sample));
        assert!(holds_samples("advocates: [{ name: a, password: a-long-password }]"));
    }

    #[test]
    fn what_is_no_secret_is_shown() {
        let text =
            "sip: { listn: 127.0.0.1:5060 }\nqueues: [crisis]\nname: alice # password: none\n";
        assert_eq!(
            shown("{ name: alice, password: x, role: monitor }\n"),
            "{ name: alice, password: *, role: monitor }\n"
        );
        let next = "- password: *\n  queues: [crisis]\npassword:\n  *\nname: alice\n";
        assert_eq!(shown(&next.replace('*', "x")), next);
        assert!(
            shown(text)
                .starts_with("sip: { listn: 127.0.0.1:5060 }\nqueues: [crisis]\nname: alice")
        );
        assert!(!holds_secrets(text));
    }
}
