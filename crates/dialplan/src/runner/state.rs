//! Where a caller is in her walk, as a value that survives an engine restart.

use std::collections::BTreeMap;

use model::{Instant, Language, PromptName};
use serde::{Deserialize, Serialize};

use crate::names::StepName;
use crate::numbers::Entry;
use crate::plan::{Plan, PlanVersion, Step};

/// Where a caller is in her walk. Kept in memory only: it says which language she speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunnerState {
    plan: PlanVersion,
    /// The step she begins with.
    pub(super) start: StepName,
    pub(super) answered: Answered,
    /// The language she hears.
    pub(super) language: Language,
    /// She asked for an interpreter, so words may not reach her.
    pub(super) wordless: bool,
    /// The values of the plan's variables when she called.
    pub(super) variables: BTreeMap<String, String>,
    /// The music under everything.
    pub(super) music: Option<PromptName>,
    /// The queue step she comes back to when a person was lost.
    pub(super) home: Option<StepName>,
    pub(super) position: Position,
}

/// The step and what is going on in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Position {
    /// Not begun.
    Fresh,
    /// The call is being answered; then this step begins.
    Answering { step: StepName },
    /// A lab's step, until then.
    Measuring { step: StepName, until: Instant },
    /// Prompts are being said; at `until` their end counts as reported.
    Saying { step: StepName, slips: Slips, until: Instant },
    /// The prompts are over; at `until` silence leads on.
    Listening { step: StepName, slips: Slips, until: Instant },
    /// In the queue; the next message at `next`, but not while one is being said.
    Waiting { step: StepName, next: Instant, speaking: Option<Instant> },
    /// A number of the allow-list rings.
    Diverting { step: StepName },
    /// A person is there.
    Away,
    /// The closing line is being said.
    Ending { until: Instant },
    /// Over.
    Ended,
}

/// Whether the call has been answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answered {
    No,
    Yes,
}

/// Keys without meaning pressed in this step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Slips {
    /// None yet.
    None,
    /// One; the second leads to a person (C8).
    One,
}

impl RunnerState {
    pub(super) fn new(plan: &Plan, entry: &Entry, language: Language) -> Self {
        let spoken = plan.languages.contains(&language);
        let first = plan.languages.first().copied().unwrap_or(Language::ENGLISH);
        let values = plan.variables();
        Self {
            plan: plan.version,
            start: entry.start.clone(),
            answered: Answered::No,
            language: if spoken { language } else { first },
            wordless: false,
            variables: values.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            music: None,
            home: None,
            position: Position::Fresh,
        }
    }

    /// Whether this is the state of a walk through `plan`, with every step of the right kind.
    pub(super) fn fits(&self, plan: &Plan) -> bool {
        let queue = |step: &StepName| matches!(plan.step(step), Some(Step::Queue(_)));
        let position = match &self.position {
            Position::Saying { step, .. } | Position::Listening { step, .. } => {
                matches!(plan.step(step), Some(Step::Say(_)))
            }
            Position::Waiting { step, .. } => queue(step),
            Position::Diverting { step } => matches!(plan.step(step), Some(Step::Divert(_))),
            Position::Measuring { step, .. } => matches!(plan.step(step), Some(Step::Lab(_))),
            Position::Answering { step } => plan.step(step).is_some(),
            Position::Fresh | Position::Away | Position::Ending { .. } | Position::Ended => true,
        };
        let start = plan.step(&self.start).is_some();
        self.plan == plan.version && start && position && self.home.as_ref().is_none_or(queue)
    }
}

impl Position {
    /// Whether something is being said, as far as is known.
    pub(super) fn speaks(&self) -> bool {
        matches!(
            self,
            Self::Saying { .. }
                | Self::Waiting { speaking: Some(_), .. }
                | Self::Diverting { .. }
                | Self::Ending { .. }
        )
    }
}
