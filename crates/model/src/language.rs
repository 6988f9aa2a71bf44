//! Languages as BCP 47 tags.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language by its BCP 47 tag, at most 15 bytes, kept as written in the catalogue (`en`, `cmn`).
///
/// Never canonicalised: CLDR would fold `cmn` into `zh` and `kmr` into `ku`, and route a caller to
/// the wrong interpreter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language {
    tag: [u8; 15],
    length: u8,
}

/// Why a text is no language tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LanguageError;

impl Language {
    /// English, the language in which Northline's staff prompts are spoken.
    pub const ENGLISH: Self = Self::literal("en");
    /// Spanish.
    pub const SPANISH: Self = Self::literal("es");
    /// A language nobody has named yet (`und`): someone must find out which it is.
    pub const UNKNOWN: Self = Self::literal("und");

    /// The tag.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.tag[..usize::from(self.length)]).expect("tags are checked to be ASCII")
    }

    const fn literal(tag: &str) -> Self {
        let bytes = tag.as_bytes();
        let mut held = [0; 15];
        let mut at = 0;
        while at < bytes.len() {
            held[at] = bytes[at];
            at += 1;
        }
        Self { tag: held, length: bytes.len() as u8 }
    }
}

impl FromStr for Language {
    type Err = LanguageError;

    fn from_str(tag: &str) -> Result<Self, LanguageError> {
        let subtag =
            |s: &str| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
        let primary = tag.split('-').next().unwrap_or_default();
        let fits = (2..=15).contains(&tag.len()) && (2..=8).contains(&primary.len());
        if fits && tag.split('-').all(subtag) { Ok(Self::literal(tag)) } else { Err(LanguageError) }
    }
}

impl TryFrom<String> for Language {
    type Error = LanguageError;

    fn try_from(tag: String) -> Result<Self, LanguageError> {
        tag.parse()
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.as_str().to_owned()
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Language({self})")
    }
}

impl fmt::Display for LanguageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a language is a BCP 47 tag such as `en`, `es` or `cmn`")
    }
}

impl std::error::Error for LanguageError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_kept_as_written() {
        for tag in ["en", "cmn", "zh-Hant", "kmr", "sr-Latn-ME"] {
            assert_eq!(tag.parse::<Language>().map(|l| l.to_string()).as_deref(), Ok(tag));
        }
        for bad in ["", "e", "en_US", "english-language-long", "é", "en--us", "-en"] {
            assert_eq!(bad.parse::<Language>(), Err(LanguageError), "{bad}");
        }
    }
}
