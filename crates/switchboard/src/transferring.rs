//! An advocate hands her caller on: with her phone's transfer key (REFER) or at her screen, to a
//! colleague, to a queue, or to a back-up centre of the allow-list. Never to a number: whoever got
//! hold of a phone could call the world at the hotline's cost.
//!
//! The caller is told, hears music, and is with nobody else before somebody has answered. Busy, no
//! answer and refusal bring her back to the advocate who is still there; who has left in the
//! meantime, as some phones do when they are told of the failure, leaves the caller first in line,
//! with whatever rings for her ringing on.
//!
//! # Assumptions
//! - A transfer is blind. A phone that would consult first cannot: advocates do not call each other
//!   through Northline, so what its REFER would replace is a star code's leg, and it is declined.

use dialplan::QueueName as PlanQueue;
use model::{
    AdvocateId, CallId, Direction, EndReason, Instant, LegCommand, LegId, MediaCommand, Pii,
};
use queue::{QueueName, Standing};

use crate::act::{Act, Outcome};
use crate::hearing::Aside;
use crate::leg::{Purpose, Role};
use crate::{Notice, Switchboard};

/// A caller on her way from an advocate to somebody else.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    to: To,
    asked: Asked,
}

/// How the advocate asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    /// With her phone, which is told what becomes of it.
    ByPhone,
    AtScreen,
}

/// Where a caller is handed on to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum To {
    Colleague(AdvocateId),
    Queue(QueueName),
    /// A name of the allow-list.
    Place(String),
}

impl Switchboard {
    /// REFER: only from the advocate who has the caller.
    pub(crate) fn transfer_asked(
        &mut self,
        now: Instant,
        leg: LegId,
        name: &Pii<String>,
        replaces: Option<LegId>,
    ) {
        let role = self.legs.get(&leg).map(|leg| leg.role);
        let outcome = match (role, replaces) {
            (Some(Role::Advocate(call, _)), None) => {
                self.hold_in_hand(leg);
                self.transfer(now, call, leg, name, Asked::ByPhone)
            }
            _ => Outcome::NotNow,
        };
        let status = match outcome {
            Outcome::Done | Outcome::Already => return,
            Outcome::UnknownTarget => 404,
            Outcome::Busy => 486,
            Outcome::Unavailable => 480,
            _ => 603,
        };
        if let Some(call) = role.and_then(Role::call) {
            self.let_down(now, call);
        }
        self.leg(LegCommand::TransferResult { leg, status });
    }

    /// Notes that a phone is told that its transfer failed.
    fn let_down(&mut self, now: Instant, id: CallId) {
        if let Some(talk) = self.calls.get_mut(&id).and_then(|call| call.talk_mut()) {
            talk.let_down = Some(now + HANGS_UP_WITHIN);
        }
    }

