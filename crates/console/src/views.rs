//! What the API shows, as JSON: names of the configuration, our own random ids, languages, stages and
//! whole seconds. These are the published shapes; the switchboard's values may change without them.

use std::borrow::Cow;

use model::{Fare, Instant};
use queue::Standing;
use serde::{Deserialize, Serialize};
use switchboard::{
    AdvocateState, Aside, CallStage, CallState, Capacity, InterpreterState, InterpreterStep, Line,
    Outcome, QueueState, Snapshot, Sound, SupervisorState, SupervisorStep,
};
use utoipa::ToSchema;

use crate::Names;

/// The live board: counts and the longest wait (O9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Board {
    /// Calls that exist.
    pub calls: usize,
    /// Legs that exist.
    pub legs: usize,
    /// Whether new calls are refused.
    pub draining: bool,
    /// Which new calls the media still carries: `free` (all), `tight` (no measurements) or `full`
    /// (no callers).
    #[schema(example = "free")]
    pub capacity: Cow<'static, str>,
    /// In the order of the configuration.
    pub queues: Vec<QueueRow>,
    /// Of all legs together.
    pub audio: AudioRow,
    /// Interpreters who are sought.
    pub interpreters_sought: usize,
    /// Interpreters who are part of a conversation.
    pub interpreters_joined: usize,
    /// Of the searches since the start that brought somebody, how many did within 30 s of the
    /// request; absent below ten.
    pub interpreters_within_30_seconds_percent: Option<u8>,
}

/// How the audio of all legs together fares, so that no row is one caller's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AudioRow {
    /// Legs that have audio.
    pub legs: usize,
    /// Those of them that are encrypted.
    pub secure: usize,
    /// The worst mean opinion score of any direction, in tenths: 10 to 45.
    #[schema(example = 43)]
    pub worst_mos_tenths: Option<u8>,
    /// Legs that speech comes from.
    pub speaking: usize,
    /// The softest of them, in dB against overload.
    #[schema(example = -24)]
    pub softest_dbov: Option<i8>,
    /// The loudest.
    #[schema(example = -18)]
    pub loudest_dbov: Option<i8>,
    /// Calls in which two parties or more talk at once.
    pub overlapping_calls: usize,
    /// Calls in which somebody of a conversation is not heard at all.
    pub one_way_calls: usize,
}

/// One queue's counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueRow {
    /// Its name in the configuration.
    pub queue: String,
    /// Callers who wait.
    pub waiting: usize,
    /// Those of them who have nothing but text.
    pub waiting_by_text: usize,
    /// Of those who wait.
    pub longest_wait_seconds: Option<u64>,
    /// Callers who talk with an advocate.
    pub talking: usize,
    /// Advocates who are ready or being rung.
    pub ready: usize,
    /// Advocates who are not away.
    pub on_shift: usize,
    /// Those of them who could read a caller who writes: by their phone, or at a screen.
    pub readers: usize,
}

/// One advocate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdvocateRow {
    /// Her name in the configuration.
    pub advocate: String,
    /// `away`, `ready`, `offered`, `talking` or `wrap-up`.
    #[schema(example = "ready")]
    pub standing: Cow<'static, str>,
    /// How long she has been so; absent if she has not come yet.
    pub seconds: Option<u64>,
    /// Phones that are registered.
    pub phones: usize,
    /// Whether she could read a caller who writes: by her phone, or at a screen.
    pub reads: bool,
    /// Her call, for those who may see it.
    pub call: Option<String>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct CallRow {
    /// Our own random name for it.
    pub(crate) call: String,
    #[schema(example = "talking")]
    pub(crate) stage: &'static str,
    /// How long it has been in this stage; a caller's whole wait.
    pub(crate) seconds: u64,
    /// Since it came.
    pub(crate) age_seconds: u64,
    /// A language tag; `und` when nobody knows yet.
    pub(crate) language: String,
    pub(crate) queue: Option<String>,
    pub(crate) advocate: Option<String>,
    /// `no`, `hold` or `private`.
    pub(crate) aside: &'static str,
    pub(crate) interpreter: Option<InterpreterRow>,
    /// A supervisor who takes part, or is rung for it: never hidden.
    pub(crate) supervisor: Option<SupervisorRow>,
    /// Whether two parties or more talk at once.
    pub(crate) overlap: bool,
    /// Whether somebody of a conversation is not heard at all.
    pub(crate) one_way: bool,
    /// Its legs that have audio: the caller's first, then the advocate's.
    pub(crate) lines: Vec<LineRow>,
}

/// How the audio of one leg fares, by its latest report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct LineRow {
    /// Whether it is encrypted.
    pub(crate) secure: bool,
    /// Whether the party has real-time text beside it.
    pub(crate) text: bool,
    /// What we receive.
    pub(crate) received: Option<FareRow>,
    /// What the peer says it receives of us.
    pub(crate) sent: Option<FareRow>,
    /// To the peer and back.
    pub(crate) round_trip_ms: Option<u128>,
    #[serde(flatten)]
    pub(crate) sound: SoundRow,
}

