//! A supervisor takes over the caller of an advocate who is gone: nobody who talks with a trained
//! person is put back into a line.
//!
//! One who talks with all, and of whom the caller knows, stays: the caller hears at once that one is
//! gone and the other is there, and the interpreter stays with them. One who only listens or coaches
//! was nobody to the caller, who is first in line then, as ever (C18); on her phone, or at her
//! screen, one key takes the caller before anybody who is rung has answered. Meanwhile she hears
//! nobody, and nobody hears her.
//!
//! # Assumptions
//! - An advocate who hangs up beside a supervisor who talks leaves the caller to her; `*0` ends the
//!   call for all.
//! - Nobody's caller is taken from under her: while the advocate is there, there is nothing to take.
//! - It counts for nothing whether the supervisor is on shift: she is there. After the call she is
//!   away again if she was.

use std::time::Duration;

use model::{AdvocateId, CallId, EndReason, Instant, LegId, MediaCommand};

use crate::act::Outcome;
use crate::call::{Stage, Talk};
use crate::hearing::Aside;
use crate::leg::{Purpose, Role};
use crate::supervising::{Attendance, Known, Supervisor};
use crate::{Notice, Switchboard};

impl Switchboard {
    /// The advocate is gone: a supervisor who talks with the caller is her advocate now. Says whether
    /// there is one.
    pub(crate) fn supervisor_stays(
        &mut self,
        now: Instant,
        id: CallId,
        gone: AdvocateId,
        reason: EndReason,
    ) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let Some((advocate, leg)) = call.supervisor.as_ref().and_then(who_talks) else {
            return false;
        };
        let aside = call.talk().map_or(Aside::None, |talk| talk.aside);
        call.supervisor = None;
        call.enter(now, Stage::Talking(Talk::new(advocate, leg)));
        let caller = call.caller;
        self.notice(match reason {
            EndReason::HungUp => Notice::HandedOn { call: id, advocate: gone },
            _ => Notice::AdvocateLost { call: id, advocate: gone },
        });
        self.becomes_advocate(now, id, advocate, leg);
        self.notice(Notice::Connected { call: id, advocate });
        if aside != Aside::None {
            self.media(MediaCommand::Music { leg: caller, music: None });
        }
        self.hush(caller);
        self.tell_caller(id, "advocate-replaced", Purpose::Tell);
        self.reroute(id);
        self.touch(id);
        true
    }

    /// The caller is first in line: a supervisor who took part may take her by one key.
    pub(crate) fn ask_to_take_over(&mut self, now: Instant, id: CallId) {
        let supervisor = self.calls.get_mut(&id).and_then(|call| call.supervisor.as_mut());
        let Some((supervisor, leg)) = supervisor.and_then(|one| one.leg.map(|leg| (one, leg)))
        else {
            _ = self.dismiss_supervisor(now, id);
            return;
        };
        supervisor.may_take_until = Some(now + MAY_TAKE_FOR);
        self.hush(leg);
        self.tell_staff(leg, "sup-advocate-lost", Purpose::Tell);
        self.touch(id);
    }

    /// She who was asked takes the caller.
    pub(crate) fn take_over(&mut self, now: Instant, supervisor: AdvocateId) -> Outcome {
        let Some(id) = self.supervised_by(supervisor) else { return Outcome::NoCall };
        let Some(call) = self.calls.get_mut(&id) else { return Outcome::NoCall };
        let asked = call.supervisor.as_ref().filter(|one| one.may_take_until.is_some());
        let Some(leg) = asked.and_then(|one| one.leg).filter(|_| call.waits()) else {
            return Outcome::NotNow;
        };
        call.supervisor = None;
        // As if she had been rung and had answered.
        call.offers.insert(supervisor, vec![leg]);
        self.hush(leg);
        self.becomes_advocate(now, id, supervisor, leg);
        Outcome::Done
    }

    /// She has not: she is offered the caller like any other, if she is on shift.
    pub(crate) fn take_over_timeout(&mut self, now: Instant, id: CallId) {
        let supervisor = self.calls.get(&id).and_then(|call| call.supervisor.as_ref());
        if supervisor.and_then(|one| one.may_take_until).is_some_and(|until| until <= now) {
            self.dismiss_supervisor(now, id);
        }
    }

    /// Her phone is an advocate's from now on, and the queue knows that the caller is hers.
    fn becomes_advocate(&mut self, now: Instant, id: CallId, advocate: AdvocateId, leg: LegId) {
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.role = Role::Advocate(id, advocate);
        }
        self.notice(Notice::TakenOver { call: id, advocate });
        self.tell_staff(leg, "sup-took-over", Purpose::Tell);
        self.queue.handle_input(now, queue::Input::TakeOver { advocate, entry: id });
        self.drain_queue(now);
        self.reach(now, advocate);
        self.follow_text(leg);
        self.weigh_unread(now, id);
    }
}

/// A supervisor who talks with the caller, and her phone.
fn who_talks(supervisor: &Supervisor) -> Option<(AdvocateId, LegId)> {
    let talks = supervisor.attendance == Attendance::Joining && supervisor.known == Known::All;
    supervisor.leg.filter(|_| talks).map(|leg| (supervisor.advocate, leg))
}

/// How long she may think about it: the line is moving meanwhile.
const MAY_TAKE_FOR: Duration = Duration::from_secs(20);