    /// Whether the advocate who leaves was handing her caller on, or was just told that it failed.
    pub(crate) fn was_handing_on(&mut self, now: Instant, id: CallId) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let let_down = call.talk().and_then(|talk| talk.let_down);
        call.transfer.take().is_some() || let_down.is_some_and(|until| now < until)
    }

    /// [`Act::Transfer`] at her screen.
    pub(crate) fn transfer_at_screen(
        &mut self,
        now: Instant,
        id: CallId,
        leg: LegId,
        name: &Pii<String>,
    ) -> Outcome {
        self.transfer(now, id, leg, name, Asked::AtScreen)
    }

    fn transfer(
        &mut self,
        now: Instant,
        id: CallId,
        leg: LegId,
        name: &Pii<String>,
        asked: Asked,
    ) -> Outcome {
        let Some(call) = self.calls.get(&id) else { return Outcome::NoCall };
        let Some(from) = call.talk().filter(|talk| talk.leg == leg).map(|talk| talk.advocate)
        else {
            return Outcome::NotNow;
        };
        let Some(to) = self.named(id, name) else { return Outcome::UnknownTarget };
        if let Some(running) = &call.transfer {
            return if running.to == to { Outcome::Already } else { Outcome::NotNow };
        }
        if let Some(refusal) = self.cannot_go(from, &to) {
            return refusal;
        }
        if let To::Queue(queue) = &to {
            let queue = PlanQueue::from(queue.as_str());
            let moved = self.calls.get_mut(&id).is_some_and(|call| call.runner.move_to(&queue));
            if !moved {
                return Outcome::UnknownTarget;
            }
        }
        self.part(id, leg, Transfer { to: to.clone(), asked });
        self.notice(Notice::Transferring { call: id, advocate: from });
        match to {
            To::Colleague(to) => {
                self.queue.handle_input(now, queue::Input::HandOver { from, to });
                self.drain_queue(now);
            }
            To::Place(name) => self.divert(now, id, &name, RINGS_FOR),
            To::Queue(_) => self.hand_to_queue(now, id),
        }
        Outcome::Done
    }

    /// What a name stands for; without one, the caller's own queue.
    fn named(&self, id: CallId, name: &Pii<String>) -> Option<To> {
        let name = name.reveal();
        if let Some(&colleague) = self.settings.names.get(name) {
            return Some(To::Colleague(colleague));
        }
        if self.settings.diversions.contains_key(name) {
            return Some(To::Place(name.clone()));
        }
        let known = self.settings.queue.queues.iter().find(|queue| queue.as_str() == name);
        let own = || self.calls.get(&id).filter(|_| name.is_empty())?.queue.clone();
        known.cloned().or_else(own).map(To::Queue)
    }

    /// Why nobody there can take the caller now.
    fn cannot_go(&self, from: AdvocateId, to: &To) -> Option<Outcome> {
        match to {
            To::Colleague(to) if self.queue.may_take(*to) => None,
            To::Colleague(to) => Some(match self.queue.standing(*to) {
                Some(Standing::Talking | Standing::Offered) => Outcome::Busy,
                _ => Outcome::Unavailable,
            }),
            To::Queue(queue) if self.queue.is_staffed_beside(queue, from) => None,
            To::Queue(_) => Some(Outcome::Unavailable),
            To::Place(_) => None,
        }
    }

    /// The caller is set aside for whoever comes.
    fn part(&mut self, id: CallId, leg: LegId, transfer: Transfer) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let told = if matches!(transfer.to, To::Place(_)) { "diverting" } else { "please-wait" };
        call.transfer = Some(transfer);
        if let Some(talk) = call.talk_mut() {
            talk.aside = Aside::Transfer;
        }
        let (caller, music) = (call.caller, call.music.clone());
        self.media(MediaCommand::Music { leg: caller, music });
        self.hush(caller);
        self.tell_caller(id, told, Purpose::Tell);
        self.tell_staff(leg, "adv-hold", Purpose::Tell);
        self.reroute(id);
    }

    /// The caller stands in the line of another queue, with the wait she had; the advocate is done.
    fn hand_to_queue(&mut self, now: Instant, id: CallId) {
        self.handed_on(now, id);
        self.back_in_line(now, id);
        self.tell_caller(id, "please-wait", Purpose::Tell);
        self.hold_interpreter(now, id);
        self.reroute(id);
    }

    /// Somebody else has the caller: the advocate's phone is told, and released.
    pub(crate) fn handed_on(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(transfer) = call.transfer.take() else { return };
        self.dismiss_supervisor(now, id);
        let Some(call) = self.calls.get(&id) else { return };
        let caller = call.caller;
        let Some((leg, advocate)) = call.talk().map(|talk| (talk.leg, talk.advocate)) else {
            return;
        };
        self.media(MediaCommand::Music { leg: caller, music: None });
        self.tell_phone(leg, &transfer, 200);
        self.release(leg);
        self.notice(Notice::HandedOn { call: id, advocate });
    }

    /// A colleague did not answer, or her phones are gone.
    pub(crate) fn colleague_failed(
        &mut self,
        now: Instant,
        id: CallId,
        colleague: AdvocateId,
        reason: EndReason,
    ) {
        let transfer = self.calls.get(&id).and_then(|call| call.transfer.as_ref());
        if transfer.is_some_and(|transfer| transfer.to == To::Colleague(colleague)) {
            self.transfer_failed(now, id, reason);
        }
    }

    /// Nobody took the caller: she is back with the advocate, whose phone may still hold her.
    pub(crate) fn transfer_failed(&mut self, now: Instant, id: CallId, reason: EndReason) {
        let Some(leg) = self.call_off(now, id, status_of(reason)) else { return };
        self.notice(Notice::TransferFailed { call: id });
        self.tell_staff(leg, said_of(reason), Purpose::Tell);
        if self.legs.get(&leg).is_none_or(|leg| leg.direction != Direction::Both) {
            return;
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(talk) = call.talk_mut() {
            talk.aside = Aside::None;
        }
        let caller = call.caller;
        self.media(MediaCommand::Music { leg: caller, music: None });
        self.hush(caller);
        self.tell_caller(id, "advocate-back", Purpose::Tell);
        self.tell_staff(leg, "adv-hold-off", Purpose::Tell);
        self.reroute(id);
    }

    /// Stops what rings for a caller on her way, who stays on hold, and says whose she is.
    fn call_off(&mut self, now: Instant, id: CallId, status: u16) -> Option<LegId> {
        let call = self.calls.get_mut(&id)?;
        let transfer = call.transfer.take()?;
        let talk = call.talk_mut()?;
        talk.aside = Aside::Hold;
        let (leg, advocate) = (talk.leg, talk.advocate);
        self.queue.handle_input(now, queue::Input::Keep { advocate });
        self.drain_queue(now);
        self.stop_diverting(id);
        if transfer.asked == Asked::ByPhone {
            self.let_down(now, id);
        }
        self.tell_phone(leg, &transfer, status);
        Some(leg)
    }

    /// The advocate does something else with the caller.
    pub(crate) fn think_better(&mut self, now: Instant, id: CallId, act: &Act) {
        if matches!(act, Act::Hold | Act::Private | Act::TakeBack) {
            self.call_off(now, id, 487);
        }
    }

    fn tell_phone(&mut self, leg: LegId, transfer: &Transfer, status: u16) {
        if transfer.asked == Asked::ByPhone {
            self.leg(LegCommand::TransferResult { leg, status });
        }
    }
}

/// What the phone shows.
const fn status_of(reason: EndReason) -> u16 {
    match reason {
        EndReason::Busy => 486,
        EndReason::Declined => 603,
        EndReason::NotFound => 404,
        EndReason::NoAnswer | EndReason::HungUp => 480,
        EndReason::Failed | EndReason::Unreachable | EndReason::Lost | EndReason::Released => 503,
    }
}

/// What the advocate hears.
const fn said_of(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Busy | EndReason::Declined => "adv-route-busy",
        EndReason::NoAnswer | EndReason::HungUp => "adv-route-no-answer",
        _ => "adv-route-failed",
    }
}

/// Some phones end their call when its transfer has failed. Nobody says goodbye to a caller so soon
/// after handing her on.
const HANGS_UP_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);
/// How long a place of the allow-list may ring: less than the minute for which a phone is kept
/// informed.
const RINGS_FOR: std::time::Duration = std::time::Duration::from_secs(40);