/// What comes from one party.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SoundRow {
    #[schema(example = "caller")]
    pub(crate) party: &'static str,
    /// `none` (there is text alone), `nothing` (no packets), `silence` (packets, and not a word yet),
    /// `pause` or `speech`.
    #[schema(example = "speech")]
    pub(crate) sound: &'static str,
    /// The loudest moment of the last second against overload, in steps of 3 dB; absent until
    /// something was heard.
    #[schema(example = -24)]
    pub(crate) level_dbov: Option<i8>,
}

/// How one direction fares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FareRow {
    /// Packets lost in the last seconds, in 1/1000.
    pub(crate) loss_permille: u16,
    pub(crate) jitter_ms: u128,
    /// The mean opinion score an average listener would give, in tenths: 10 to 45.
    #[schema(example = 43)]
    pub(crate) mos_tenths: u8,
}

/// One interpreter who is sought or there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InterpreterRow {
    /// The call it is for, for those who may see it.
    pub call: Option<String>,
    /// A language tag.
    pub language: String,
    /// Whose line, once it is dialled.
    pub vendor: Option<String>,
    /// How far it is.
    #[schema(example = "on-hold")]
    pub step: Cow<'static, str>,
    /// `consecutive` or `simultaneous`.
    #[schema(example = "consecutive")]
    pub mode: Cow<'static, str>,
    /// Since it was asked for.
    pub seconds: u64,
}

/// A supervisor of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct SupervisorRow {
    pub(crate) advocate: String,
    /// `listen`, `coach` or `join`.
    #[schema(example = "listen")]
    pub(crate) r#as: &'static str,
    /// `coming`, `announced` (she hears the advocate, and not yet the caller) or `there`.
    #[schema(example = "there")]
    pub(crate) step: &'static str,
}

/// An advocate and the call she is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Desk {
    pub(crate) advocate: AdvocateRow,
    pub(crate) call: Option<CallRow>,
}

/// A snapshot as one reader sees it now.
pub(crate) struct View<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) names: &'a Names,
    pub(crate) now: Instant,
}

impl View<'_> {
    pub(crate) fn board(&self) -> Board {
        let sought = |i: &&InterpreterState| i.step != InterpreterStep::Joined;
        let interpreters = || self.snapshot.calls.iter().filter_map(|c| c.interpreter.as_ref());
        Board {
            calls: self.snapshot.calls.len(),
            legs: self.snapshot.legs,
            draining: self.snapshot.draining,
            capacity: capacity(self.snapshot.capacity).into(),
            queues: self.snapshot.queues.iter().map(|queue| self.queue(queue)).collect(),
            audio: self.audio(),
            interpreters_sought: interpreters().filter(sought).count(),
            interpreters_joined: interpreters().filter(|i| !sought(i)).count(),
            interpreters_within_30_seconds_percent: self.snapshot.waits.percent_within(30),
        }
    }

    fn audio(&self) -> AudioRow {
        let calls = &self.snapshot.calls;
        let lines = || calls.iter().flat_map(|call| &call.lines);
        let fares = lines().flat_map(|line| [line.quality.received, line.quality.sent]).flatten();
        let speaking = || lines().filter(|line| line.sound == Sound::Speech);
        let levels = || speaking().filter_map(|line| line.level_dbov);
        AudioRow {
            legs: lines().count(),
            secure: lines().filter(|line| line.secure).count(),
            worst_mos_tenths: fares.map(|fare| fare.mos_tenths).min(),
            speaking: speaking().count(),
            softest_dbov: levels().min(),
            loudest_dbov: levels().max(),
            overlapping_calls: calls.iter().filter(|call| call.has_overlap()).count(),
            one_way_calls: calls.iter().filter(|call| call.is_one_way()).count(),
        }
    }

    pub(crate) fn advocate(&self, state: &AdvocateState) -> AdvocateRow {
        AdvocateRow {
            advocate: self.names.advocate(state.advocate),
            standing: standing(state.standing).into(),
            seconds: state.since.map(|since| self.seconds(since)),
            phones: state.phones,
            reads: state.reads,
            call: state.call.map(|call| call.to_string()),
        }
    }

    pub(crate) fn call(&self, state: &CallState) -> CallRow {
        CallRow {
            call: state.call.to_string(),
            stage: stage(state.stage),
            seconds: self.seconds(state.since),
            age_seconds: self.seconds(state.arrived),
            language: state.language.to_string(),
            queue: state.queue.as_ref().map(ToString::to_string),
            advocate: state.advocate.map(|advocate| self.names.advocate(advocate)),
            aside: aside(state.aside),
            interpreter: self.interpreter(state),
            supervisor: state.supervisor.as_ref().map(|state| self.supervisor(state)),
            overlap: state.has_overlap(),
            one_way: state.is_one_way(),
            lines: state.lines.iter().map(line).collect(),
        }
    }

    pub(crate) fn interpreter(&self, call: &CallState) -> Option<InterpreterRow> {
        let state = call.interpreter?;
        Some(InterpreterRow {
            call: Some(call.call.to_string()),
            language: state.language.to_string(),
            vendor: state.vendor.map(|vendor| self.names.vendor(vendor)),
            step: step(state.step).into(),
            mode: state.mode.as_str().into(),
            seconds: self.seconds(state.since),
        })
    }

    fn supervisor(&self, state: &SupervisorState) -> SupervisorRow {
        SupervisorRow {
            advocate: self.names.advocate(state.advocate),
            r#as: state.attendance.as_str(),
            step: match state.step {
                SupervisorStep::Coming => "coming",
                SupervisorStep::Announced => "announced",
                SupervisorStep::There => "there",
                SupervisorStep::MayTakeOver => "may-take-over",
            },
        }
    }

    pub(crate) fn desk(&self, advocate: model::AdvocateId) -> Option<Desk> {
        let state = self.snapshot.advocates.iter().find(|state| state.advocate == advocate)?;
        let call = self.snapshot.calls.iter().find(|call| Some(call.call) == state.call);
        Some(Desk { advocate: self.advocate(state), call: call.map(|call| self.call(call)) })
    }

    fn queue(&self, state: &QueueState) -> QueueRow {
        QueueRow {
            queue: state.queue.to_string(),
            waiting: state.waiting,
            waiting_by_text: state.by_text,
            longest_wait_seconds: state.longest_since.map(|since| self.seconds(since)),
            talking: state.talking,
            ready: state.ready,
            on_shift: state.on_shift,
            readers: state.readers,
        }
    }

    const fn seconds(&self, since: Instant) -> u64 {
        self.now.since(since).as_secs()
    }
}

