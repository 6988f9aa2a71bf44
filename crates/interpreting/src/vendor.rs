//! A vendor's route as the configuration describes it. Where it is dialled (trunk, number or URI)
//! is the wiring's: here it is only a [`VendorId`].

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Language, VendorId};
use serde::Deserialize;

use crate::run::Action;
use crate::{Code, Secret, Step};

/// One way to an interpreter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VendorRoute {
    /// Which one.
    pub vendor: VendorId,
    /// Which languages it has interpreters for.
    pub languages: Languages,
    /// Smaller is tried first; equal ones in the order of the configuration.
    pub order: u32,
    /// Whether its people find out a language nobody could name (I11).
    pub identifies_languages: bool,
    /// What it wants to hear for a language, where its script sends `{language}`.
    pub codes: BTreeMap<Language, Code>,
    /// What its script sends for `{account}`.
    pub account: Option<Secret>,
    /// From its answer to a person.
    pub script: Vec<Step>,
    /// Whether its menu speaks before it has answered, in early media. Otherwise what is heard
    /// before the answer is taken for ringing.
    pub menu_before_answer: bool,
    /// How long it may ring.
    pub dial_limit: Duration,
    /// How long everything before a `person` step may take.
    pub script_limit: Duration,
}

/// Which languages a route serves: `"all"` or a list of tags.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Languages {
    /// Every language of the catalogue.
    All,
    /// Only these.
    #[serde(untagged)]
    Only(Vec<Language>),
}

impl VendorRoute {
    /// A route for all languages that rings for 30 s, and whose answer leads to a person within
    /// 60 s without any menu.
    pub fn new(vendor: VendorId) -> Self {
        Self {
            vendor,
            languages: Languages::All,
            order: 0,
            identifies_languages: false,
            codes: BTreeMap::new(),
            account: None,
            script: vec![Step::Person(crate::Limit(Duration::from_secs(60)))],
            menu_before_answer: false,
            dial_limit: Duration::from_secs(30),
            script_limit: Duration::from_secs(60),
        }
    }

    /// Whether this route can find an interpreter for `language`: it has them, and its script has
    /// every code it would send.
    pub fn serves(&self, language: Language) -> bool {
        let has = match &self.languages {
            _ if language == Language::UNKNOWN => self.identifies_languages,
            Languages::All => true,
            Languages::Only(languages) => languages.contains(&language),
        };
        has && self.actions(language).is_some()
    }

    /// The script with all codes filled in; `None` if one is missing.
    pub(crate) fn actions(&self, language: Language) -> Option<Vec<Action>> {
        let code = self.codes.get(&language);
        let action = |step: &Step| {
            Some(match step {
                Step::Wait(time) => Action::Wait(time.0),
                Step::HearSpeech(most) => Action::HearSpeech(most.0),
                Step::HearSilence(most) => Action::HearSilence(most.0),
                Step::Send(digits) => Action::Send(digits.fill(code, self.account.as_ref())?),
                Step::Person(most) => Action::Person(most.0),
            })
        };
        self.script.iter().map(action).collect()
    }
}
