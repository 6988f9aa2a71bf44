//! The catalogue's data and its search.

use std::collections::BTreeSet;

use interpreting::{Catalogue, CatalogueError};
use model::Language;

const WAYS: &str = include_str!("../ways.csv");

fn ways() -> impl Iterator<Item = (&'static str, &'static str)> {
    WAYS.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(','))
}

fn first(catalogue: &Catalogue, text: &str, count: usize) -> Vec<String> {
    catalogue.find(text).iter().take(count).map(|entry| entry.language.to_string()).collect()
}

#[test]
fn every_way_of_saying_a_language_finds_it_in_the_first_three() {
    let catalogue = Catalogue::embedded();
    assert!(ways().count() >= 60);
    let missed: Vec<_> = ways()
        .map(|(said, tag)| (said, tag, first(&catalogue, said, 3)))
        .filter(|(_, tag, found)| !found.iter().any(|found| found == tag))
        .collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn every_language_is_found_first_by_its_tag_and_by_its_names() {
    let catalogue = Catalogue::embedded();
    for entry in catalogue.entries() {
        let own = [Some(entry.english), entry.autonym, Some(entry.spanish)];
        for name in own.into_iter().flatten() {
            let found = first(&catalogue, name, 3);
            assert!(found.contains(&entry.language.to_string()), "{name}: {found:?}");
        }
        for alias in &entry.aliases {
            let found = catalogue.find(alias);
            assert!(found.contains(&entry), "{alias}");
        }
        assert!(catalogue.find(entry.iso639_3).contains(&entry));
    }
}

#[test]
fn the_data_has_all_languages_with_different_numbers_and_tags() {
    let catalogue = Catalogue::embedded();
    let entries = catalogue.entries();
    assert_eq!(entries.len(), 245);
    let numbers: BTreeSet<u16> = entries.iter().map(|entry| entry.number).collect();
    let tags: BTreeSet<Language> = entries.iter().map(|entry| entry.language).collect();
    assert_eq!((numbers.len(), tags.len()), (245, 245));
    assert!(numbers.first() >= Some(&100) && numbers.last() <= Some(&999));
    assert_eq!(entries.iter().filter(|entry| entry.autonym.is_some()).count(), 136);
    assert_eq!(entries.iter().filter(|entry| entry.right_to_left).count(), 15);
}

#[test]
fn numbers_once_printed_never_change() {
    let catalogue = Catalogue::embedded();
    for (number, tag) in
        [(100, "es"), (104, "ht"), (111, "mam"), (119, "uk"), (200, "ach"), (424, "zu")]
    {
        assert_eq!(catalogue.by_number(number).map(|e| e.language.as_str()), Some(tag), "{number}");
    }
    assert_eq!(catalogue.by_number(999), None);
}

#[test]
fn a_blank_autonym_stays_blank_and_falls_back_to_english() {
    let catalogue = Catalogue::embedded();
    let mam = catalogue.by_tag("mam".parse().expect("a tag")).expect("Mam");
    assert_eq!((mam.autonym, mam.own_name()), (None, "Mam"));
    let dari = catalogue.by_tag("prs".parse().expect("a tag")).expect("Dari");
    assert_eq!((dari.own_name(), dari.right_to_left), ("دری", true));
    assert_eq!(catalogue.by_tag(Language::UNKNOWN), None);
}

#[test]
fn nothing_is_found_for_nothing_or_for_noise() {
    let catalogue = Catalogue::embedded();
    for text in ["", "  ", "'", "xqzwv", "\u{200b}"] {
        assert!(catalogue.find(text).is_empty(), "{text}");
    }
    assert!(catalogue.find(&"a ".repeat(10_000)).len() <= 245);
}

#[test]
fn the_card_has_a_line_for_each_language() {
    let card = Catalogue::embedded().card();
    assert_eq!(card.lines().count(), 245);
    let first = card.lines().next().expect("a line");
    assert!(first.starts_with("100  Spanish ") && first.ends_with("  español"), "{first}");
    assert!(card.lines().any(|line| line == "111  Mam"));
}

#[test]
fn bad_data_is_refused_with_its_line() {
    let refused = |languages, countries| Catalogue::parse(languages, countries).err();
    let good = "100|es|spa|Spanish||Latn|false|español|";
    assert_eq!(refused(good, "España|es"), None);
    assert_eq!(refused("#\n100|es|spa", ""), Some(CatalogueError::Malformed { line: 2 }));
    assert_eq!(refused("99|es|spa|Spanish||Latn|false|español|", ""), refused("x", ""));
    assert_eq!(refused(good, "\nEspaña|xx"), Some(CatalogueError::Malformed { line: 2 }));
    let twice = "100|es|spa|Spanish||||español|\n100|ca|cat|Catalan||||catalán|";
    assert_eq!(refused(twice, ""), Some(CatalogueError::Twice { line: 2 }));
}
