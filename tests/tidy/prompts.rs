//! What the switchboard says by itself is what `switchboard::prompts` lists, and is recorded.

use std::collections::BTreeSet;

use switchboard::{SIGNALS, TOLD_TO_CALLERS, TOLD_TO_STAFF};

use crate::sources::{root, rust_files};

#[test]
fn every_prompt_that_the_switchboard_says_is_in_its_lists_and_no_other() {
    let mut said = BTreeSet::new();
    for file in rust_files(&root().join("crates/switchboard/src")) {
        let text = std::fs::read_to_string(&file).expect("a source");
        let is_list = file.ends_with("prompts.rs") || file.ends_with("tests.rs");
        // Which signal stands for which prompt of a plan is not what is said.
        let code = text.split("#[cfg(test)]").next().filter(|_| !is_list).unwrap_or_default();
        let code = code.split("fn signal_of").next().unwrap_or_default();
        said.extend(
            code.split('"').skip(1).step_by(2).filter(|word| is_recorded(word)).map(str::to_owned),
        );
    }
    let listed: BTreeSet<String> =
        TOLD_TO_CALLERS.iter().chain(&TOLD_TO_STAFF).map(|name| (*name).to_owned()).collect();
    assert_eq!(said, listed);
}

#[test]
fn everything_the_switchboard_says_is_recorded() {
    for name in TOLD_TO_CALLERS.iter().chain(&TOLD_TO_STAFF) {
        assert!(is_recorded(name), "{name}");
    }
    for name in SIGNALS {
        assert!(root().join(format!("prompts/signals/{name}.wav")).exists(), "{name}");
    }
}

fn is_recorded(word: &str) -> bool {
    let is_name = !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    is_name && root().join(format!("prompts/en/{word}.wav")).exists()
}
