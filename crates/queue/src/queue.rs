//! The state machine: one queue of all callers and all advocates.

use std::collections::VecDeque;

use model::{AdvocateId, CallId, Instant, Language};
use serde::{Deserialize, Serialize};

use crate::desk::{Desk, State};
use crate::entry::{Entry, Keeping, Line};
use crate::staffing::Staffing;
use crate::{Alarm, Input, Medium, Missed, Output, Place, QueueName, Settings};

/// All advocates and all waiting callers of a hotline.
///
/// Invariants: a caller is either in the line or with exactly one advocate; an advocate is offered
/// only callers in the line or handed over by a colleague, and each caller is offered to at most one
/// advocate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Queue {
    pub(crate) settings: Settings,
    pub(crate) desks: Vec<Desk>,
    pub(crate) line: Line,
    pub(crate) staffing: Vec<Staffing>,
    pub(crate) outputs: VecDeque<Output>,
}

impl Queue {
    /// An empty queue: nobody waits, every advocate is away.
    pub fn new(settings: Settings) -> Self {
        Self {
            desks: settings.advocates.iter().cloned().map(Desk::new).collect(),
            staffing: settings.queues.iter().cloned().map(Staffing::new).collect(),
            line: Line::default(),
            outputs: VecDeque::new(),
            settings,
        }
    }

