//! Our own offers within a dialog (RFC 3261 §14.1, RFC 3311 §5.1) and refreshes of the session
//! (RFC 4028 §7.4, §10).
//!
//! # Assumptions
//! - An offer of the peer that comes while ours waits after a glare goes first, and ours is given
//!   up: the switchboard may make a new one that fits what the peer wants now.
//! - A refresh that is refused is tried again until the session is over; the session runs on.

use std::time::Duration;

use model::{EndReason, Instant, LegEvent, SessionDescription};

use super::leg::{Errand, Leg, Phase, Purpose};
use crate::endpoint::{Core, describe, description, push_own_capabilities};
use crate::transaction::{Failure, T1};
use crate::wire::{Method, Response, SessionExpires};

/// An offer or refresh of ours that is not settled.
pub(super) struct Offering {
    wanted: Wanted,
    step: Step,
    /// How often it was sent before.
    tries: u8,
}

/// What a request of ours within the dialog is for.
pub(super) enum Wanted {
    /// The switchboard wants another session.
    Reoffer(SessionDescription),
    /// The session is to live on.
    Refresh,
}

enum Step {
    /// With the peer, in a request of this method.
    Sent(Method),
    /// To be sent at this time, after a glare or because the peer asked for a moment.
    Waiting(Instant),
}

impl Offering {
    pub(super) const fn deadline(&self) -> Option<Instant> {
        match self.step {
            Step::Waiting(at) => Some(at),
            Step::Sent(_) => None,
        }
    }

    /// Whether an offer is with the peer; an UPDATE that only refreshes holds none.
    pub(super) fn is_open(&self) -> bool {
        let offers = |method: &Method| {
            *method == Method::Invite || matches!(self.wanted, Wanted::Reoffer(_))
        };
        matches!(&self.step, Step::Sent(method) if offers(method))
    }
}

impl Leg {
    /// Sends the switchboard's offer, or says that it cannot be.
    pub(super) fn reoffer(&mut self, now: Instant, core: &mut Core, offer: SessionDescription) {
        if matches!(self.phase, Phase::Closing(_) | Phase::Over) {
            return;
        }
        if self.may_offer() && self.may_offer_by_method() {
            self.offer(now, core, Wanted::Reoffer(offer), 0);
        } else if self.waits_for_ack() {
            self.offer_later(now, core, Wanted::Reoffer(offer), 0, T1);
        } else {
            core.say(LegEvent::Reanswered { leg: self.id, answer: None });
        }
    }

    /// Whether no other exchange is open (RFC 3264 §4, RFC 6337 §2.2).
    pub(super) fn may_offer(&self) -> bool {
        let pending = match &self.phase {
            Phase::Talking(talking) => {
                talking.reinvite.is_some() || talking.unacknowledged.is_some()
            }
            Phase::Offered(_) | Phase::Calling(_) => false,
            Phase::Closing(_) | Phase::Over => true,
        };
        !pending && self.session.asked.is_none() && self.session.offering.is_none()
    }

    /// §14.1: no re-INVITE before an ACK; an early dialog takes an offer by UPDATE once the first
    /// exchange is settled (RFC 3311 §5.1).
    fn may_offer_by_method(&self) -> bool {
        match &self.phase {
            Phase::Talking(_) => true,
            Phase::Offered(invited) => self.session.takes_update && invited.is_settled(),
            Phase::Calling(calling) => self.session.takes_update && calling.is_settled(),
            Phase::Closing(_) | Phase::Over => false,
        }
    }

    fn waits_for_ack(&self) -> bool {
        matches!(&self.phase, Phase::Talking(talking)
            if talking.unacknowledged.is_some() && talking.reinvite.is_none())
            && self.session.asked.is_none()
            && self.session.offering.is_none()
    }

