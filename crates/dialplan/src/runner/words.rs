//! What the switchboard and a runner say to each other.

use std::time::Duration;

use model::{Digit, Language, Prompt, PromptName};

use crate::names::{DiversionName, QueueName};
use crate::speech::{Utterance, position_prompt};

/// What happens to the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// Her call is there; the plan says when it is answered.
    Arrive,
    /// The call is answered, as [`Output::Answer`] asked.
    Begin,
    /// She pressed a key.
    Digit(Digit),
    /// All of the latest [`Output::Play`] was heard; never said of an earlier one, of one that
    /// [`Output::StopPlay`] stopped, or of what the switchboard played by itself.
    PlayEnded,
    /// Nobody is on shift for the queue she waits in. Said when she joins and whenever the last
    /// advocate leaves; saying it again does no harm.
    NobodyOnShift,
    /// The diversion was answered by a person; the plan falls silent.
    DiversionAnswered,
    /// The diversion failed, or rang for its time.
    DiversionFailed,
    /// An advocate takes her: the plan falls silent. Say it before playing anything to her.
    Suspend,
    /// The advocate (or the diverted leg) was lost, or a crash took the caller's walk: back to the
    /// queue without a greeting. The switchboard says why.
    Resume,
    /// Staff end the call: the closing line, then the end.
    Close,
    /// Staff have found out which language she speaks; one that the plan does not speak changes
    /// nothing.
    Speaks(Language),
    /// The deadline has come.
    Timeout,
}

/// What the caller's walk wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Answer the call; to be answered by [`Input::Begin`].
    Answer,
    /// Let the call ring unanswered (a lab).
    Ring,
    /// Let her hear what follows before the call is answered (a lab).
    AnswerEarly,
    /// Let her hear herself (a lab).
    StartEcho,
    /// She hears herself no longer.
    StopEcho,
    /// Say this to the caller, one after the other; replaces what is being said.
    Play(Vec<Spoken>),
    /// Stop what is being said.
    StopPlay,
    /// The music under everything from now on, or none.
    Music(Option<PromptName>),
    /// The caller chose one of the plan's languages.
    SetLanguage(Language),
    /// The caller chose to speak another language: which one is not known yet.
    WantsInterpreter,
    /// Let her wait in this queue; she keeps her place if she is in it already. To be answered by
    /// [`Input::NobodyOnShift`] if so.
    Queue {
        /// Which queue.
        queue: QueueName,
    },
    /// Ring a number of the allow-list, her place in the queue kept; to be answered by
    /// [`Input::DiversionAnswered`] or [`Input::DiversionFailed`].
    Divert {
        /// Which number.
        to: DiversionName,
        /// How long it may ring.
        ring_for: Duration,
    },
    /// End the call; one that was never answered is refused.
    End,
}

/// One thing to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// A recording.
    Prompt(Prompt),
    /// Her place in the queue at this instant, in this language.
    Position(Language),
}

impl Spoken {
    /// The recording, given the caller's place now, 1 for the first in line.
    pub fn prompt(&self, place: usize) -> Prompt {
        match self {
            Self::Prompt(prompt) => prompt.clone(),
            Self::Position(language) => Prompt::spoken(*language, position_prompt(place)),
        }
    }

    pub(super) fn of(utterance: &Utterance, language: Language) -> Self {
        match utterance {
            Utterance::Prompt(name) => Self::Prompt(Prompt::spoken(language, name.clone())),
            Utterance::Fixed(own, name) => Self::Prompt(Prompt::spoken(*own, name.clone())),
            Utterance::Position => Self::Position(language),
        }
    }

    pub(super) fn waiting_signal() -> Self {
        Self::Prompt(Prompt::signal("waiting"))
    }
}
