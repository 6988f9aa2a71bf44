//! The sentinel: finds what no deadline and no owner would ever end, ends it, and counts it.
//!
//! Every state that waits has a deadline of its own, so a healthy hotline gives it nothing to find:
//! what it heals is a defect of ours that no caller should pay for. It looks every five seconds
//! while there is anything to look at, and acts on what it sees twice, since between two inputs of
//! the same instant a table may be ahead of another.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{AdvocateId, CallId, EndReason, Instant, LegId, PlayId, VendorId};
use queue::Standing;

use crate::call::{Call, Stage};
use crate::leg::{Leg, Role};
use crate::supervising::Supervisor;
use crate::{Notice, Switchboard};

/// Something that would stay as it is for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ailment {
    /// A leg that no call knows.
    Stray(LegId),
    /// A leg whose deadline has passed.
    LegOverdue(LegId),
    /// A call whose deadline has passed.
    CallOverdue(CallId),
    /// A recording whose end was never reported.
    EndlessTelling(LegId, PlayId),
    /// A call whose caller has no leg.
    NoCaller(CallId),
    /// A caller of whom nobody is in charge.
    Abandoned(CallId),
    /// A phone that rings for a call and does not exist.
    NoPhone(CallId, AdvocateId, LegId),
    /// An interpreter's line that does not exist.
    NoLine(CallId, VendorId, LegId),
    /// A supervisor's leg that does not exist.
    NoSupervisor(CallId, LegId),
    /// An advocate who talks with nobody.
    Idle(AdvocateId),
    /// A place in the queue without a caller.
    EmptyPlace(CallId),
    /// A deadline of the queue that has passed.
    QueueOverdue,
}

/// What was seen, and when first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sentinel {
    seen: BTreeMap<Ailment, Instant>,
    looks_at: Option<Instant>,
    healed: u64,
}

impl Ailment {
    const fn patience(self) -> Duration {
        match self {
            Self::EndlessTelling(..) => LONGEST_TELLING,
            _ => ROUND,
        }
    }
}

impl Sentinel {
    /// When it looks next.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.looks_at
    }

    /// How much it has healed so far.
    pub(crate) const fn healed(&self) -> u64 {
        self.healed
    }

    /// Looks again in a while, or not at all when there is nothing to look at.
    pub(crate) fn watch(&mut self, now: Instant, anything: bool) {
        self.looks_at = anything.then(|| self.looks_at.unwrap_or(now + ROUND));
        if !anything {
            self.seen.clear();
        }
    }

    /// Takes what is seen now; returns what has lasted too long.
    fn lasting(&mut self, now: Instant, found: &[Ailment]) -> Vec<Ailment> {
        self.looks_at = None;
        let seen = std::mem::take(&mut self.seen);
        let first = |ailment: &Ailment| seen.get(ailment).copied().unwrap_or(now);
        self.seen = found.iter().map(|ailment| (*ailment, first(ailment))).collect();
        let lasts = |(ailment, &first): (&Ailment, &Instant)| {
            (now.since(first) >= ailment.patience()).then_some(*ailment)
        };
        self.seen.iter().filter_map(lasts).collect()
    }
}

impl Switchboard {
    /// How many states had no owner or deadline any more and were healed: none, or there is a
    /// defect.
    pub const fn healed(&self) -> u64 {
        self.sentinel.healed()
    }

    /// Whether nothing of any call is left.
    pub(crate) fn is_empty(&self) -> bool {
        let talks = |(_, standing)| standing == Standing::Talking;
        let queue_is_empty = self.queue.waiting().next().is_none();
        self.legs.is_empty()
            && self.calls.is_empty()
            && queue_is_empty
            && !self.queue.standings().any(talks)
    }

    /// Looks everything over once.
    pub(crate) fn inspect(&mut self, now: Instant) {
        let found = self.ailments(now);
        for ailment in self.sentinel.lasting(now, &found) {
            self.note_healed();
            self.heal(now, ailment);
        }
    }

    pub(crate) fn note_healed(&mut self) {
        self.sentinel.healed += 1;
        self.notice(Notice::Healed);
    }

    /// Everything that would stay as it is for ever. O(n log n).
    pub(crate) fn ailments(&self, now: Instant) -> Vec<Ailment> {
        let overdue = self.queue.overdue(now, ROUND);
        let legs = self.legs.values().filter_map(|leg| self.ailing_leg(now, leg));
        let calls = self.calls.iter().flat_map(|(&id, call)| self.ailing_call(now, id, call));
        let idle = self.queue.standings().filter_map(|(advocate, standing)| {
            let talks = standing == Standing::Talking && !self.talks(advocate);
            talks.then_some(Ailment::Idle(advocate))
        });
        let places = self.queue.waiting().filter(|entry| !self.calls.contains_key(entry));
        let queue = (!overdue.is_empty()).then_some(Ailment::QueueOverdue);
        legs.chain(calls).chain(idle).chain(places.map(Ailment::EmptyPlace)).chain(queue).collect()
    }

