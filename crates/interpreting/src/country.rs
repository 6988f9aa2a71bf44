//! Which languages people of a country are likely to speak, where the language was not named.

use crate::catalogue::Entry;
use crate::fold::fold;

/// A country or region with its languages.
#[derive(Clone, Debug)]
pub(crate) struct Country {
    /// Its folded names.
    pub(crate) names: Vec<String>,
    /// Positions in the catalogue, the language to try first first.
    pub(crate) languages: Vec<usize>,
}

/// Reads one line; `None` if it names a language that `entries` do not have.
pub(crate) fn parse(line: &str, entries: &[Entry]) -> Option<Country> {
    let (names, tags) = line.split_once('|')?;
    let position = |tag: &str| entries.iter().position(|entry| entry.language.as_str() == tag);
    Some(Country {
        names: names.split(';').map(fold).collect(),
        languages: tags.split(' ').map(position).collect::<Option<_>>()?,
    })
}
