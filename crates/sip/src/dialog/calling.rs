//! Our INVITE and what comes back (RFC 3261 §13.2).
//!
//! # Assumptions
//! - One early dialog's media count at a time: those of the first that brings a description, until
//!   it is said to be over (199, RFC 6228). The answer that counts in the end is that of the first
//!   2xx; another 2xx is acknowledged and ended (§13.2.2.4).
//! - A 3xx is a refusal: calls go to configured places only.

use std::mem;

use model::{EndReason, Instant, LegEvent};

use super::fork::{Fork, Order};
use super::identity::Dialog;
use super::invited::Invited;
use super::leg::{Acknowledged, Errand, Leg, Phase, Purpose};
use super::reason::end_reason;
use super::talking::Talking;
use super::untried::Untried;
use crate::endpoint::{Core, description};
use crate::transaction::{Failure, TIMER_C, TransactionId};
use crate::wire::{Headers, Method, Response};

/// Our INVITE without a final response.
pub(crate) struct Calling {
    pub(super) transaction: TransactionId,
    /// Whether a provisional response came, so that a CANCEL may be sent (§9.1).
    pub(super) heard: bool,
    /// Whether 180 was said.
    ringing: bool,
    /// The early dialogs.
    forks: Vec<Fork>,
    /// The tag of the one whose media count.
    speaking: Option<String>,
    /// Another phone of the called that would take this one's place (RFC 3891).
    pub(super) pick_up: Option<Box<Invited>>,
    /// Timer C.
    pub(super) until: Instant,
    /// Where the INVITE may go instead.
    pub(super) untried: Option<Untried>,
}

impl Calling {
    pub(crate) fn new(now: Instant, transaction: TransactionId) -> Self {
        let (forks, until) = (Vec::new(), now + TIMER_C);
        let (ringing, speaking, pick_up, untried) = (false, None, None, None);
        Self { transaction, heard: false, ringing, forks, speaking, pick_up, until, untried }
    }

    /// The same with other addresses to try.
    pub(crate) fn with(self, untried: Option<Untried>) -> Self {
        Self { untried, ..self }
    }

    /// When another address is tried.
    pub(super) fn tries_next_at(&self) -> Option<Instant> {
        let untried = self.untried.as_ref().filter(|_| !self.heard);
        untried.map(|untried| untried.until)
    }

    /// When something is due.
    pub(super) fn deadline(&self) -> Instant {
        self.tries_next_at().map_or(self.until, |at| at.min(self.until))
    }

    /// Whether one of the early dialogs is with the peer of this tag.
    pub(super) fn is_with(&self, tag: &str) -> bool {
        self.forks.iter().any(|fork| fork.tag() == Some(tag))
    }

    /// Whether offer and answer are complete in the early dialog whose media count.
    pub(super) fn is_settled(&self) -> bool {
        self.is_settled_with(self.speaking.as_deref())
    }

    /// The same of the early dialog with this tag.
    pub(super) fn is_settled_with(&self, tag: Option<&str>) -> bool {
        let speaks = tag.is_some() && tag == self.speaking.as_deref();
        speaks && self.forks.iter().any(|fork| fork.tag() == tag && fork.is_settled())
    }

    pub(super) fn dialog_with(&mut self, tag: &str) -> Option<&mut Dialog> {
        self.fork(tag).map(|fork| &mut fork.dialog)
    }

    pub(super) fn speaking_dialog(&mut self) -> Option<&mut Dialog> {
        let tag = self.speaking.clone()?;
        self.fork(&tag).map(|fork| &mut fork.dialog)
    }

    fn fork(&mut self, tag: &str) -> Option<&mut Fork> {
        self.forks.iter_mut().find(|fork| fork.tag() == Some(tag))
    }

    /// The early dialog of a provisional response, which may be its first (§12.1.2).
    fn fork_of(&mut self, dialog: &Dialog, response: &Response) -> Option<&mut Fork> {
        let to = response.headers.to().ok()?;
        let tag = to.tag()?;
        if self.fork(tag).is_none() && self.forks.len() < MAX_FORKS {
            self.forks.push(Fork::new(dialog, response));
        }
        self.fork(tag)
    }

    /// Drops an early dialog that is over; says whether its media counted.
    fn drop_fork(&mut self, tag: Option<&str>) -> bool {
        self.forks.retain(|fork| fork.tag() != tag);
        self.speaking.take_if(|speaking| Some(speaking.as_str()) == tag).is_some()
    }
}

impl Leg {
    /// A response to our INVITE.
    pub(super) fn invite_answered(&mut self, now: Instant, core: &mut Core, response: &Response) {
        if response.status >= 200 {
            self.drop_pick_up(now, core, 487);
        }
        match response.status {
            ..=199 => self.invite_progressed(now, core, response),
            200..=299 => self.invite_accepted(now, core, response),
            // Picked up elsewhere: it is over for the phone that rang, not for the leg.
            _ if self.is_established() => {}
            503 if self.try_next_address(now, core) => {}
            status => self.lost(core, end_reason(status)),
        }
    }

    /// Our INVITE came to nothing.
    pub(super) fn invite_failed(&mut self, now: Instant, core: &mut Core, why: Failure) {
        let unheard = matches!(self.phase, Phase::Calling(Calling { heard: false, .. }));
        if unheard && self.try_next_address(now, core) {
            return;
        }
        self.drop_pick_up(now, core, 487);
        let reason = match (&self.phase, why) {
            (Phase::Calling(Calling { heard: true, .. }), Failure::TimedOut) => EndReason::NoAnswer,
            _ => EndReason::Unreachable,
        };
        if matches!(self.phase, Phase::Calling(_) | Phase::Closing(_)) {
            self.lost(core, reason);
        }
    }

