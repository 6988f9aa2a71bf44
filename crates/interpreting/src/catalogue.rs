//! All languages Northline can name, from the data file beside this module.

use model::Language;

use crate::country::{self, Country};
use crate::find::{self, Name};

/// One language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its BCP 47 tag: the language's identity everywhere in Northline.
    pub language: Language,
    /// The number on the advocates' card, 100–999, fixed for ever.
    pub number: u16,
    /// ISO 639-3.
    pub iso639_3: &'static str,
    /// The English name.
    pub english: &'static str,
    /// What its speakers call it, where known.
    pub autonym: Option<&'static str>,
    /// The Spanish name.
    pub spanish: &'static str,
    /// The likely script (ISO 15924), where known: for fonts, never to choose a voice.
    pub script: Option<&'static str>,
    /// Whether that script runs from right to left.
    pub right_to_left: bool,
    /// Other words people and vendors use for it.
    pub aliases: Vec<&'static str>,
}

impl Entry {
    /// The autonym, or the English name where it is unknown.
    pub fn own_name(&self) -> &'static str {
        self.autonym.unwrap_or(self.english)
    }
}

/// Why the data is no catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// A line has too few or wrong fields.
    #[error("malformed catalogue at line {line}")]
    Malformed {
        /// 1-based.
        line: usize,
    },
    /// Two languages share a number or a tag.
    #[error("a number or tag twice at line {line}")]
    Twice {
        /// 1-based.
        line: usize,
    },
}

/// All languages, in the order of their numbers: the commonest first, then by English name.
#[derive(Clone, Debug)]
pub struct Catalogue {
    entries: Vec<Entry>,
    names: Vec<Name>,
    countries: Vec<Country>,
}

impl Catalogue {
    /// The catalogue compiled into the program. Parse it once, at the start.
    pub fn embedded() -> Self {
        Self::parse(LANGUAGES, COUNTRIES).expect("a test parses the embedded data")
    }

    /// Reads the two data files; their headers describe the fields.
    pub fn parse(languages: &'static str, countries: &'static str) -> Result<Self, CatalogueError> {
        let mut entries: Vec<Entry> = Vec::new();
        for (line, text) in rows(languages) {
            let entry = entry(text).ok_or(CatalogueError::Malformed { line })?;
            let same = |e: &Entry| e.number == entry.number || e.language == entry.language;
            if entries.iter().any(same) {
                return Err(CatalogueError::Twice { line });
            }
            entries.push(entry);
        }
        let countries = rows(countries)
            .map(|(line, text)| {
                country::parse(text, &entries).ok_or(CatalogueError::Malformed { line })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { names: find::names(&entries), entries, countries })
    }

    /// All languages.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The language with this card number.
    pub fn by_number(&self, number: u16) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.number == number)
    }

    /// The language with this tag.
    pub fn by_tag(&self, language: Language) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.language == language)
    }

    /// The languages `text` may mean, the likeliest first; none for an empty text.
    ///
    /// Understands names in English, in Spanish and in the language itself, codes, beginnings,
    /// spelling mistakes, whole sentences, and countries. Case and accents do not matter.
    pub fn find(&self, text: &str) -> Vec<&Entry> {
        let found = find::ranked(text, &self.entries, &self.names, &self.countries);
        found.into_iter().map(|at| &self.entries[at]).collect()
    }
}

/// The lines that are neither blank nor comments, with their 1-based numbers.
fn rows(text: &'static str) -> impl Iterator<Item = (usize, &'static str)> {
    (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn entry(line: &'static str) -> Option<Entry> {
    let fields: Vec<&str> = line.split('|').collect();
    let &[number, tag, iso639_3, english, autonym, script, rtl, spanish, aliases] = &fields[..]
    else {
        return None;
    };
    let number = number.parse().ok().filter(|number| (100..=999).contains(number))?;
    let filled = |field: &'static str| (!field.is_empty()).then_some(field);
    Some(Entry {
        language: tag.parse().ok()?,
        number,
        iso639_3,
        english: filled(english)?,
        autonym: filled(autonym),
        spanish: filled(spanish)?,
        script: filled(script),
        right_to_left: rtl == "true",
        aliases: aliases.split(';').filter_map(filled).collect(),
    })
}

const LANGUAGES: &str = include_str!("data/languages.psv");
const COUNTRIES: &str = include_str!("data/countries.psv");
