//! One call: a caller, and whoever is there for her.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use dialplan::{Conference, Entry, Plan, Runner};
use interpreting::{Progress, Search};
use model::{AdvocateId, CallId, Instant, Language, LegId, PromptName, RoomId, Route, VendorId};

use queue::QueueName;

use crate::audience::Audible;
use crate::codes::CodeReader;
use crate::early::Early;
use crate::hearing::{Aside, Echo, Presence, Present};
use crate::mode::Mode;
use crate::supervising::Supervisor;
use crate::transferring::Transfer;
use crate::typing::Line;
use crate::unread::Unread;

/// All that serves one caller, from INVITE to the last leg's end.
#[derive(Debug)]
pub(crate) struct Call {
    /// Its name is the call's, unless it is shared.
    pub(crate) room: RoomId,
    /// The room it is shared with others, for the whole call (a lab).
    pub(crate) conference: Option<Conference>,
    /// Whether the caller hears herself (a lab).
    pub(crate) echo: Echo,
    pub(crate) caller: LegId,
    /// The plan she called on, to the end (O2).
    pub(crate) plan: Arc<Plan>,
    pub(crate) runner: Runner,
    pub(crate) stage: Stage,
    /// Since when it is in this stage.
    pub(crate) since: Instant,
    /// When its INVITE came.
    pub(crate) arrived: Instant,
    /// The language she speaks, `und` when she asked for an interpreter and nobody knows yet.
    pub(crate) language: Language,
    /// The declared language nearest to hers, for prompts.
    pub(crate) nearest: Language,
    /// Phones that ring for this call.
    pub(crate) offers: BTreeMap<AdvocateId, Vec<LegId>>,
    pub(crate) interpretation: Option<Interpretation>,
    /// A supervisor who takes part, or is rung for it.
    pub(crate) supervisor: Option<Supervisor>,
    pub(crate) diversion: Option<LegId>,
    /// What she hears of the diversion before it answers.
    pub(crate) early: Option<Early>,
    /// Her way to somebody else, while the advocate is still there.
    pub(crate) transfer: Option<Transfer>,
    /// Staff legs that hear their last words.
    pub(crate) leaving: Vec<LegId>,
    /// Where she waits, or would.
    pub(crate) queue: Option<QueueName>,
    /// What she types, where she has no keys.
    pub(crate) line: Line,
    /// The music of her queue.
    pub(crate) music: Option<PromptName>,
    /// The matrix in force, and its version.
    pub(crate) routes: Vec<Route>,
    pub(crate) route_version: u64,
    /// What each matrix makes audible that was sent and is not yet known to be in force.
    pub(crate) audiences: VecDeque<(u64, Vec<Audible>)>,
    /// Whether the call was rebuilt after a panic; a second one ends it.
    pub(crate) revived: bool,
}

/// Who is in charge of the caller.
#[derive(Debug)]
pub(crate) enum Stage {
    /// Her INVITE is not yet answered.
    Arriving,
    /// The dialplan, which also keeps her company while she waits.
    Plan { waiting: bool },
    /// An advocate.
    Talking(Talk),
    /// A back-up centre that answered.
    Diverted,
    /// The closing line plays.
    Closing,
}

/// A conversation with an advocate.
#[derive(Debug)]
pub(crate) struct Talk {
    pub(crate) advocate: AdvocateId,
    pub(crate) leg: LegId,
    pub(crate) aside: Aside,
    pub(crate) codes: CodeReader,
    /// Until when a BYE of her phone is its answer to a transfer that failed, and not her goodbye.
    pub(crate) let_down: Option<Instant>,
    /// While nobody can read a caller who has nothing but text.
    pub(crate) unread: Option<Unread>,
    /// Whether she could be understood at some time.
    pub(crate) was_read: bool,
}

