//! Which words of a configuration are nobody's to read (O8).

use std::ops::Range;

use yaml::suggest;

/// The text as it may be shown beside a problem: secrets are starred, byte for byte, also where their
/// key is misspelt, and on all the lines they are written over.
pub(super) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut open_braces = 0;
    while let Some(secret) = next_secret(text, shown.len(), &mut open_braces) {
        shown.push_str(&text[shown.len()..secret.start]);
        let star = |byte| if matches!(byte, b' ' | b'\r' | b'\n') { char::from(byte) } else { '*' };
        shown.extend(text[secret].bytes().map(star));
    }
    shown.push_str(&text[shown.len()..]);
    shown
}

/// Whether a configuration's text, without its comments, holds a secret.
pub(crate) fn holds_secrets(text: &str) -> bool {
    let mut settings = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    settings.any(|line| next_secret(line, 0, &mut 0).is_some())
}

/// Whether a configuration's text, without its comments, has a secret of the sample that Northline
/// brings.
pub(crate) fn holds_samples(text: &str) -> bool {
    let mut settings = text.lines().map(|line| line.split('#').next().unwrap_or_default());
    settings.any(|line| SAMPLES.iter().any(|sample| line.contains(sample)))
}

/// The first secret from an offset on: what comes after its key's colon.
fn next_secret(text: &str, from: usize, open_braces: &mut usize) -> Option<Range<usize>> {
    for (at, mark) in text[from..].match_indices(['{', '}', ':']) {
        let at = from + at;
        let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        match mark {
            "{" => *open_braces += 1,
            "}" => *open_braces = open_braces.saturating_sub(1),
            _ if is_secret(key_before(&text[line..at])) => {
                let length = length(&text[line..at], &text[at + 1..], *open_braces);
                return Some(at + 1..at + 1 + length);
            }
            _ => {}
        }
    }
    None
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

/// How much of `text` is the value of a key at the end of `line`: between braces to the end of its
/// entry, elsewhere also the lines that are indented deeper than the key. Rather too much than too
/// little.
fn length(line: &str, text: &str, open_braces: usize) -> usize {
    let begins = text.len() - text.trim_start().len();
    let quoted = match text[begins..].chars().next() {
        Some(quote @ ('"' | '\'')) => begins + 1 + end_of_quoted(&text[begins + 1..], quote),
        _ => 0,
    };
    let next = |from: usize| text[from..].find([',', '}']).map_or(text.len(), |at| from + at);
    let entry = |from: usize| {
        let mut end = next(from);
        // What has no colon is no entry, but the rest of a text with a comma in it.
        while text[end..].starts_with(',') && !text[end..next(end + 1)].contains(':') {
            end = next(end + 1);
        }
        end
    };
    if line.contains('{') {
        return entry(quoted);
    }
    let first =
        quoted + text[quoted..].find('\n').map_or(text.len() - quoted, |newline| newline + 1);
    let end = first + lines_below(line, &text[first..]);
    let is_whole = open_braces == 0 || text[..end].contains([',', '}']);
    if is_whole { end } else { entry(end) }
}

/// How much of `text` still belongs to the key at the end of `line`.
fn lines_below(line: &str, text: &str) -> usize {
    if line.contains('#') {
        return 0;
    }
    let column = line.len() - line.trim_start_matches([' ', '-']).len();
    let is_part = |below: &&str| {
        let words = below.trim_start();
        let indent = below.len() - words.len();
        let is_deeper = indent > column || (indent == column && words.starts_with('-'));
        // The tokens are a table of clients, whose own keys say what is secret.
        let is_client = line.trim_end().ends_with(CLIENTS) && below.contains(':');
        words.is_empty() || (is_deeper && !is_client)
    };
    text.split_inclusive('\n').take_while(is_part).map(str::len).sum()
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
            _ if c == quote => return at,
            _ => {}
        }
    }
    text.len()
}

/// The keys of secrets.
const KEYS: [&str; 3] = ["password", "account", "token"];
/// A key of no secret, but of those who have one.
const CLIENTS: &str = "tokens";
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
        ] {
            let shown = shown(line);
            assert!(!shown.contains("hunter2") && shown.len() == line.len(), "{shown}");
            assert!(holds_secrets(line), "{line}");
        }
    }

    #[test]
    fn o8_no_secret_is_shown_on_however_many_lines_it_is_written() {
        for text in [
            "- password: |\n    hunter2\n\n    hunter2: hunter2\n  name: alice\n",
            "- password: >-  # folded\n    hunter2\n     hunter2\n  name: alice\n",
            "- password: hunter2\n    hunter2\n  name: alice\n",
            "- password:\n    hunter2\n  name: alice\n",
            "password:\n- hunter2\nname: alice\n",
            "password: \"a\n\n  hunter2\"\nname: alice\n",
            "password: \"a\nhunter2 \\\"\nhunter2\" hunter2\nname: alice\n",
            "password:\n 'a\n hunter2''\n hunter2'\nname: alice\n",
            "password: \"never closed\nhunter2, }\n name hunter2\n",
            "- { password: hun,hunter2, hunter2, name: alice }\n",
            "- { password: hunter2\n  hunter2,\n  name: alice }\n",
            "- { password: \"a,\n  hunter2\",\n  name: alice }\n",
            "- { password:\n hunter2, name: alice }\n",
            "- { role: x,\n  password:\n  hunter2,\n  name: alice }\n",
            "- { role: x,\n  password: a\n  hunter2,\n  name: alice }\n",
            "tokens:\n  - hunter2\n  - hunter2\nname: alice\n",
            "tokens:\n  - { token: hunter2, name: alice }\n  - name: alice\n    token: hunter2\n",
            "password: |\r\n  hunter2\r\nname: alice\r\n",
        ] {
            let shown = shown(text);
            assert!(!shown.contains("hunter2") && shown.len() == text.len(), "{shown}");
            assert!(shown.contains("name: alice") || text.contains("never closed"), "{shown}");
            assert_eq!(shown.lines().count(), text.lines().count(), "{shown}");
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
        assert!(
            shown(text)
                .starts_with("sip: { listn: 127.0.0.1:5060 }\nqueues: [crisis]\nname: alice")
        );
        assert!(!holds_secrets(text));
    }
}
