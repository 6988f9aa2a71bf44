//! The advocates' card: every language with the number to key.

use std::fmt::Write;

use crate::{Catalogue, Entry};

impl Catalogue {
    /// The card as text: number, English name and autonym, one language a line, the commonest
    /// first and then by English name.
    pub fn card(&self) -> String {
        let width = self.entries().iter().map(|entry| entry.english.chars().count()).max();
        let width = width.unwrap_or_default();
        let mut card = String::new();
        for entry in self.entries() {
            let line = line(entry, width);
            writeln!(card, "{}", line.trim_end()).expect("a String takes everything");
        }
        card
    }
}

fn line(entry: &Entry, width: usize) -> String {
    let autonym = entry.autonym.unwrap_or_default();
    format!("{}  {:width$}  {autonym}", entry.number, entry.english)
}