/// The interpreter of a call, from the request to the end.
#[derive(Debug)]
pub(crate) struct Interpretation {
    /// The language asked for.
    pub(crate) language: Language,
    /// When it was asked for.
    pub(crate) since: Instant,
    /// How far the search is, once it has begun.
    pub(crate) progress: Option<Progress>,
    /// `None` while the language is spoken back to the advocate.
    pub(crate) search: Option<Search>,
    /// The vendor's line, once dialled.
    pub(crate) line: Option<(LegId, VendorId)>,
    pub(crate) presence: Presence,
    /// How she speaks.
    pub(crate) mode: Mode,
    /// When the caller is next told how it stands, in a pause (I1).
    pub(crate) tell_at: Option<Instant>,
    /// Since when neither caller nor advocate has spoken; `None` while one speaks.
    pub(crate) still_since: Option<Instant>,
    /// Until when an interpreter is held without an advocate (I9).
    pub(crate) held_until: Option<Instant>,
    /// Whether it was noted that she joined.
    pub(crate) noticed: bool,
    /// Whether the first of them is still waited for.
    pub(crate) is_awaited: bool,
}

impl Call {
    /// A call whose INVITE has just come.
    pub(crate) fn new(
        id: CallId,
        caller: LegId,
        plan: Arc<Plan>,
        entry: &Entry,
        language: Language,
        arrived: Instant,
    ) -> Self {
        let runner = Runner::new(Arc::clone(&plan), entry, language);
        let language = runner.language();
        Self {
            room: RoomId(id.0),
            conference: None,
            echo: Echo::Off,
            caller,
            plan,
            runner,
            stage: Stage::Arriving,
            since: arrived,
            arrived,
            language,
            nearest: language,
            offers: BTreeMap::new(),
            interpretation: None,
            supervisor: None,
            diversion: None,
            early: None,
            transfer: None,
            leaving: Vec::new(),
            queue: None,
            line: Line::default(),
            music: None,
            routes: Vec::new(),
            route_version: 0,
            audiences: VecDeque::new(),
            revived: false,
        }
    }

    /// Someone else is in charge of the caller from now on.
    pub(crate) fn enter(&mut self, now: Instant, stage: Stage) {
        self.stage = stage;
        self.since = now;
    }

    /// Whether the caller waits for an advocate.
    pub(crate) const fn waits(&self) -> bool {
        matches!(self.stage, Stage::Plan { waiting: true })
    }

    pub(crate) const fn talk(&self) -> Option<&Talk> {
        match &self.stage {
            Stage::Talking(talk) => Some(talk),
            _ => None,
        }
    }

    pub(crate) const fn talk_mut(&mut self) -> Option<&mut Talk> {
        match &mut self.stage {
            Stage::Talking(talk) => Some(talk),
            _ => None,
        }
    }

    pub(crate) const fn advocate_leg(&self) -> Option<LegId> {
        match self.talk() {
            Some(talk) => Some(talk.leg),
            None => None,
        }
    }

    /// Who has the caller: an advocate, or a back-up centre. No interpreter is alone with her (I9).
    pub(crate) fn host(&self) -> Option<LegId> {
        let centre = self.diversion.filter(|_| matches!(self.stage, Stage::Diverted));
        self.advocate_leg().or(centre)
    }

    /// The interpreter, once one has joined or is announced.
    pub(crate) fn interpreter(&self) -> Option<(LegId, VendorId)> {
        let interpretation = self.interpretation.as_ref()?;
        interpretation.line.filter(|_| interpretation.presence != Presence::Line)
    }

    /// Who hears whom by the matrix `version`, which is in force now; none if that is known.
    pub(crate) fn audience_of(&mut self, version: u64) -> Option<Vec<Audible>> {
        // Older ones that are still here were overtaken before they were in force.
        while self.audiences.front().is_some_and(|(of, _)| *of < version) {
            self.audiences.pop_front();
        }
        let (_, audible) = self.audiences.pop_front_if(|(of, _)| *of == version)?;
        Some(audible)
    }