fn line(line: &Line) -> LineRow {
    let fare = |fare: Fare| FareRow {
        loss_permille: fare.loss_permille,
        jitter_ms: fare.jitter.as_millis(),
        mos_tenths: fare.mos_tenths,
    };
    LineRow {
        secure: line.secure,
        text: line.text,
        received: line.quality.received.map(fare),
        sent: line.quality.sent.map(fare),
        round_trip_ms: line.quality.round_trip.map(|trip| trip.as_millis()),
        sound: sound(line),
    }
}

/// What comes from one party, as the API shows it.
pub(crate) const fn sound(line: &Line) -> SoundRow {
    let (party, sound) = (line.party.as_str(), line.sound.as_str());
    SoundRow { party, sound, level_dbov: line.level_dbov }
}

/// An advocate's state in a word.
pub(crate) const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Away => "away",
        Standing::Ready => "ready",
        Standing::Offered => "offered",
        Standing::Talking => "talking",
        Standing::WrapUp => "wrap-up",
    }
}

const fn stage(stage: CallStage) -> &'static str {
    match stage {
        CallStage::Arriving => "arriving",
        CallStage::Plan => "dialplan",
        CallStage::Waiting => "waiting",
        CallStage::Talking => "talking",
        CallStage::Diverted => "diverted",
        CallStage::Closing => "closing",
    }
}

const fn aside(aside: Aside) -> &'static str {
    match aside {
        Aside::None => "no",
        Aside::Hold => "hold",
        Aside::Private => "private",
        Aside::Transfer => "transfer",
    }
}

/// How far an interpreter is, in a word.
pub(crate) const fn step(step: InterpreterStep) -> &'static str {
    match step {
        InterpreterStep::Asked => "asked",
        InterpreterStep::Dialling => "dialling",
        InterpreterStep::Answered => "vendor-answered",
        InterpreterStep::Menu => "menu",
        InterpreterStep::OnHold => "on-hold",
        InterpreterStep::Announced => "announced",
        InterpreterStep::Joined => "joined",
        InterpreterStep::Held => "held",
    }
}

/// Which new calls are taken, in a word.
pub(crate) const fn capacity(capacity: Capacity) -> &'static str {
    match capacity {
        Capacity::Free => "free",
        Capacity::Tight => "tight",
        Capacity::Full => "full",
    }
}

pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Already => "already",
        Outcome::NotNow => "not-now",
        Outcome::NoCall => "no-call",
        Outcome::UnknownLanguage => "unknown-language",
        Outcome::NotAllowed => "not-allowed",
        Outcome::UnknownAdvocate => "unknown-advocate",
        Outcome::UnknownTarget => "unknown-target",
        Outcome::Busy => "busy",
        Outcome::Unavailable => "unavailable",
    }
}