    fn invite_progressed(&mut self, now: Instant, core: &mut Core, response: &Response) {
        let Phase::Calling(calling) = &mut self.phase else {
            return self.cancel_now(now, core);
        };
        calling.heard = true;
        calling.until = now + TIMER_C;
        if response.status == 180 && !mem::replace(&mut calling.ringing, true) {
            core.say(LegEvent::Ringing { leg: self.id });
        }
        let flow = self.dialog.flow;
        let Some(fork) = calling.fork_of(&self.dialog, response) else { return };
        match fork.order(response) {
            Order::Unreliable => {}
            Order::Next(rack) => {
                let mut prack = fork.dialog.request(Method::Prack);
                prack.headers.push("RAck", rack.to_wire());
                let purpose = Purpose { leg: self.id, errand: Errand::Prack, attempt: 0 };
                core.ask(now, &fork.dialog, prack, purpose);
            }
            Order::Other => return,
        }
        fork.hear(response, description(&response.headers, &response.body, flow));
        if response.status == 199 {
            let tag = fork.tag().map(str::to_owned);
            calling.drop_fork(tag.as_deref());
        }
        self.choose_speaking(core);
    }

    /// Says the early media of the first early dialog that has some, while no other's count.
    fn choose_speaking(&mut self, core: &mut Core) {
        let Phase::Calling(calling) = &mut self.phase else { return };
        if calling.speaking.is_some() {
            return;
        }
        let Some(fork) = calling.forks.iter().find(|fork| fork.answer.is_some()) else { return };
        calling.speaking = fork.tag().map(str::to_owned);
        self.session.takes_update = fork.takes_update;
        self.session.theirs.clone_from(&fork.answer);
        if let Some(answer) = fork.answer.clone() {
            core.say(LegEvent::Progress { leg: self.id, answer });
        }
    }

    /// A 2xx: the session, a repetition, or a fork that came too late.
    fn invite_accepted(&mut self, now: Instant, core: &mut Core, response: &Response) {
        if self.repeat_ack(core, response) {
            return;
        }
        let Phase::Calling(calling) = &mut self.phase else {
            return self.decline_fork(now, core, response);
        };
        let tag = tag_of(response);
        let spoke = tag.is_some() && tag == calling.speaking;
        let fork = tag.as_deref().and_then(|tag| calling.fork(tag));
        let early = fork.as_ref().and_then(|fork| fork.answer.clone());
        if let Some(fork) = fork {
            self.dialog = fork.dialog.clone();
        }
        let answer = description(&response.headers, &response.body, self.dialog.flow);
        self.dialog.confirm(response);
        self.session.learn(&response.headers);
        self.acknowledge(core, response);
        self.phase = Phase::Talking(Talking::established());
        if answer.is_none() && early.is_none() {
            // Our offer stays unanswered: there is no session (§13.2.1).
            return self.end(now, core, EndReason::Failed);
        }
        self.take_timer(now, &response.headers);
        if takes_info(&response.headers) {
            core.say(LegEvent::TakesInfo { leg: self.id });
        }
        // What another early dialog said before was not heard.
        let answer = answer.or_else(|| early.filter(|_| !spoke));
        if answer.is_some() {
            self.session.theirs.clone_from(&answer);
        }
        core.say(LegEvent::Answered { leg: self.id, answer });
    }

    /// ACK and BYE for a session that is not wanted: another fork's, or one that crossed our
    /// CANCEL (§13.2.2.4, §9.1).
    pub(super) fn decline_fork(&mut self, now: Instant, core: &mut Core, response: &Response) {
        if self.acks.len() >= MAX_FORKS {
            return;
        }
        let kept = self.dialog.clone();
        if let Some(rang) = &self.rang {
            self.dialog = rang.clone();
        }
        self.dialog.confirm(response);
        self.acknowledge(core, response);
        let bye = self.dialog.request(Method::Bye);
        let purpose = Purpose { leg: self.id, errand: Errand::Formality, attempt: 0 };
        core.ask(now, &self.dialog, bye, purpose);
        self.dialog = kept;
        self.stay_for_repetitions(now);
    }

    /// Sends the ACK of a 2xx, and keeps it for repetitions.
    pub(super) fn acknowledge(&mut self, core: &mut Core, response: &Response) {
        let (cseq, tag) = (number_of(response), tag_of(response));
        let flow = self.dialog.flow;
        let ack = core.acknowledge(flow, self.dialog.ack(cseq));
        if self.acks.len() >= MAX_FORKS {
            self.acks.remove(0);
        }
        self.acks.push(Acknowledged { cseq, tag, flow, ack });
    }

    /// Sends the ACK of a 2xx again, if it was sent before.
    pub(super) fn repeat_ack(&self, core: &mut Core, response: &Response) -> bool {
        let (cseq, tag) = (number_of(response), tag_of(response));
        let known = self.acks.iter().find(|known| known.cseq == cseq && known.tag == tag);
        if let Some(known) = known {
            core.transmit(known.flow, known.ack.clone());
        }
        known.is_some()
    }
}

fn tag_of(response: &Response) -> Option<String> {
    response.headers.to().ok().and_then(|to| to.tag().map(str::to_owned))
}

fn number_of(response: &Response) -> u32 {
    response.headers.cseq().map(|cseq| cseq.number).unwrap_or_default()
}

/// How many forks of one INVITE are answered.
const MAX_FORKS: usize = 8;

/// Whether a 2xx says that its sender takes INFO (RFC 3261 §20.5).
fn takes_info(headers: &Headers) -> bool {
    headers.tokens("Allow").is_ok_and(|methods| methods.contains(&"INFO"))
}