    fn ailing_leg(&self, now: Instant, leg: &Leg) -> Option<Ailment> {
        let is_known = match leg.role {
            Role::Desk(_) => !leg.is_up() || leg.telling.is_some(),
            role => role
                .call()
                .and_then(|call| self.calls.get(&call))
                .is_some_and(|call| call.caller == leg.id || call.other_legs().contains(&leg.id)),
        };
        if !is_known {
            return Some(Ailment::Stray(leg.id));
        }
        if is_past(now, leg.deadline()) {
            return Some(Ailment::LegOverdue(leg.id));
        }
        leg.telling.map(|(play, _)| Ailment::EndlessTelling(leg.id, play))
    }

    fn ailing_call(&self, now: Instant, id: CallId, call: &Call) -> Vec<Ailment> {
        if !self.legs.contains_key(&call.caller) {
            return vec![Ailment::NoCaller(id)];
        }
        let is_gone = |leg: &LegId| !self.legs.contains_key(leg);
        let phones = call.offers.iter().flat_map(|(&advocate, legs)| {
            let gone = legs.iter().copied().filter(is_gone);
            gone.map(move |leg| Ailment::NoPhone(id, advocate, leg))
        });
        let line = call.interpretation.as_ref().and_then(|interpretation| interpretation.line);
        let line = line.filter(|(leg, _)| is_gone(leg));
        let supervisor = call.supervisor.iter().flat_map(Supervisor::legs).filter(is_gone);
        let overdue = is_past(now, call.deadline()).then_some(Ailment::CallOverdue(id));
        let abandoned = !self.is_in_charge(id, call);
        phones
            .chain(line.map(|(leg, vendor)| Ailment::NoLine(id, vendor, leg)))
            .chain(supervisor.map(|leg| Ailment::NoSupervisor(id, leg)))
            .chain(overdue)
            .chain(abandoned.then_some(Ailment::Abandoned(id)))
            .collect()
    }

    /// Whether somebody will go on with the caller.
    fn is_in_charge(&self, id: CallId, call: &Call) -> bool {
        let has = |leg: Option<LegId>| leg.is_some_and(|leg| self.legs.contains_key(&leg));
        let caller = self.legs.get(&call.caller);
        match &call.stage {
            Stage::Arriving => caller.is_some_and(|leg| !leg.is_up()),
            Stage::Plan { waiting: true } => self.queue.position(id).is_some(),
            Stage::Plan { waiting: false } => {
                call.runner.deadline().is_some() || has(call.diversion)
            }
            Stage::Closing => {
                call.runner.deadline().is_some() || caller.is_some_and(|leg| leg.telling.is_some())
            }
            Stage::Talking(talk) => has(Some(talk.leg)),
            Stage::Diverted => has(call.diversion),
        }
    }

    fn talks(&self, advocate: AdvocateId) -> bool {
        let talks = |call: &Call| call.talk().is_some_and(|talk| talk.advocate == advocate);
        self.calls.values().any(talks)
    }

    fn heal(&mut self, now: Instant, ailment: Ailment) {
        match ailment {
            Ailment::Stray(leg) => self.release(leg),
            Ailment::LegOverdue(leg) => self.leg_timeout(now, leg),
            Ailment::EndlessTelling(leg, play) => self.play_ended(leg, play),
            Ailment::NoCaller(call) => self.end_call(now, call, EndReason::Failed),
            Ailment::Abandoned(call) | Ailment::CallOverdue(call) => self.forget(now, call),
            Ailment::NoPhone(call, advocate, leg) => {
                self.advocate_gone(now, call, advocate, leg, EndReason::Failed);
            }
            Ailment::NoLine(call, vendor, leg) => {
                self.line_gone(now, call, vendor, leg, EndReason::Failed);
            }
            Ailment::NoSupervisor(call, leg) => self.supervisor_gone(now, call, leg),
            Ailment::Idle(advocate) => {
                self.queue.handle_input(now, queue::Input::CallEnded { advocate });
                self.drain_queue(now);
            }
            Ailment::EmptyPlace(entry) => {
                self.queue.handle_input(now, queue::Input::CallerLeft { entry });
                self.drain_queue(now);
            }
            Ailment::QueueOverdue => {
                self.queue.handle_input(now, queue::Input::Timeout);
                self.drain_queue(now);
            }
        }
    }
}

fn is_past(now: Instant, deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| now.since(deadline) >= ROUND)
}

/// How often it looks, and how long a deadline may be missed.
const ROUND: Duration = Duration::from_secs(5);
/// No recording takes longer, and no row of them that a leg is told at once.
const LONGEST_TELLING: Duration = Duration::from_secs(60);

#[cfg(test)]
#[path = "sentinel/tests.rs"]
mod tests;
