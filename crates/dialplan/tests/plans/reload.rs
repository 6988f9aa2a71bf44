//! What an operator is told when a new plan goes live.

use crate::caller::{HOTLINE, plan};
use crate::facts::facts;

fn changes(from: &str, to: &str) -> Vec<String> {
    let (old, new) = (plan(HOTLINE, &facts()), plan(&HOTLINE.replace(from, to), &facts()));
    assert_ne!(old.version(), new.version());
    old.diff(&new).iter().map(ToString::to_string).collect()
}

#[test]
fn o02_a_reload_says_what_changed() {
    let none: [&str; 0] = [];
    assert_eq!(changes("# no key: a person", "# a person"), none);
    assert_eq!(
        changes("play: [please-wait, not-recorded]", "play: please-wait"),
        ["step `wait`: prompts changed"]
    );
    assert_eq!(
        changes("every: { 25s: [still-with-you, position] }", "every: { 20s: [still-with-you] }"),
        ["step `stay`: messages changed", "step `wait`: messages changed"]
    );
    assert_eq!(
        changes("languages: [en, es] ", "languages: [es, en] "),
        ["plan: languages changed"]
    );
}

#[test]
fn o02_added_and_removed_steps_are_named() {
    let longer = HOTLINE.replace("failed: stay", "failed: sorry")
        + "\n  sorry:\n    play: divert-failed\n    then: stay\n";
    let (old, new) = (plan(HOTLINE, &facts()), plan(&longer, &facts()));
    let said = |changes: Vec<dialplan::Change>| {
        changes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let there = ["step `backup-centre`: failed changed", "step `sorry`: added"];
    assert_eq!(said(old.diff(&new)), there);
    let back = ["step `backup-centre`: failed changed", "step `sorry`: removed"];
    assert_eq!(said(new.diff(&old)), back);
    assert!(old.diff(&old).is_empty());
}
