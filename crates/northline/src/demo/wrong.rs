//! What a demonstration found to be not so.

use std::time::Duration;

use super::party::Party;

/// Something that did not happen as it must.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Wrong {
    /// A recording is not built in.
    #[error("the recording `{0}` is missing")]
    NoRecording(String),
    /// A phone could not register.
    #[error("{0}'s phone could not register: {1}")]
    NotRegistered(Party, crate::phone::RegisterError),
    /// The hotline listens nowhere.
    #[error("the hotline listens nowhere")]
    NoAddress,
    /// Something did not happen in time.
    #[error("not within {} s: {what}", .within.as_secs_f32())]
    Missing {
        /// What should have happened.
        what: &'static str,
        /// In which time.
        within: Duration,
    },
    /// A sound was not heard in time.
    #[error("{listener} did not hear {what} within {} s", .within.as_secs_f32())]
    Unheard {
        /// Who should have heard it.
        listener: Party,
        /// What.
        what: &'static str,
        /// In which time.
        within: Duration,
    },
    /// Somebody heard what was not for them.
    #[error("{listener} heard {what}")]
    Overheard {
        /// Who heard it.
        listener: Party,
        /// What.
        what: &'static str,
    },
    /// A party's call ended.
    #[error("{0}'s call ended before its time")]
    Gone(Party),
    /// A party does not hear another one.
    #[error("{listener} does not hear {speaker}")]
    Deaf {
        /// Who should hear.
        listener: Party,
        /// Whom.
        speaker: Party,
    },
    /// A party hears its own voice.
    #[error("{0} is heard by the same phone that speaks")]
    Echo(Party),
    /// No route is left, or none was there.
    #[error("no interpreter could be reached")]
    NoInterpreter,
    /// Something is left of a call that is over.
    #[error("{legs} legs and {calls} calls are left of a call that is over")]
    Left {
        /// Legs in any part.
        legs: u64,
        /// Calls.
        calls: usize,
    },
}
