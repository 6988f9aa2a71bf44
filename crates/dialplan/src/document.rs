//! A plan as it was typed: its shape is right, its names are not yet looked up.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Digit, Language, PromptName};

use crate::lab::LabStep;
use crate::names::{DiversionName, QueueName, StepName};
use crate::plan::{Nobody, Purpose, SayStep, Waiting, WhenStep};
use crate::speech::{Speech, Utterance};
use yaml::Located;
use yaml::Spot;

/// What was typed, with the place of everything that can turn out to be wrong.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// `plan:`.
    pub(crate) name: Option<String>,
    /// `languages:`.
    pub(crate) languages: Vec<Located<Language>>,
    /// `purpose:`, with `start:` or `numbers:`.
    pub(crate) purpose: Option<Purpose>,
    /// `closing:`.
    pub(crate) closing: Option<Located<StepName>>,
    /// `wrong-key:`.
    pub(crate) wrong_key: Option<PromptName>,
    /// `variables:`, each where it stands with the values it may have.
    pub(crate) variables: BTreeMap<String, Located<Vec<String>>>,
    /// `steps:`; `None` for a step whose shape is wrong.
    pub(crate) steps: BTreeMap<StepName, Option<Draft>>,
    /// Every name typed that must exist somewhere.
    pub(crate) mentions: Vec<Located<Mention>>,
    /// Where the parts of the steps stand.
    pub(crate) places: Places,
}

/// A step as typed, before what it leaves to other steps is filled in.
#[derive(Debug)]
pub(crate) enum Draft {
    /// `play:` and `then:`.
    Say(SayStep),
    /// `queue:`.
    Queue {
        /// `play:`.
        play: Speech,
        /// `queue:`.
        queue: QueueName,
        /// `waiting:`; if absent, that of the other step of this queue.
        waiting: Option<Waiting>,
        /// `nobody-on-shift:` or `when-empty:`.
        nobody: Nobody,
    },
    /// `divert:`.
    Divert {
        /// `play:`.
        play: Speech,
        /// `divert:`.
        to: DiversionName,
        /// `music:`; if absent, that of the plan's queues.
        music: Option<PromptName>,
        /// `ring-for:`.
        ring_for: Duration,
        /// `failed:`.
        failed: StepName,
    },
    /// `when:`.
    When(WhenStep),
    /// `end:`.
    End(Speech),
    /// `echo:` and the others of a lab.
    Lab(LabStep),
}

/// A name that must exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mention {
    /// A step of the plan.
    Step(StepName),
    /// A prompt, in all languages of the plan or in its own.
    Prompt(Utterance),
    /// A piece of music.
    Music(PromptName),
    /// A queue of the configuration.
    Queue(QueueName),
    /// A number of the allow-list.
    Diversion(DiversionName),
    /// A language of the plan.
    Language(Language),
    /// A variable of the plan.
    Variable(String),
    /// A value of a variable.
    Value {
        /// The variable.
        of: String,
        /// The value.
        value: String,
    },
}

/// A part of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    /// Its name.
    Name,
    /// One of its utterances, counted from 0.
    Play(usize),
    /// `keys:`.
    Keys,
    /// One of its keys.
    Key(Digit),
    /// `then:`.
    Then,
    /// `wait:`.
    Wait,
    /// `every:`.
    Every,
    /// `nobody-on-shift:`.
    NobodyOnShift,
    /// `when-empty:`.
    WhenEmpty,
    /// `failed:`.
    Failed,
    /// `ring-for:`.
    RingFor,
    /// The word that makes it a step of a lab.
    Deed,
    /// One of the values of `is:`.
    Is(String),
    /// `otherwise:`.
    Otherwise,
}

/// Where the parts of the steps stand.
#[derive(Debug, Default)]
pub(crate) struct Places(BTreeMap<(StepName, Part), Spot>);

impl Places {
    /// Notes where a part stands.
    pub(crate) fn note(&mut self, step: &StepName, part: Part, spot: Spot) {
        self.0.insert((step.clone(), part), spot);
    }

    /// Where a part stands, if it was written.
    pub(crate) fn written(&self, step: &StepName, part: Part) -> Option<Spot> {
        self.0.get(&(step.clone(), part)).copied()
    }

    /// Where a part stands; the step's name if it was not written.
    pub(crate) fn of(&self, step: &StepName, part: Part) -> Spot {
        let part = self.written(step, part);
        part.or_else(|| self.written(step, Part::Name)).unwrap_or_default()
    }
}