    /// Sends a re-INVITE or an UPDATE.
    pub(super) fn offer(&mut self, now: Instant, core: &mut Core, wanted: Wanted, tries: u8) {
        let established = matches!(self.phase, Phase::Talking(_));
        let method = match wanted {
            Wanted::Refresh if self.session.takes_update => Method::Update,
            Wanted::Reoffer(_) if !established => Method::Update,
            _ => Method::Invite,
        };
        // A refresh repeats the bytes, so that nothing changes (RFC 4028 §7.4).
        let offer = match &wanted {
            Wanted::Reoffer(offer) => Some(offer.clone()),
            Wanted::Refresh if method == Method::Invite => self.session.own.clone(),
            Wanted::Refresh => None,
        };
        let Some(dialog) = self.speaking_dialog() else { return };
        let mut request = dialog.request(method.clone());
        let dialog = dialog.clone();
        request.headers.push("Contact", core.contact(dialog.flow));
        push_own_capabilities(&mut request.headers, "timer");
        if let (true, Some(timer)) = (established, &self.session.timer) {
            let expires = SessionExpires { seconds: timer.seconds(), refresher: timer.refresher() };
            request.headers.push("Session-Expires", expires.to_wire());
            request.headers.push("Min-SE", timer.min_se().to_string());
        }
        if let Some(offer) = &offer {
            request.body = describe(&mut request.headers, offer);
        }
        let errand = if method == Method::Invite { Errand::Reinvite } else { Errand::Update };
        core.ask(now, &dialog, request, Purpose { leg: self.id, errand, attempt: 0 });
        self.session.offering = Some(Offering { wanted, step: Step::Sent(method), tries });
    }

    /// The peer's word on our re-INVITE or UPDATE.
    pub(super) fn offer_answered(&mut self, now: Instant, core: &mut Core, response: &Response) {
        let invites = response.headers.cseq().is_ok_and(|cseq| cseq.method == Method::Invite);
        let accepted = (200..300).contains(&response.status);
        if accepted && invites && !self.acknowledge_offer(core, response) {
            return;
        }
        let open = |one: &mut Offering| matches!(&one.step, Step::Sent(m) if (*m == Method::Invite) == invites);
        if response.status < 200 {
            return;
        }
        let Some(offering) = self.session.offering.take_if(open) else { return };
        let Offering { wanted, tries, .. } = offering;
        match response.status {
            _ if accepted => self.offer_accepted(now, core, wanted, response),
            // §12.2.1.2: the peer no longer knows the dialog.
            408 | 481 => self.end(now, core, EndReason::Lost),
            422 if self.raise_interval(response) => self.offer_again(now, core, wanted, tries),
            405 | 501 if !invites && matches!(wanted, Wanted::Refresh) => {
                self.session.takes_update = false;
                self.offer_again(now, core, wanted, tries);
            }
            491 => {
                let pause = self.glare_pause(core);
                self.offer_later(now, core, wanted, tries + 1, pause);
            }
            500 | 503 => match retry_after(response) {
                Some(pause) => self.offer_later(now, core, wanted, tries + 1, pause),
                None => self.offer_refused(core, &wanted),
            },
            _ => self.offer_refused(core, &wanted),
        }
    }

    /// Nothing came back: the peer is gone (§12.2.1.2), or only the connection is.
    pub(super) fn offer_failed(&mut self, now: Instant, core: &mut Core, why: Failure) {
        let Some(Offering { wanted, tries, .. }) = self.session.offering.take() else { return };
        match why {
            Failure::TimedOut => self.end(now, core, EndReason::Lost),
            Failure::FlowBroken => self.offer_later(now, core, wanted, tries + 1, T1),
        }
    }

    /// An offer of the peer goes first, and was told first; ours is given up while it only waits.
    pub(super) fn give_way(&mut self, core: &mut Core) {
        let waits = |one: &mut Offering| matches!(one.step, Step::Waiting(_));
        if let Some(offering) = self.session.offering.take_if(waits) {
            self.offer_refused(core, &offering.wanted);
        }
    }

