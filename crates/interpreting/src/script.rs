//! An access script as the configuration writes it: the waits and digits between a vendor's answer
//! and an interpreter.

use std::time::Duration;

use model::Digit;
use serde::Deserialize;

use crate::{Code, Secret};

/// One step of an access script.
///
/// `{ wait = "2s" }`, `{ hear-speech = "10s" }`, `{ hear-silence = "20s" }`,
/// `{ send = "{account}#" }`, `{ person = "60s" }`. A menu that speaks after the last digits needs
/// its own `hear-speech` and `hear-silence` before `person`, or it is taken for one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Waits so long.
    Wait(Limit),
    /// Waits, at most so long, until something speaks.
    HearSpeech(Limit),
    /// Waits, at most so long, until the prompt is over.
    HearSilence(Limit),
    /// Sends digits.
    Send(Digits),
    /// Waits, at most so long, for a person: a phrase between two pauses. Hold music has none.
    Person(Limit),
}

/// A length of time as written: `500ms`, `20s`, `2m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct Limit(pub Duration);

/// Why a text is no length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is a number with `ms`, `s` or `m`, up to an hour, such as `20s`")]
pub struct LimitError;

/// Digits to send, with places for what differs: `{language}` is the vendor's code for the
/// language, `{account}` the account's secret.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Digits(Vec<Part>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Digit(Digit),
    Language,
    Account,
}

/// Why a text is nothing that could be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DigitsError {
    /// Nothing to send.
    #[error("`send` needs at least one key")]
    Empty,
    /// Neither a key nor a place.
    #[error("`send` takes the keys 0-9 * # A-D, `{{language}}` and `{{account}}`")]
    Unknown,
}

impl TryFrom<String> for Limit {
    type Error = LimitError;

    fn try_from(text: String) -> Result<Self, LimitError> {
        let unit = text.find(|c: char| !c.is_ascii_digit()).ok_or(LimitError)?;
        let number: u64 = text[..unit].parse().map_err(|_| LimitError)?;
        let millis = match &text[unit..] {
            "ms" => number,
            "s" => number.saturating_mul(1000),
            "m" => number.saturating_mul(60_000),
            _ => return Err(LimitError),
        };
        if millis <= HOUR_MS { Ok(Self(Duration::from_millis(millis))) } else { Err(LimitError) }
    }
}

impl Digits {
    /// Whether the vendor's code for the language is needed.
    pub fn needs_language(&self) -> bool {
        self.0.contains(&Part::Language)
    }

    /// Whether the account's secret is needed.
    pub fn needs_account(&self) -> bool {
        self.0.contains(&Part::Account)
    }

    /// The digits with both places filled; `None` if one that is needed is missing.
    pub fn fill(&self, language: Option<&Code>, account: Option<&Secret>) -> Option<Vec<Digit>> {
        let mut digits = Vec::new();
        for part in &self.0 {
            match part {
                Part::Digit(digit) => digits.push(*digit),
                Part::Language => digits.extend(language?.digits()),
                Part::Account => digits.extend(account?.reveal()),
            }
        }
        Some(digits)
    }
}

impl TryFrom<String> for Digits {
    type Error = DigitsError;

    fn try_from(text: String) -> Result<Self, DigitsError> {
        let mut rest = text.as_str();
        let mut parts = Vec::new();
        while let Some(first) = rest.chars().next() {
            let (part, after) = if let Some(after) = rest.strip_prefix("{language}") {
                (Part::Language, after)
            } else if let Some(after) = rest.strip_prefix("{account}") {
                (Part::Account, after)
            } else {
                let digit = Digit::from_char(first).ok_or(DigitsError::Unknown)?;
                (Part::Digit(digit), &rest[first.len_utf8()..])
            };
            parts.push(part);
            rest = after;
        }
        if parts.is_empty() { Err(DigitsError::Empty) } else { Ok(Self(parts)) }
    }
}

const HOUR_MS: u64 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Code {
        Code::try_from(text.to_owned()).expect("a code")
    }

    #[test]
    fn the_places_of_a_send_step_are_filled() {
        let digits = Digits::try_from("1{account}#{language}#".to_owned()).expect("digits");
        let account = Secret::new(code("4711"));
        let filled = digits.fill(Some(&code("07")), Some(&account)).expect("both are given");
        assert_eq!(filled.iter().map(|d| d.as_char()).collect::<String>(), "14711#07#");
        assert_eq!(digits.fill(None, Some(&account)), None);
        assert_eq!(digits.fill(Some(&code("07")), None), None);
    }

    #[test]
    fn what_cannot_be_sent_is_refused() {
        for (text, expected) in [
            ("", DigitsError::Empty),
            ("12e", DigitsError::Unknown),
            ("{pin}", DigitsError::Unknown),
        ] {
            assert_eq!(Digits::try_from(text.to_owned()), Err(expected), "{text}");
        }
    }

    #[test]
    fn times_carry_their_unit() {
        let limit = |text: &str| Limit::try_from(text.to_owned()).map(|limit| limit.0);
        assert_eq!(limit("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(limit("20s"), Ok(Duration::from_secs(20)));
        assert_eq!(limit("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "20", "s", "-1s", "1h", "61m", "99999999999999999999s", "1 s"] {
            assert_eq!(limit(bad), Err(LimitError), "{bad}");
        }
    }
}