    /// Applies one input at `now`, ends what is due, and offers whom it can.
    ///
    /// The input is applied first: an answer in the same instant as the offer's end still wins.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        self.apply(now, input);
        self.expire(now);
        self.tell_staffing();
        self.match_callers(now);
    }

    /// What to do next; to be drained after each input.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        let states = self.desks.iter().filter_map(|desk| desk.state.deadline());
        let waits = self.line.iter().filter_map(|entry| entry.alarm_at);
        let kept = self.line.iter().filter_map(Entry::kept_until);
        states.chain(waits).chain(kept).min()
    }

    fn apply(&mut self, now: Instant, input: Input) {
        match input {
            Input::CallerWaits { entry, queue, language, wants_interpreter, medium, place } => {
                let entry = self.entry(now, entry, queue);
                self.admit(now, Entry { language, wants_interpreter, medium, place, ..entry });
            }
            Input::CallerLeft { entry } => self.drop_caller(now, entry),
            Input::LanguageChanged { entry, language, wants_interpreter } => {
                self.change_language(entry, language, wants_interpreter);
            }
            Input::MediumChanged { entry, medium } => {
                if let Some(caller) = self.caller_mut(entry) {
                    caller.turns_to(medium);
                }
            }
            Input::Reads { advocate, reads } => {
                self.with(advocate, |queue, desk| queue.desks[desk].reads = reads);
            }
            Input::OfferAccepted { advocate, entry } => self.connect(now, advocate, entry),
            Input::OfferFailed { advocate, entry, reason } => {
                if let Some(desk) = self.desk_offered(entry)
                    && self.desks[desk].advocate.id == advocate
                {
                    self.miss(now, desk, reason);
                }
            }
            Input::Reachable { advocate, reachable } => self.reach(advocate, reachable),
            Input::Ready { advocate } => self.with(advocate, |queue, desk| queue.ready(now, desk)),
            Input::Away { advocate } => self.with(advocate, Self::away),
            Input::WrapUpDone { advocate } => self.with(advocate, |queue, desk| {
                if matches!(queue.desks[desk].state, State::WrapUp { .. }) {
                    queue.ready(now, desk);
                }
            }),
            Input::CallEnded { advocate } => self.with(advocate, |queue, desk| {
                queue.keep(desk);
                queue.take_caller(now, desk);
            }),
            Input::HandOver { from, to } => self.hand_over(now, from, to),
            Input::TakeOver { advocate, entry } => self.take_over(now, advocate, entry),
            Input::Keep { advocate } => self.with(advocate, Self::keep),
            Input::AdvocateLost { advocate } => self.with(advocate, |queue, desk| {
                if let Some(caller) = queue.take_caller(now, desk) {
                    let (place, keeping) = (Place::Head, Keeping::Whole);
                    queue.line.insert(Entry { place, keeping, ..caller });
                }
            }),
            Input::Timeout => {}
        }
    }

    // Callers

    /// A new entry at the back of the line.
    fn entry(&self, now: Instant, id: CallId, queue: QueueName) -> Entry {
        Entry {
            id,
            queue,
            language: Language::UNKNOWN,
            wants_interpreter: false,
            medium: Medium::Voice,
            keeping: Keeping::Whole,
            place: Place::Back,
            since: now,
            alarm_at: Some(now + self.settings.long_wait),
            told_nobody: false,
        }
    }

    /// Puts the caller into the line. One we already have keeps her wait, and never loses a place.
    fn admit(&mut self, now: Instant, entry: Entry) {
        self.staff(&entry.queue);
        let waits_already = self.line.find(entry.id).is_some_and(|one| one.medium == entry.medium);
        let Some(known) = self.known(now, &entry) else { return self.line.insert(entry) };
        self.line.insert(Entry {
            place: known.place.min(entry.place),
            since: known.since,
            alarm_at: known.alarm_at,
            told_nobody: known.told_nobody && known.queue == entry.queue,
            // No plan that leads from queue to queue keeps her for ever.
            keeping: if waits_already { known.keeping } else { Keeping::Whole },
            ..entry
        });
    }

    /// Takes the caller from where she is: the line or her advocate. An offer stands unless she
    /// goes to another queue.
    fn known(&mut self, now: Instant, entry: &Entry) -> Option<Entry> {
        let known = self.release_caller(now, entry.id)?;
        if known.queue != entry.queue {
            self.withdraw_from_all(entry.id);
        }
        Some(known)
    }

    fn drop_caller(&mut self, now: Instant, id: CallId) {
        self.withdraw_from_all(id);
        self.release_caller(now, id);
    }

    fn change_language(&mut self, id: CallId, language: Language, wants_interpreter: bool) {
        if let Some(entry) = self.caller_mut(id) {
            entry.language = language;
            entry.wants_interpreter = wants_interpreter;
        }
    }

    // Advocates

    /// Runs `act` for the advocate, if there is such a one.
    pub(crate) fn with(&mut self, advocate: AdvocateId, act: impl FnOnce(&mut Self, usize)) {
        if let Some(desk) = self.desks.iter().position(|desk| desk.advocate.id == advocate) {
            act(self, desk);
        }
    }

    fn reach(&mut self, advocate: AdvocateId, reachable: bool) {
        self.with(advocate, |queue, desk| {
            queue.desks[desk].reachable = reachable;
            if !reachable {
                queue.withdraw(desk); // her phone is gone: ring the next one now
            }
        });
    }

    fn ready(&mut self, now: Instant, desk: usize) {
        match &mut self.desks[desk].state {
            State::Away | State::WrapUp { .. } => self.enter(desk, State::ready(now)),
            State::Ready { paused, .. } => *paused = None,
            State::Talking { away_after, .. } => *away_after = false,
            State::Offered { .. } => {}
        }
    }

    fn away(&mut self, desk: usize) {
        self.cancel_offer(desk);
        match &mut self.desks[desk].state {
            State::Talking { away_after, .. } => *away_after = true,
            _ => self.enter(desk, State::Away),
        }
    }

    /// The caller goes from the line, or from a colleague, into the advocate's hands.
    fn connect(&mut self, now: Instant, advocate: AdvocateId, entry: CallId) {
        let winner =
            self.desk_offered(entry).filter(|&desk| self.desks[desk].advocate.id == advocate);
        let has_her =
            |desk: &Desk| desk.advocate.id == advocate && desk.talks_with() == Some(entry);
        match winner {
            Some(desk) => {
                let caller = self.release_caller(now, entry).expect(OFFERED);
                self.enter(desk, State::Talking { caller, away_after: false });
                self.outputs.push_back(Output::Connected { advocate, entry });
            }
            None if self.desks.iter().any(has_her) => {} // said twice
            None => self.outputs.push_back(Output::CancelOffer { advocate, entry }),
        }
    }

    /// Ends a conversation on the advocate's side and gives back the caller.
    pub(crate) fn take_caller(&mut self, now: Instant, desk: usize) -> Option<Entry> {
        let State::Talking { caller, away_after } = &self.desks[desk].state else { return None };
        let caller = caller.clone();
        let next = if *away_after {
            State::Away
        } else {
            State::WrapUp { until: now + self.settings.wrap_up }
        };
        self.enter(desk, next);
        Some(caller)
    }

    /// A5: who misses an offer is set away, but the last ready advocate of a queue is rung again.
    fn miss(&mut self, now: Instant, desk: usize, reason: Missed) {
        let Some(entry) = self.desks[desk].offered() else { return };
        let advocate = self.desks[desk].advocate.id;
        if self.is_last_ready(desk) {
            let paused = Some(now + self.settings.ring_again_after);
            self.enter(desk, State::Ready { idle_since: now, paused });
            let queue = self.caller(entry).expect(OFFERED).queue.clone();
            let alarm = Alarm::LastReadyNotAnswering { queue, advocate };
            self.outputs.push_back(Output::Alarm(alarm));
        } else {
            self.enter(desk, State::Away);
            self.outputs.push_back(Output::SetAway { advocate, reason });
        }
    }

    /// Takes an offer back; she stays ready, as idle as before.
    pub(crate) fn withdraw(&mut self, desk: usize) {
        self.cancel_offer(desk);
        if let State::Offered { idle_since, .. } = self.desks[desk].state {
            self.enter(desk, State::Ready { idle_since, paused: None });
        }
    }

    /// Stops the ringing, if she is being rung.
    fn cancel_offer(&mut self, desk: usize) {
        if let Some(entry) = self.desks[desk].offered() {
            let advocate = self.desks[desk].advocate.id;
            self.outputs.push_back(Output::CancelOffer { advocate, entry });
        }
    }

    pub(crate) fn withdraw_from_all(&mut self, entry: CallId) {
        if let Some(desk) = self.desk_offered(entry) {
            self.withdraw(desk);
        }
    }

    /// The advocate being rung for the caller.
    pub(crate) fn desk_offered(&self, entry: CallId) -> Option<usize> {
        self.desks.iter().position(|desk| desk.offered() == Some(entry))
    }

    pub(crate) fn enter(&mut self, desk: usize, state: State) {
        let desk = &mut self.desks[desk];
        let before = desk.state.standing();
        desk.state = state;
        let state = desk.state.standing();
        if state != before {
            self.outputs.push_back(Output::StateChanged { advocate: desk.advocate.id, state });
        }
    }

    // Time

    fn expire(&mut self, now: Instant) {
        for desk in 0..self.desks.len() {
            if self.desks[desk].state.deadline().is_some_and(|at| at <= now) {
                self.expire_desk(now, desk);
            }
        }
        for entry in self.line.iter_mut() {
            if entry.kept_until().is_some_and(|until| until <= now) {
                entry.keeping = Keeping::Over;
            }
            if entry.alarm_at.is_some_and(|at| at <= now) {
                entry.alarm_at = None;
                let (queue, entry) = (entry.queue.clone(), entry.id);
                self.outputs.push_back(Output::Alarm(Alarm::LongWait { queue, entry }));
            }
        }
    }

    fn expire_desk(&mut self, now: Instant, desk: usize) {
        match self.desks[desk].state {
            State::Offered { .. } => {
                self.cancel_offer(desk);
                self.miss(now, desk, Missed::NoAnswer);
            }
            State::WrapUp { .. } | State::Ready { .. } => self.ready(now, desk),
            State::Away | State::Talking { .. } => {}
        }
    }
}

/// Why an offered caller is always there.
const OFFERED: &str = "offered callers are in the line, or with the colleague who hands them over";
