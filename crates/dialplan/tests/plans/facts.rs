//! What exists around the plans of these tests.

use std::collections::BTreeMap;
use std::time::Duration;

use dialplan::{Facts, Line};
use model::Language;

/// English and Spanish prompts of known lengths, one queue, one music, two diversions of which one
/// has no number.
pub(crate) fn facts() -> Facts {
    let languages = [Language::ENGLISH, Language::SPANISH];
    let prompts = languages.iter().flat_map(|language| {
        PROMPTS.iter().map(|(name, tenths)| {
            ((*language, (*name).into()), Duration::from_millis(tenths * 100))
        })
    });
    Facts {
        prompts: prompts.collect(),
        music: [("calm".into()), ("rain".into())].into(),
        queues: ["crisis".into(), "legal".into()].into(),
        diversions: [("backup".into(), Line::Set), ("county".into(), Line::Unset)].into(),
        switches: BTreeMap::new(),
    }
}

/// Each prompt with its length in tenths of a second.
const PROMPTS: &[(&str, u64)] = &[
    ("welcome", 31),
    ("espanol-oprima-dos", 17),
    ("interpreter-press-three", 18),
    ("please-wait", 32),
    ("not-recorded", 15),
    ("still-with-you", 50),
    ("position-1", 13),
    ("position-2", 13),
    ("position-3", 13),
    ("position-4", 13),
    ("position-5", 13),
    ("position-many", 35),
    ("nobody-now", 108),
    ("diverting", 29),
    ("divert-failed", 24),
    ("goodbye", 37),
    ("repeat-keys", 29),
    ("long-story", 210),
];