    /// Sends what waited long enough.
    pub(super) fn offering_timeout(&mut self, now: Instant, core: &mut Core) {
        let due = |one: &mut Offering| matches!(one.step, Step::Waiting(at) if at <= now);
        let Some(Offering { wanted, tries, .. }) = self.session.offering.take_if(due) else {
            return;
        };
        if self.may_offer() && self.may_offer_by_method() {
            self.offer(now, core, wanted, tries);
        } else if self.waits_for_ack() {
            self.offer_later(now, core, wanted, tries, T1);
        } else {
            self.offer_refused(core, &wanted);
        }
    }

    fn offer_accepted(
        &mut self,
        now: Instant,
        core: &mut Core,
        wanted: Wanted,
        response: &Response,
    ) {
        self.session.learn(&response.headers);
        if let Some(dialog) = self.speaking_dialog() {
            dialog.retarget(&response.headers);
        }
        if matches!(self.phase, Phase::Talking(_)) {
            self.take_timer(now, &response.headers);
        }
        let answer = description(&response.headers, &response.body, self.dialog.flow);
        let before = self.session.theirs.clone();
        if answer.is_some() {
            self.session.theirs.clone_from(&answer);
        }
        match wanted {
            Wanted::Reoffer(offer) => {
                if answer.is_some() {
                    self.session.own = Some(offer);
                }
                core.say(LegEvent::Reanswered { leg: self.id, answer });
            }
            Wanted::Refresh if answer.is_some() && !is_same(answer.as_ref(), before.as_ref()) => {
                core.say(LegEvent::Reanswered { leg: self.id, answer });
            }
            Wanted::Refresh => {}
        }
    }

    fn offer_again(&mut self, now: Instant, core: &mut Core, wanted: Wanted, tries: u8) {
        if tries < MOST_TRIES {
            self.offer(now, core, wanted, tries + 1);
        } else {
            self.offer_refused(core, &wanted);
        }
    }

    fn offer_later(
        &mut self,
        now: Instant,
        core: &mut Core,
        wanted: Wanted,
        tries: u8,
        pause: Duration,
    ) {
        if tries > MOST_TRIES {
            return self.offer_refused(core, &wanted);
        }
        let step = Step::Waiting(now + pause);
        self.session.offering = Some(Offering { wanted, step, tries });
    }

    /// The old session runs on (§14.1).
    fn offer_refused(&self, core: &mut Core, wanted: &Wanted) {
        if matches!(wanted, Wanted::Reoffer(_)) {
            core.say(LegEvent::Reanswered { leg: self.id, answer: None });
        }
    }

    /// §14.1: the side that made the Call-ID waits longer, so that the two do not meet again.
    fn glare_pause(&self, core: &mut Core) -> Duration {
        let (least, steps) = if self.dialog.is_ours { (2100, 191) } else { (0, 201) };
        Duration::from_millis(least + 10 * core.chance.below(steps))
    }

    /// §13.2.2.4: each 2xx to an INVITE gets its ACK; `false` if this one had it before.
    fn acknowledge_offer(&mut self, core: &mut Core, response: &Response) -> bool {
        if self.repeat_ack(core, response) {
            return false;
        }
        self.dialog.retarget(&response.headers);
        self.acknowledge(core, response);
        true
    }
}

/// How long a peer that is busy with the dialog asks us to wait (§14.2: at most 10 s).
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers.get("Retry-After")?;
    let digits = text.trim().split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|seconds| *seconds <= 10).map(Duration::from_secs)
}

/// Whether two descriptions are the same bytes.
fn is_same(one: Option<&SessionDescription>, other: Option<&SessionDescription>) -> bool {
    one.map(SessionDescription::bytes) == other.map(SessionDescription::bytes)
}

/// How often one offer is sent again.
const MOST_TRIES: u8 = 5;
