//! How a hotline stands at one instant, as plain values for boards and consoles: our own random ids,
//! languages, stages and times, and nothing of a caller (D1, O9).
//!
//! Times are instants, so that a snapshot stays true while nothing happens.

use std::collections::BTreeMap;

use interpreting::Progress;
use model::{AdvocateId, CallId, Instant, Language, Party, Quality, ShardState, VendorId};
use queue::{QueueName, Standing};

use crate::call::{Call, Interpretation, Stage};
use crate::capacity::Capacity;
use crate::hearing::{Aside, Presence};
use crate::leg::Leg;
use crate::mode::Mode;
use crate::sound::Sound;
use crate::supervising::{Attendance, Known, Supervisor};
use crate::{InterpreterWaits, Switchboard};

/// A hotline at one instant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Which instant.
    pub at: Instant,
    /// Whether new calls are refused.
    pub draining: bool,
    /// Which new calls the media still carries.
    pub capacity: Capacity,
    /// Legs that exist.
    pub legs: usize,
    /// Every media shard.
    pub shards: Vec<ShardState>,
    /// Every call.
    pub calls: Vec<CallState>,
    /// Every queue, in the order of the settings.
    pub queues: Vec<QueueState>,
    /// Every advocate, in the order of the settings.
    pub advocates: Vec<AdvocateState>,
    /// How long interpreters took since the start.
    pub waits: InterpreterWaits,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallState {
    /// Its random name.
    pub call: CallId,
    /// Who is in charge of the caller.
    pub stage: CallStage,
    /// Since when; a caller who lost her advocate waits since she first began to.
    pub since: Instant,
    /// When it came.
    pub arrived: Instant,
    /// The language the caller speaks, `und` when nobody knows yet.
    pub language: Language,
    /// Where she waits, or did.
    pub queue: Option<QueueName>,
    /// Who talks with her.
    pub advocate: Option<AdvocateId>,
    /// Whether she is set aside.
    pub aside: Aside,
    /// Her interpreter, from the request on.
    pub interpreter: Option<InterpreterState>,
    /// A supervisor who takes part, or is rung for it (A8).
    pub supervisor: Option<SupervisorState>,
    /// Its legs that have media: the caller's, the advocate's, and on in the order of [`Party`].
    pub lines: Vec<Line>,
}

/// One leg of a call: how its media fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Whose.
    pub party: Party,
    /// Whether they are encrypted.
    pub secure: bool,
    /// Whether the party has real-time text beside it.
    pub text: bool,
    /// How they fare.
    pub quality: Quality,
    /// What comes from the party: who talks, and who is not heard at all.
    pub sound: Sound,
    /// How loud the party is: the loudest moment of the last second, in steps of 3 dB.
    pub level_dbov: Option<i8>,
}

impl CallState {
    /// Whether two parties or more talk at once.
    pub fn has_overlap(&self) -> bool {
        self.lines.iter().filter(|line| line.sound == Sound::Speech).count() > 1
    }

    /// Whether somebody of a conversation is not heard at all.
    pub fn is_one_way(&self) -> bool {
        let is_unheard = |line: &Line| line.sound == Sound::Nothing;
        self.stage == CallStage::Talking && self.lines.iter().any(is_unheard)
    }
}

/// Who is in charge of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStage {
    /// Her INVITE is not yet answered.
    Arriving,
    /// The dialplan.
    Plan,
    /// She waits for an advocate.
    Waiting,
    /// An advocate.
    Talking,
    /// A back-up centre.
    Diverted,
    /// The closing line plays.
    Closing,
}

/// An interpreter who is sought or there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterpreterState {
    /// The language asked for.
    pub language: Language,
    /// Whose line it is, once dialled.
    pub vendor: Option<VendorId>,
    /// How far it is.
    pub step: InterpreterStep,
    /// How she speaks.
    pub mode: Mode,
    /// When the interpreter was asked for.
    pub since: Instant,
}

/// A supervisor of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SupervisorState {
    /// Who.
    pub advocate: AdvocateId,
    /// How she takes part.
    pub attendance: Attendance,
    /// How far she is.
    pub step: SupervisorStep,
}

/// How far a supervisor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SupervisorStep {
    /// Her phone rings, or is told what she does.
    Coming,
    /// The advocate knows, the caller does not yet: she hears the advocate only.
    Announced,
    /// She hears everybody.
    There,
    /// The advocate was lost, and she may take the caller, who waits; she hears nobody.
    MayTakeOver,
}

/// How far an interpreter is (A2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InterpreterStep {
    /// The language is spoken back to the advocate.
    Asked,
    /// A vendor is dialled.
    Dialling,
    /// The vendor answered.
    Answered,
    /// Its menu is worked.
    Menu,
    /// It has put us on hold.
    OnHold,
    /// The caller is told, or the advocate may open the way.
    Announced,
    /// Part of the conversation.
    Joined,
    /// Held without an advocate, for the next one (I9).
    Held,
}

/// One queue: counts, and never a row about one caller (O9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueState {
    /// The queue.
    pub queue: QueueName,
    /// Callers in line.
    pub waiting: usize,
    /// Those of them who have nothing but text.
    pub by_text: usize,
    /// Since when the first of them waits.
    pub longest_since: Option<Instant>,
    /// Callers who talk with an advocate.
    pub talking: usize,
    /// Advocates who are ready or being rung.
    pub ready: usize,
    /// Advocates who are not away.
    pub on_shift: usize,
    /// Those of them who could read a caller who writes.
    pub readers: usize,
}

