//! The YAML text as a tree that remembers where everything was written.
//!
//! Everything is text here, whatever YAML would make of it: `2`, `on` and `25s` mean what the
//! reader of their field says. Anchors, aliases, merge keys, tags and several documents are refused:
//! such a file reads from top to bottom, and nothing in it is larger than it looks.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{DuplicateKeyPolicy, Location, MergeKeyPolicy, Spanned};

use crate::problem::{Problem, Spot};

/// A value and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub spot: Spot,
}

/// One node of the tree.
pub type Node = Located<Value>;

/// One entry of a table; the same key may come twice.
pub type Entry = (Located<String>, Node);

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing after the colon, `~` or `null`.
    Nothing,
    /// A word, number or quoted text.
    Text(String),
    /// `[a, b]` or lines with dashes.
    List(Vec<Node>),
    /// `{a: b}` or lines with colons.
    Table(Vec<Entry>),
}

/// The tree of `text`, or the first place where it is no YAML. A file without a word in it is
/// [`Value::Nothing`].
pub fn parse(text: &str) -> Result<Node, Problem> {
    if text.len() > LARGEST_FILE {
        return Err(too_large(START));
    }
    if let Some(tab) = indenting_tab(text) {
        let help = "indent with spaces; two for each level";
        return Err(Problem::new(tab, "a tab in the indentation", help));
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 16,
            max_nodes: 20_000,
            max_events: 50_000,
            max_documents: 1,
            max_anchors: 0,
            max_aliases: 0,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        reject_unsupported_tags: true,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Value>>(text, options) {
        Ok(node) => Ok(node.into()),
        Err(error) if is_empty(&error) => Ok(Located { value: Value::Nothing, spot: START }),
        Err(error) => Err(syntax(text, &error)),
    }
}

impl<T> Located<T> {
    /// The same place with another value.
    pub fn with<U>(&self, value: U) -> Located<U> {
        Located { value, spot: self.spot }
    }
}

impl<T> From<Spanned<T>> for Located<T> {
    fn from(spanned: Spanned<T>) -> Self {
        Self { spot: spot(spanned.defined), value: spanned.value }
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a word, a list or a table")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element::<Spanned<Value>>()? {
            nodes.push(node.into());
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = table.next_entry::<Spanned<String>, Spanned<Value>>()? {
            entries.push((key.into(), node.into()));
        }
        Ok(Value::Table(entries))
    }
}

fn is_empty(error: &serde_saphyr::Error) -> bool {
    matches!(error.without_snippet(), serde_saphyr::Error::Eof { .. })
}

fn syntax(text: &str, error: &serde_saphyr::Error) -> Problem {
    let error = error.without_snippet();
    let at = error.location().map_or(START, |location| place(text, location));
    match error {
        serde_saphyr::Error::Budget { breach, .. } => over_budget(at, breach),
        error => {
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            // The parser quotes the tag, which may be a secret.
            if said.starts_with("unsupported tag") {
                return Problem::new(
                    at,
                    "a tag, which nothing here has",
                    "a word that begins with `!` needs quotes",
                );
            }
            let help = "look at colons, quotes, brackets and indentation here and one line above";
            Problem::new(at, format!("this is no YAML: {said}"), help)
        }
    }
}

fn over_budget(at: Spot, breach: &BudgetBreach) -> Problem {
    match breach {
        BudgetBreach::Documents { .. } => {
            Problem::new(at, "a second document", "one file holds one document; remove the `---`")
        }
        BudgetBreach::Anchors { .. } | BudgetBreach::Aliases { .. } => {
            let help = "write the value out; a word that begins with `&` or `*` needs quotes";
            Problem::new(at, "an anchor or alias", help)
        }
        _ => too_large(at),
    }
}

fn too_large(spot: Spot) -> Problem {
    let help = "at most 256 KiB, 16 levels and 20 000 entries";
    Problem::new(spot, "larger or deeper than such a file can be", help)
}

/// The first tab among the spaces before a line's text.
fn indenting_tab(text: &str) -> Option<Spot> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let indentation = line.len() - line.trim_start().len();
        let blank = line.trim().is_empty();
        if let Some(tab) = line[..indentation].find('\t').filter(|_| !blank) {
            return Some(Spot { offset: offset + tab, length: 1 });
        }
        offset += line.len();
    }
    None
}

fn spot(location: Location) -> Spot {
    let bytes = |count: Option<u64>| count.and_then(|count| usize::try_from(count).ok());
    let span = location.span();
    Spot {
        offset: bytes(span.byte_offset()).unwrap_or(0),
        length: bytes(span.byte_len()).unwrap_or(1).max(1),
    }
}

/// The place of an error: the parser counts characters, and may stand behind the last one.
fn place(text: &str, location: Location) -> Spot {
    let characters = usize::try_from(location.span().offset()).unwrap_or(usize::MAX);
    let offset = text.char_indices().nth(characters).map_or(text.len(), |(offset, _)| offset);
    Spot { offset, length: 1 }
}

const START: Spot = Spot { offset: 0, length: 1 };
const LARGEST_FILE: usize = 256 * 1024;
