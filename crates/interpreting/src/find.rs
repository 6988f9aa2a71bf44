//! Finding the language people mean.

use std::cmp::Reverse;

use crate::catalogue::Entry;
use crate::country::Country;
use crate::distance;
use crate::fold::fold;

/// One folded name of a language.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    folded: String,
    letters: Vec<char>,
    entry: usize,
    kind: Kind,
}

/// How much a name weighs against another one that fits as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Own,
    Alias,
}

/// How well a language fits, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// It is one of its names.
    Name(Kind),
    /// It is its code.
    Code,
    /// It is spoken in this country, as the first, second … language.
    Country(usize),
    /// One of its names begins so.
    Beginning(Kind),
    /// A word of one of its names begins so.
    WordBeginning(Kind),
    /// One of its names is in the sentence; longer names say more.
    Mentioned(Reverse<usize>),
    /// The country is in the sentence, or begins so.
    CountryMentioned(usize),
    /// One of its names is written almost so.
    Misspelt(usize),
    /// One of its names is almost in the sentence.
    MisspeltMention,
}

/// All names of all languages.
pub(crate) fn names(entries: &[Entry]) -> Vec<Name> {
    let of_entry = |(at, entry): (usize, &Entry)| {
        let own = [Some(entry.english), entry.autonym, Some(entry.spanish)];
        let own = own.into_iter().flatten().map(|name| (name, Kind::Own));
        let aliases = entry.aliases.iter().map(|&name| (name, Kind::Alias));
        own.chain(aliases).map(move |(name, kind)| Name::new(name, at, kind)).collect::<Vec<_>>()
    };
    entries.iter().enumerate().flat_map(of_entry).collect()
}

/// The positions of the languages that `text` may mean, the best first.
pub(crate) fn ranked(
    text: &str,
    entries: &[Entry],
    names: &[Name],
    countries: &[Country],
) -> Vec<usize> {
    let asked = Asked::new(text);
    if asked.folded.is_empty() {
        return Vec::new();
    }
    let by_name = names.iter().filter_map(|name| Some((asked.fit_of_name(name)?, name.entry)));
    let codes = entries.iter().enumerate().filter(|(_, entry)| asked.is_code(entry));
    let by_code = codes.map(|(at, _)| (Fit::Code, at));
    let by_country = countries.iter().flat_map(|country| asked.fits_of_country(country));
    let mut found: Vec<(Fit, usize)> = by_name.chain(by_code).chain(by_country).collect();
    let is_name = |(fit, _): &(Fit, usize)| matches!(fit, Fit::Name(_));
    if found.len() < ENOUGH && !found.iter().any(is_name) {
        found.extend(names.iter().filter_map(|name| Some((asked.slip(name)?, name.entry))));
    }
    found.sort_unstable(); // a tie goes to the smaller number: the commoner language
    let mut seen = vec![false; entries.len()];
    found.retain(|&(_, at)| !std::mem::replace(&mut seen[at], true));
    found.into_iter().map(|(_, at)| at).collect()
}

impl Name {
    fn new(name: &str, entry: usize, kind: Kind) -> Self {
        let folded = fold(name);
        Self { letters: letters(&folded), folded, entry, kind }
    }
}

/// What was asked, folded.
struct Asked {
    folded: String,
    letters: Vec<char>,
    words: Vec<Vec<char>>,
}

impl Asked {
    fn new(text: &str) -> Self {
        let text: String = text.chars().take(LONGEST_QUESTION).collect();
        let folded = fold(&text);
        let words = folded.split(' ').map(letters).collect();
        Self { letters: letters(&folded), folded, words }
    }

    fn is_code(&self, entry: &Entry) -> bool {
        self.folded == entry.iso639_3 || self.folded == fold(entry.language.as_str())
    }

    fn fit_of_name(&self, name: &Name) -> Option<Fit> {
        if name.letters == self.letters {
            return Some(Fit::Name(name.kind));
        }
        if name.folded.starts_with(&self.folded) {
            return Some(Fit::Beginning(name.kind));
        }
        if name.folded.split(' ').any(|word| word.starts_with(&self.folded)) {
            return Some(Fit::WordBeginning(name.kind));
        }
        self.mentions(&name.folded).then_some(Fit::Mentioned(Reverse(name.letters.len())))
    }

    /// How the name may have been misspelt.
    fn slip(&self, name: &Name) -> Option<Fit> {
        let slips = distance::within(slips(&self.letters), &self.letters, &name.letters);
        slips.map(Fit::Misspelt).or_else(|| self.misspells(name).then_some(Fit::MisspeltMention))
    }

    fn fits_of_country(&self, country: &Country) -> Vec<(Fit, usize)> {
        let ordered = |fit: fn(usize) -> Fit| {
            country.languages.iter().enumerate().map(|(rank, &at)| (fit(rank), at)).collect()
        };
        let begins = |name: &String| {
            self.letters.len() >= SHORTEST_COUNTRY && name.starts_with(&self.folded)
        };
        if country.names.contains(&self.folded) {
            ordered(Fit::Country)
        } else if country.names.iter().any(|name| begins(name) || self.mentions(name)) {
            ordered(Fit::CountryMentioned)
        } else {
            Vec::new()
        }
    }

    /// Whether `name` is among the words, whole.
    fn mentions(&self, name: &str) -> bool {
        self.words.len() > 1 && format!(" {} ", self.folded).contains(&format!(" {name} "))
    }

    fn misspells(&self, name: &Name) -> bool {
        let almost = |word: &Vec<char>| {
            slips(word) > 0 && distance::within(1, word, &name.letters).is_some()
        };
        self.words.len() > 1 && self.words.iter().any(almost)
    }
}

/// The letters without the blanks: `Maay Maay` and `maaymaay` are one name.
fn letters(folded: &str) -> Vec<char> {
    folded.chars().filter(|letter| *letter != ' ').collect()
}

/// How many slips a word may have and still be meant: none in a short one, which would be another
/// language's name.
const fn slips(word: &[char]) -> usize {
    match word.len() {
        0..=3 => 0,
        4..=6 => 1,
        _ => 2,
    }
}

/// With a name known, or so many languages found, nobody's spelling is doubted.
const ENOUGH: usize = 3;
const SHORTEST_COUNTRY: usize = 3;
const LONGEST_QUESTION: usize = 200;
