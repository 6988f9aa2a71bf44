//! What exists outside a plan: prompts, music, queues, diversions and the operator's switches.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{Language, PromptName};

use crate::names::{DiversionName, QueueName};

/// What a plan may name.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Every recorded prompt with its length: `prompts/<language>/<name>.wav`.
    pub prompts: BTreeMap<(Language, PromptName), Duration>,
    /// Every piece of music: `prompts/music/<name>.wav`.
    pub music: BTreeSet<PromptName>,
    /// The queues of the configuration.
    pub queues: BTreeSet<QueueName>,
    /// The names of the configuration's allow-list of numbers.
    pub diversions: BTreeMap<DiversionName, Line>,
    /// The switches the configuration sets, by the plan's variable; one that this plan does not
    /// declare may belong to another plan and counts for nothing here.
    pub switches: BTreeMap<String, String>,
}

/// Whether a name of the allow-list has a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// It has.
    Set,
    /// It has none yet: a diversion to it fails without a sound.
    Unset,
}

impl Facts {
    /// The languages that have at least one prompt.
    pub fn languages(&self) -> BTreeSet<Language> {
        self.prompts.keys().map(|(language, _)| *language).collect()
    }
}
