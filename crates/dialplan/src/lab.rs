//! Steps to measure an engine by: what a lab's plan has and a hotline's must not.

use std::time::Duration;

use model::{PromptName, SampleRate};

use crate::names::StepName;
use crate::plan::Keys;

/// Does one thing for a time, then goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabStep {
    /// What it does.
    pub does: Deed,
    /// For how long, at most.
    pub lasts: Duration,
    /// What the keys do; one without meaning does nothing.
    pub keys: Keys,
    /// Where it leads when its time is over.
    pub then: StepName,
}

/// What a [`LabStep`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// The party hears itself.
    Echo,
    /// Everybody who dialled the same number hears all others. It is the whole call.
    Room {
        /// The rate that the room has at least, whatever its legs bring.
        least_rate: SampleRate,
    },
    /// The call rings and is not answered.
    Ring,
    /// The call is not answered, but something is heard.
    Early {
        /// What.
        music: PromptName,
    },
    /// The call is answered and nothing is heard.
    Pause,
}

impl Deed {
    /// Whether it comes before the answer.
    pub(crate) const fn is_before_the_answer(&self) -> bool {
        matches!(self, Self::Ring | Self::Early { .. })
    }
}
