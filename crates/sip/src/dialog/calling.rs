//! Our INVITE and what comes back (RFC 3261 §13.2).
//!
//! # Assumptions
//! - One early dialog counts: the first that brings a description. The answer that counts in the
//!   end is that of the first 2xx; another 2xx is acknowledged and ended (§13.2.2.4).
//! - A 3xx is a refusal: calls go to configured places only.

use std::mem;

use model::{EndReason, Instant, LegEvent};

use super::leg::{Errand, Leg, Phase, Purpose};
use super::reason::end_reason;
use super::talking::Talking;
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
    /// Whether an early description was said.
    early: bool,
    /// Timer C.
    pub(super) until: Instant,
}

impl Calling {
    pub(crate) fn new(now: Instant, transaction: TransactionId) -> Self {
        let until = now + TIMER_C;
        Self { transaction, heard: false, ringing: false, early: false, until }
    }
}

impl Leg {
    /// A response to our INVITE.
    pub(super) fn invite_answered(&mut self, now: Instant, core: &mut Core, response: &Response) {
        match response.status {
            ..=199 => self.invite_progressed(now, core, response),
            200..=299 => self.invite_accepted(now, core, response),
            status => self.lost(core, end_reason(status)),
        }
    }

    /// Our INVITE came to nothing.
    pub(super) fn invite_failed(&mut self, core: &mut Core, why: Failure) {
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
        if let Some(answer) = description(&response.headers, &response.body, flow)
            && !mem::replace(&mut calling.early, true)
        {
            core.say(LegEvent::Progress { leg: self.id, answer });
        }
    }

    /// A 2xx: the session, a repetition, or a fork that came too late.
    fn invite_accepted(&mut self, now: Instant, core: &mut Core, response: &Response) {
        let tag = response.headers.to().ok().and_then(|to| to.tag().map(str::to_owned));
        if let Some((_, ack)) = self.acks.iter().find(|(known, _)| *known == tag) {
            return core.transmit(self.dialog.flow, ack.clone());
        }
        let Phase::Calling(calling) = &self.phase else {
            return self.decline_fork(now, core, tag, response);
        };
        let had_answer = calling.early;
        let answer = description(&response.headers, &response.body, self.dialog.flow);
        self.dialog.confirm(response);
        self.acknowledge(core, tag, response);
        self.phase = Phase::Talking(Talking::established());
        if answer.is_none() && !had_answer {
            // Our offer stays unanswered: there is no session (§13.2.1).
            return self.end(now, core, EndReason::Failed);
        }
        if takes_info(&response.headers) {
            core.say(LegEvent::TakesInfo { leg: self.id });
        }
        core.say(LegEvent::Answered { leg: self.id, answer });
    }

    /// ACK and BYE for a session that is not wanted: another fork's, or one that crossed our
    /// CANCEL (§13.2.2.4, §9.1).
    fn decline_fork(
        &mut self,
        now: Instant,
        core: &mut Core,
        tag: Option<String>,
        response: &Response,
    ) {
        if self.acks.len() >= MAX_FORKS {
            return;
        }
        let kept = self.dialog.clone();
        self.dialog.confirm(response);
        self.acknowledge(core, tag, response);
        let bye = self.dialog.request(Method::Bye);
        let purpose = Purpose { leg: self.id, errand: Errand::Formality, attempt: 0 };
        core.ask(now, &self.dialog, bye, purpose);
        self.dialog = kept;
        self.stay_for_repetitions(now);
    }

    fn acknowledge(&mut self, core: &mut Core, tag: Option<String>, response: &Response) {
        let number = response.headers.cseq().map(|cseq| cseq.number).unwrap_or_default();
        let ack = core.acknowledge(self.dialog.flow, self.dialog.ack(number));
        self.acks.push((tag, ack));
    }
}

/// How many forks of one INVITE are answered.
const MAX_FORKS: usize = 8;

/// Whether a 2xx says that its sender takes INFO (RFC 3261 §20.5).
fn takes_info(headers: &Headers) -> bool {
    headers.tokens("Allow").is_ok_and(|methods| methods.contains(&"INFO"))
}
