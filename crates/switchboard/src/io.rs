//! What goes into the switchboard and what comes out.

use interpreting::{Progress, Usage};
use model::{
    AdvocateId, CallId, EndReason, LegCommand, LegEvent, MediaCommand, MediaEvent, VendorId,
};
use queue::Standing;

use crate::{Act, Attendance, Audible, Capacity, Outcome, Passage, Plans, Screen};

/// Everything that can happen to a hotline.
#[derive(Clone, Debug)]
pub enum Input {
    /// From the signalling.
    Leg(LegEvent),
    /// From a media shard.
    Media(MediaEvent),
    /// Checked plans go live for new calls; running calls finish on theirs (O2).
    Publish(Plans),
    /// Take no new calls; running calls finish.
    Drain,
    /// End every call now: the engine stops.
    EndAll,
    /// An advocate does this, from outside her phone; answered by [`Output::Acted`].
    Advocate {
        /// Who.
        advocate: AdvocateId,
        /// What.
        act: Act,
    },
    /// An advocate has a screen open, or none any more.
    Screen {
        /// Who.
        advocate: AdvocateId,
        /// What of it.
        screen: Screen,
    },
    /// A deadline has come.
    Timeout,
}

/// Everything a hotline wants done or known.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// For the signalling.
    Leg(LegCommand),
    /// For the media.
    Media(MediaCommand),
    /// What became of [`Input::Advocate`].
    Acted(Outcome),
    /// For the advocate's own screen, now or never: a caller's words (C20).
    Read(Passage),
    /// For logs, boards and demonstrations: no caller data (D1).
    Notice(Notice),
}

/// A change of state worth a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// A caller's INVITE was taken.
    CallArrived {
        /// The call.
        call: CallId,
    },
    /// A call was refused: no room is left, or its number leads nowhere.
    CallRefused,
    /// The caller is connected to the dialplan.
    CallAnswered {
        /// The call.
        call: CallId,
    },
    /// The caller waits for an advocate.
    CallWaiting {
        /// The call.
        call: CallId,
    },
    /// An advocate's phones ring for the call.
    Offered {
        /// The call.
        call: CallId,
        /// The advocate.
        advocate: AdvocateId,
    },
    /// Caller and advocate hear each other.
    Connected {
        /// The call.
        call: CallId,
        /// The advocate.
        advocate: AdvocateId,
    },
    /// The advocate's phone or network died; the caller is first in line (C18), or with the
    /// supervisor who talked with both.
    AdvocateLost {
        /// The call.
        call: CallId,
        /// The advocate.
        advocate: AdvocateId,
    },
    /// The search for an interpreter moved on.
    Interpreter {
        /// The call.
        call: CallId,
        /// How far it is.
        progress: Progress,
    },
    /// A vendor's line is over; the basis of the usage record (I13), without the call.
    VendorUsed {
        /// How long each phase took.
        usage: Usage,
    },
    /// The interpreter is part of the conversation.
    InterpreterJoined {
        /// The call.
        call: CallId,
        /// Whose interpreter.
        vendor: VendorId,
    },
    /// The interpreter's line was lost; another is sought (I3).
    InterpreterLost {
        /// The call.
        call: CallId,
        /// Whose interpreter.
        vendor: VendorId,
    },
    /// No route for the language, or none left.
    NoInterpreter {
        /// The call.
        call: CallId,
    },
    /// The caller was connected to a back-up centre.
    Diverted {
        /// The call.
        call: CallId,
    },
    /// Who can hear whom has changed, from now on: all pairs of the call, perhaps none. Said when the
    /// shard has it in force.
    Audience {
        /// The call.
        call: CallId,
        /// Every pair.
        audible: Vec<Audible>,
    },
    /// The advocate hands the caller on; somebody else is rung for her.
    Transferring {
        /// The call.
        call: CallId,
        /// The advocate.
        advocate: AdvocateId,
    },
    /// The advocate is not with the caller any more, whom she has handed on.
    HandedOn {
        /// The call.
        call: CallId,
        /// The advocate.
        advocate: AdvocateId,
    },
    /// Nobody took the caller: she is back with the advocate.
    TransferFailed {
        /// The call.
        call: CallId,
    },
    /// A supervisor takes part in the call, or does so in another way.
    Supervised {
        /// The call.
        call: CallId,
        /// The supervisor.
        advocate: AdvocateId,
        /// How.
        attendance: Attendance,
    },
    /// A supervisor takes no part in the call any more.
    SupervisorLeft {
        /// The call.
        call: CallId,
        /// The supervisor.
        advocate: AdvocateId,
    },
    /// A supervisor has the caller from now on, whose advocate is gone, and is her advocate.
    TakenOver {
        /// The call.
        call: CallId,
        /// The supervisor.
        advocate: AdvocateId,
    },
    /// The call is over and holds nothing any more.
    CallEnded {
        /// The call.
        call: CallId,
        /// Why.
        reason: EndReason,
    },
    /// Nobody is on shift for a caller who waits (C23, O7).
    NobodyOnShift {
        /// The call.
        call: CallId,
    },
    /// The last ready advocate of a queue does not answer (A5, O7).
    LastAdvocateNotAnswering {
        /// The advocate.
        advocate: AdvocateId,
    },
    /// A caller has waited longer than the configured alarm (O7).
    LongWait {
        /// The call.
        call: CallId,
    },
    /// An advocate's state has changed.
    AdvocateIs {
        /// The advocate.
        advocate: AdvocateId,
        /// What she is doing now.
        standing: Standing,
    },
    /// An advocate missed an offer and is away now (A5).
    AdvocateSetAway {
        /// The advocate.
        advocate: AdvocateId,
    },
    /// Which new calls are taken has changed, by the load of the media (O7, O10).
    Capacity(Capacity),
    /// A state outlived its deadline and was healed.
    Healed,
}
