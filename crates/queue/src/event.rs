//! What a queue is told and what it says.

use std::time::Duration;

use model::{AdvocateId, CallId, Language};
use serde::{Deserialize, Serialize};

use crate::{Medium, Place, QueueName, Standing};

/// What happened to callers and advocates. Late, repeated and unknown ones change nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A caller joins the line. One who already waits keeps her wait and her place, in the new
    /// queue and language; one who talks is taken back from her advocate.
    CallerWaits {
        /// The caller.
        entry: CallId,
        /// Where she waits.
        queue: QueueName,
        /// Her language, `und` when nobody knows it yet.
        language: Language,
        /// Whether she asked for an interpreter.
        wants_interpreter: bool,
        /// How she can be understood.
        medium: Medium,
        /// Where in the line.
        place: Place,
    },
    /// The caller hung up, left the line, or the call was forgotten.
    CallerLeft {
        /// The caller.
        entry: CallId,
    },
    /// A waiting caller's language became known.
    LanguageChanged {
        /// The caller.
        entry: CallId,
        /// Her language.
        language: Language,
        /// Whether she asked for an interpreter.
        wants_interpreter: bool,
    },
    /// A caller has sound from now on, or has lost it.
    MediumChanged {
        /// The caller.
        entry: CallId,
        /// How she can be understood.
        medium: Medium,
    },
    /// The advocate could read a caller who writes, or cannot any more.
    Reads {
        /// The advocate.
        advocate: AdvocateId,
        /// Whether she could.
        reads: bool,
    },
    /// The advocate has a registered contact now, or none any more.
    Reachable {
        /// The advocate.
        advocate: AdvocateId,
        /// Whether she has one.
        reachable: bool,
    },
    /// The advocate takes calls from now on, or has finished her wrap-up.
    Ready {
        /// The advocate.
        advocate: AdvocateId,
    },
    /// The advocate takes no calls from now on, or from the end of her call on.
    Away {
        /// The advocate.
        advocate: AdvocateId,
    },
    /// The advocate has finished her wrap-up before its time.
    WrapUpDone {
        /// The advocate.
        advocate: AdvocateId,
    },
    /// The advocate answered. Too late an answer is followed by [`Output::CancelOffer`].
    OfferAccepted {
        /// The advocate.
        advocate: AdvocateId,
        /// Whom she was offered.
        entry: CallId,
    },
    /// None of the advocate's contacts can answer any more.
    OfferFailed {
        /// The advocate.
        advocate: AdvocateId,
        /// Whom she was offered.
        entry: CallId,
        /// Why.
        reason: Missed,
    },
    /// The advocate's conversation is over, and so is the caller's call.
    CallEnded {
        /// The advocate.
        advocate: AdvocateId,
    },
    /// The advocate's leg died; the caller is still there and goes to the head (C18).
    AdvocateLost {
        /// The advocate.
        advocate: AdvocateId,
    },
    /// An advocate hands the caller she talks with on to a colleague, who is offered her. Until the
    /// colleague answers, the caller stays with the first; if the first leaves, she is first in
    /// line, and the offer stands. Nothing, unless [`Queue::may_take`](crate::Queue::may_take).
    HandOver {
        /// Who has the caller.
        from: AdvocateId,
        /// Who is to have her.
        to: AdvocateId,
    },
    /// An advocate who is with the caller already has her from now on, without having been offered
    /// her: out of the line, or out of a colleague's hands. Nothing, if she talks with another.
    TakeOver {
        /// Who takes her.
        advocate: AdvocateId,
        /// The caller.
        entry: CallId,
    },
    /// She keeps the caller after all.
    Keep {
        /// Who has the caller.
        advocate: AdvocateId,
    },
    /// The deadline passed.
    Timeout,
}

/// Why an offer was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Missed {
    /// Nobody picked up.
    NoAnswer,
    /// She declined.
    Declined,
    /// Her phone could not be reached.
    Failed,
}

/// How an advocate suits a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fit {
    /// She speaks the caller's language.
    Speaks,
    /// She needs an interpreter, or somebody who finds out the language.
    NeedsInterpreter,
}

/// What the queue decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Output {
    /// Ring the advocate: all her contacts, for as long as the offer stands.
    Offer {
        /// The advocate.
        advocate: AdvocateId,
        /// The caller.
        entry: CallId,
        /// How they suit each other.
        fit: Fit,
        /// The caller's queue.
        queue: QueueName,
        /// The caller's language.
        language: Language,
        /// How long she has waited (A1: all an offer shows).
        waited: Duration,
    },
    /// Stop ringing the advocate at once.
    CancelOffer {
        /// The advocate.
        advocate: AdvocateId,
        /// The caller.
        entry: CallId,
    },
    /// The advocate has the caller; nobody else is rung for her.
    Connected {
        /// The advocate.
        advocate: AdvocateId,
        /// The caller.
        entry: CallId,
    },
    /// The advocate's state is now another.
    StateChanged {
        /// The advocate.
        advocate: AdvocateId,
        /// The state.
        state: Standing,
    },
    /// The advocate missed an offer and was set away; tell her (A5).
    SetAway {
        /// The advocate.
        advocate: AdvocateId,
        /// What became of the offer.
        reason: Missed,
    },
    /// Tell the waiting caller that nobody is on shift (C23). Said once until somebody is.
    NobodyOnShift {
        /// The caller.
        entry: CallId,
    },
    /// What the caller was told is no longer so.
    SomebodyOnShift {
        /// The caller.
        entry: CallId,
    },
    /// Staff must look (O7).
    Alarm(Alarm),
    /// An alarm of [`Alarm::NobodyOnShift`] is over; the other alarms are moments.
    AlarmOver(Alarm),
}

/// What staff must know within 30 s (O7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Alarm {
    /// No reachable advocate of the queue is on shift.
    NobodyOnShift {
        /// The queue.
        queue: QueueName,
    },
    /// The last ready advocate missed an offer and will be rung again. Said for each miss.
    LastReadyNotAnswering {
        /// The queue of the caller she missed.
        queue: QueueName,
        /// The advocate.
        advocate: AdvocateId,
    },
    /// A caller has waited too long. Said once for each caller.
    LongWait {
        /// Her queue.
        queue: QueueName,
        /// The caller.
        entry: CallId,
    },
}