    /// Since when the first interpreter has been waited for, who is there now or never.
    pub(crate) fn end_of_wait(&mut self) -> Option<Instant> {
        let interpretation = self.interpretation.as_mut()?;
        std::mem::take(&mut interpretation.is_awaited).then_some(interpretation.since)
    }

    /// Notes once that an interpreter is part of the conversation, and says whose.
    pub(crate) fn newly_joined(&mut self) -> Option<VendorId> {
        let interpretation = self.interpretation.as_mut()?;
        let joined = interpretation.presence == Presence::Joined;
        if !joined || std::mem::replace(&mut interpretation.noticed, true) {
            return None;
        }
        interpretation.line.map(|(_, vendor)| vendor)
    }

    /// Who is there, for `hearing::routes`.
    pub(crate) fn present(&self) -> Present {
        let answered = !matches!(self.stage, Stage::Arriving);
        let connected = matches!(self.stage, Stage::Diverted);
        let line = self.interpretation.as_ref().and_then(|i| Some((i.line?.0, i.presence)));
        Present {
            caller: Some(self.caller).filter(|_| answered),
            advocate: self.advocate_leg(),
            interpreter: line,
            mode: self.interpretation.as_ref().map(|i| i.mode).unwrap_or_default(),
            supervisor: self
                .supervisor
                .as_ref()
                .and_then(|s| Some((s.leg?, s.attendance, s.known))),
            diversion: self.diversion.filter(|_| connected),
            ringing: self.diversion.filter(|_| !connected && self.early.is_some()),
            aside: self.talk().map_or(Aside::None, |talk| talk.aside),
            echo: self.echo,
        }
    }

    /// Every leg but the caller's.
    pub(crate) fn other_legs(&self) -> Vec<LegId> {
        let line = self.interpretation.as_ref().and_then(|i| i.line).map(|(leg, _)| leg);
        let ringing = self.offers.values().flatten().copied();
        let leaving = self.leaving.iter().copied();
        let there = [self.advocate_leg(), line, self.diversion].into_iter().flatten();
        let supervisor = self.supervisor.iter().flat_map(Supervisor::legs);
        ringing.chain(there).chain(leaving).chain(supervisor).collect()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let planned = matches!(self.stage, Stage::Arriving | Stage::Plan { .. } | Stage::Closing);
        let line = self.line.deadline();
        // It waits for the line.
        let runner = (planned && line.is_none()).then(|| self.runner.deadline());
        let codes = self.talk().map(|talk| talk.codes.deadline());
        let interpretation = self.interpretation.as_ref();
        let interpretation = interpretation.and_then(Interpretation::deadline);
        let early = self.early.and_then(Early::deadline);
        let supervisor = self.supervisor.as_ref().and_then(|one| one.may_take_until);
        let unread = self.talk().and_then(|talk| talk.unread).map(|unread| unread.remind_at);
        let plan = [line, runner.flatten(), early];
        let people = [codes.flatten(), interpretation, supervisor, unread];
        plan.into_iter().chain(people).flatten().min()
    }
}

impl Talk {
    /// One that begins now.
    pub(crate) fn new(advocate: AdvocateId, leg: LegId) -> Self {
        let (aside, codes) = (Aside::None, CodeReader::default());
        Self { advocate, leg, aside, codes, let_down: None, unread: None, was_read: false }
    }
}

impl Interpretation {
    pub(crate) const fn new(language: Language, since: Instant) -> Self {
        Self {
            language,
            since,
            progress: None,
            search: None,
            line: None,
            presence: Presence::Line,
            mode: Mode::Consecutive,
            tell_at: None,
            still_since: None,
            held_until: None,
            noticed: false,
            is_awaited: true,
        }
    }

    fn deadline(&self) -> Option<Instant> {
        let search = self.search.as_ref().and_then(Search::deadline);
        [search, self.tell_at, self.held_until].into_iter().flatten().min()
    }
}
