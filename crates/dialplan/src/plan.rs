//! A checked plan: every name exists and every path leads to a person.
//!
//! Only [`crate::load`] makes one. Its steps form no circle but through a queue by the caller's own
//! key, so a walk through a hotline's plan always ends at people, and one through a lab's plan at an
//! end.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use model::{Digit, Language, PromptName};
use serde::{Deserialize, Serialize};

use crate::facts::Line;
use crate::lab::{Deed, LabStep};
use crate::names::{DiversionName, Extension, QueueName, StepName};
use crate::numbers::{Conference, Entry, Numbers};
use crate::speech::{Speech, Utterance};

/// What happens to a caller until a person is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub(crate) name: String,
    pub(crate) version: PlanVersion,
    pub(crate) languages: Vec<Language>,
    pub(crate) purpose: Purpose,
    pub(crate) closing: Option<StepName>,
    pub(crate) wrong_key: PromptName,
    pub(crate) variables: BTreeMap<String, Variable>,
    pub(crate) steps: BTreeMap<StepName, Step>,
    pub(crate) durations: BTreeMap<(Language, PromptName), Duration>,
}

/// What a plan is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Callers: every path leads to a person.
    Hotline {
        /// The step every caller begins with, whatever she dialled.
        start: StepName,
    },
    /// Measuring: no caller ever comes here.
    Lab {
        /// Where each number leads; no other can be dialled.
        numbers: Numbers,
    },
}

/// The identity of a plan's text; the same text has the same version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PlanVersion(pub u64);

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Say something, listen for a key, go on.
    Say(SayStep),
    /// Wait for an advocate.
    Queue(QueueStep),
    /// Ring a number of the allow-list.
    Divert(DivertStep),
    /// Branch without a sound.
    When(WhenStep),
    /// The closing line, or none; then the call ends.
    End(Speech),
    /// Something to measure by, in a lab's plan.
    Lab(LabStep),
}

/// Say something, listen for a key, go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SayStep {
    /// What is said.
    pub play: Speech,
    /// What the keys do, from the first word on.
    pub keys: Keys,
    /// How long to listen after the last word.
    pub wait: Duration,
    /// Where silence leads.
    pub then: StepName,
}

/// Wait for an advocate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueStep {
    /// What is said on joining.
    pub play: Speech,
    /// Which queue.
    pub queue: QueueName,
    /// What the caller hears meanwhile.
    pub waiting: Waiting,
    /// What happens when nobody is on shift.
    pub nobody: Nobody,
}

/// What a waiting caller hears and may press.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The music under everything.
    pub music: PromptName,
    /// From the start of one message to the start of the next.
    pub every: Duration,
    /// What is said each time.
    pub messages: Speech,
    /// What the keys do; a key without meaning does nothing, since a person is coming anyway.
    pub keys: Keys,
}

/// What happens in a queue with nobody on shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nobody {
    /// Another step.
    Go(StepName),
    /// The step has already told the caller; she stays.
    Keep,
}

/// Ring a number of the allow-list; the caller keeps her place in the queue meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DivertStep {
    /// What is said first.
    pub play: Speech,
    /// Which number.
    pub to: DiversionName,
    /// Whether it exists; if not, the step leads to `failed` without a sound.
    pub line: Line,
    /// What the caller hears while it rings.
    pub music: PromptName,
    /// How long it may ring.
    pub ring_for: Duration,
    /// Where the caller goes if nobody answers.
    pub failed: StepName,
}

/// Branch without a sound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhenStep {
    /// What is looked at.
    pub subject: Subject,
    /// Where each value leads.
    pub is: BTreeMap<String, StepName>,
    /// Where any other value leads.
    pub otherwise: StepName,
}

/// What a [`WhenStep`] looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// The caller's language, by its tag.
    Language,
    /// A variable of the plan.
    Variable(String),
}

/// What each key does.
pub type Keys = BTreeMap<Digit, Choice>;

/// What one key does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Go to a step.
    Go(StepName),
    /// Speak a language of the plan from here on.
    Speak {
        /// The caller's language.
        language: Language,
        /// Where to go.
        go: StepName,
    },
    /// The caller speaks none of the plan's languages and wants an interpreter.
    Interpreter {
        /// Where to go.
        go: StepName,
    },
}

/// What an operator can switch without editing the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// The values it may have; the first is the default.
    pub(crate) values: Vec<String>,
    /// The value it has.
    pub(crate) value: String,
}

/// Why a switch cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// The plan has no such variable.
    #[error("the plan declares no variable of this name")]
    UnknownVariable,
    /// The variable cannot have this value.
    #[error("the variable has no such value")]
    UnknownValue,
}