/// One advocate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdvocateState {
    /// Who.
    pub advocate: AdvocateId,
    /// What she is doing.
    pub standing: Standing,
    /// Since when; `None` if she has not come yet.
    pub since: Option<Instant>,
    /// How many phones she is registered with.
    pub phones: usize,
    /// Whether she could read a caller who writes.
    pub reads: bool,
    /// The call she talks in.
    pub call: Option<CallId>,
}

impl Switchboard {
    /// Everything as it stands at `now`. O(legs log calls + advocates).
    pub fn snapshot(&self, now: Instant) -> Snapshot {
        Snapshot {
            at: now,
            draining: self.is_draining(),
            capacity: self.gauge.capacity(),
            legs: self.legs.len(),
            shards: self.gauge.shards().to_vec(),
            calls: self.call_states(now),
            queues: self.queue.board(now).into_iter().map(|row| queue_state(now, row)).collect(),
            advocates: self.advocate_states(),
            waits: self.waits,
        }
    }

    fn call_states(&self, now: Instant) -> Vec<CallState> {
        let mut lines: BTreeMap<CallId, Vec<Line>> = BTreeMap::new();
        for leg in self.legs.values().filter(|leg| leg.settled) {
            if let Some(call) = leg.role.call() {
                let party = leg.role.party();
                let Leg { secure, text, quality, sound, level_dbov, .. } = *leg;
                let line = Line { party, secure, text, quality, sound, level_dbov };
                lines.entry(call).or_default().push(line);
            }
        }
        let state = |(&id, call)| {
            let mut lines = lines.remove(&id).unwrap_or_default();
            // Legs' names are random.
            lines.sort_by_key(|line| line.party);
            self.call_state(now, id, call, lines)
        };
        self.calls.iter().map(state).collect()
    }

    fn call_state(&self, now: Instant, id: CallId, call: &Call, lines: Vec<Line>) -> CallState {
        let waited = self.queue.waited(now, id).filter(|_| call.waits());
        CallState {
            call: id,
            stage: stage(&call.stage),
            since: waited.map_or(call.since, |waited| now - waited),
            arrived: call.arrived,
            language: call.language,
            queue: call.queue.clone(),
            advocate: call.talk().map(|talk| talk.advocate),
            aside: call.talk().map_or(Aside::None, |talk| talk.aside),
            interpreter: call.interpretation.as_ref().map(interpreter_state),
            supervisor: call.supervisor.as_ref().map(supervisor_state),
            lines,
        }
    }

    fn advocate_states(&self) -> Vec<AdvocateState> {
        let talks = self.calls.iter().filter_map(|(&id, call)| Some((call.talk()?.advocate, id)));
        let talks: Vec<(AdvocateId, CallId)> = talks.collect();
        let people = self.settings.queue.advocates.iter().map(|person| person.id);
        people
            .map(|advocate| AdvocateState {
                advocate,
                standing: self.queue.standing(advocate).unwrap_or(Standing::Away),
                since: self.standing_since.get(&advocate).copied(),
                phones: self.contacts_of(advocate).len(),
                reads: self.queue.reads(advocate),
                call: talks.iter().find(|(talker, _)| *talker == advocate).map(|&(_, id)| id),
            })
            .collect()
    }
}

const fn stage(stage: &Stage) -> CallStage {
    match stage {
        Stage::Arriving => CallStage::Arriving,
        Stage::Plan { waiting: false } => CallStage::Plan,
        Stage::Plan { waiting: true } => CallStage::Waiting,
        Stage::Talking(_) => CallStage::Talking,
        Stage::Diverted => CallStage::Diverted,
        Stage::Closing => CallStage::Closing,
    }
}

const fn supervisor_state(supervisor: &Supervisor) -> SupervisorState {
    let step = match (supervisor.may_take_until, supervisor.known) {
        (Some(_), _) => SupervisorStep::MayTakeOver,
        (None, Known::Nobody) => SupervisorStep::Coming,
        (None, Known::Advocate) => SupervisorStep::Announced,
        (None, Known::All) => SupervisorStep::There,
    };
    SupervisorState { advocate: supervisor.advocate, attendance: supervisor.attendance, step }
}

fn interpreter_state(interpretation: &Interpretation) -> InterpreterState {
    InterpreterState {
        language: interpretation.language,
        vendor: interpretation.line.map(|(_, vendor)| vendor),
        step: step(interpretation),
        mode: interpretation.mode,
        since: interpretation.since,
    }
}

const fn step(interpretation: &Interpretation) -> InterpreterStep {
    if interpretation.held_until.is_some() {
        return InterpreterStep::Held;
    }
    match (interpretation.presence, interpretation.progress) {
        (Presence::Joined, _) => InterpreterStep::Joined,
        (Presence::Announced, _) => InterpreterStep::Announced,
        (Presence::Line, None) => InterpreterStep::Asked,
        (Presence::Line, Some(Progress::VendorAnswered)) => InterpreterStep::Answered,
        (Presence::Line, Some(Progress::Menu)) => InterpreterStep::Menu,
        (Presence::Line, Some(Progress::OnHold)) => InterpreterStep::OnHold,
        (Presence::Line, Some(_)) => InterpreterStep::Dialling,
    }
}

fn queue_state(now: Instant, row: queue::Board) -> QueueState {
    QueueState {
        queue: row.queue,
        waiting: row.waiting,
        by_text: row.by_text,
        longest_since: row.longest_wait.map(|wait| now - wait),
        talking: row.talking,
        ready: row.ready,
        on_shift: row.on_shift,
        readers: row.readers,
    }
}