impl Plan {
    /// The name the operator gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The identity of its text.
    pub fn version(&self) -> PlanVersion {
        self.version
    }

    /// The languages it speaks; the first is that of a caller who chooses none.
    pub fn languages(&self) -> &[Language] {
        &self.languages
    }

    /// What it is for.
    pub const fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    /// Where a call to `dialled` begins; a lab's plan knows its own numbers only.
    pub fn entry(&self, dialled: &str) -> Option<Entry> {
        match &self.purpose {
            Purpose::Hotline { start } => Some(Entry { start: start.clone(), room: None }),
            Purpose::Lab { numbers } => {
                let (extension, start) = numbers.find(dialled)?;
                let room = self.known(start).room(extension);
                Some(Entry { start: start.clone(), room })
            }
        }
    }

    /// The steps that calls begin with.
    pub fn starts(&self) -> impl Iterator<Item = &StepName> {
        let (one, several) = match &self.purpose {
            Purpose::Hotline { start } => (Some(start), None),
            Purpose::Lab { numbers } => (None, Some(numbers.steps())),
        };
        one.into_iter().chain(several.into_iter().flatten())
    }

    /// The step that says the closing line when staff end a call.
    pub fn closing(&self) -> Option<&StepName> {
        self.closing.as_ref()
    }

    /// A step by its name.
    pub fn step(&self, name: &StepName) -> Option<&Step> {
        self.steps.get(name)
    }

    /// The steps in the order of their names.
    pub fn steps(&self) -> impl Iterator<Item = (&StepName, &Step)> {
        self.steps.iter()
    }

    /// The variables with the value each has now.
    pub fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, variable)| (name.as_str(), variable.value.as_str()))
    }

    /// Gives a variable another value, for callers who begin from now on.
    pub fn switch(&mut self, variable: &str, value: &str) -> Result<(), SwitchError> {
        let variable = self.variables.get_mut(variable).ok_or(SwitchError::UnknownVariable)?;
        if !variable.values.iter().any(|known| known == value) {
            return Err(SwitchError::UnknownValue);
        }
        variable.value = value.to_owned();
        Ok(())
    }

    /// How long `speech` takes for a caller who speaks `language`; the longest where it varies.
    pub fn duration(&self, speech: &[Utterance], language: Language) -> Duration {
        speech.iter().map(|utterance| self.length(utterance, language)).sum()
    }

    /// How long one utterance takes.
    pub(crate) fn length(&self, utterance: &Utterance, language: Language) -> Duration {
        let prompts = utterance.prompts(language).into_iter();
        prompts.filter_map(|prompt| self.durations.get(&prompt).copied()).max().unwrap_or_default()
    }

    /// A step that a checked plan names.
    pub(crate) fn known(&self, name: &StepName) -> &Step {
        self.steps.get(name).expect("the checker refuses a name without a step")
    }
}

impl Step {
    /// What it says first.
    pub fn play(&self) -> &[Utterance] {
        match self {
            Self::Say(say) => &say.play,
            Self::Queue(queue) => &queue.play,
            Self::Divert(divert) => &divert.play,
            Self::End(play) => play,
            Self::When(_) | Self::Lab(_) => &[],
        }
    }

    /// What its keys do.
    pub fn keys(&self) -> Option<&Keys> {
        match self {
            Self::Say(say) => Some(&say.keys),
            Self::Queue(queue) => Some(&queue.waiting.keys),
            Self::Lab(lab) => Some(&lab.keys),
            Self::Divert(_) | Self::When(_) | Self::End(_) => None,
        }
    }

    /// The room of a call to `extension` that begins with this step.
    fn room(&self, extension: Extension) -> Option<Conference> {
        match self {
            Self::Lab(LabStep { does: Deed::Room { least_rate }, .. }) => {
                Some(Conference { extension, least_rate: *least_rate })
            }
            _ => None,
        }
    }
}

impl WhenStep {
    /// Where a value of the subject leads.
    pub fn goes(&self, value: &str) -> &StepName {
        self.is.get(value).unwrap_or(&self.otherwise)
    }
}

impl Choice {
    /// Where it leads.
    pub fn go(&self) -> &StepName {
        match self {
            Self::Go(go) | Self::Speak { go, .. } | Self::Interpreter { go } => go,
        }
    }
}

impl PlanVersion {
    /// The version of a text (FNV-1a, 64 bit): an identity, not a protection.
    pub(crate) fn of(text: &str) -> Self {
        let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Self(text.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
    }
}

impl fmt::Display for PlanVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
