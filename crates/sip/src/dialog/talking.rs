//! An established session (RFC 3261 §12.2, §13.2.2.4, §13.3.1.4, §15).

use std::mem;
use std::time::Duration;

use bytes::Bytes;
use model::{Digit, EndReason, Instant, LegEvent};

use super::info::{DTMF, DTMF_RELAY, Info, relay};
use super::invited::Invited;
use super::leg::{Errand, Leg, Phase, refuse_for_now};
use super::probe::Probe;
use crate::endpoint::{Core, Received, description, push_capabilities, reply_within};
use crate::transaction::{Backoff, TransactionId};
use crate::wire::{CSeq, Method, Request};

/// What goes on within an established dialog.
#[derive(Default)]
pub(crate) struct Talking {
    /// Whether the switchboard knows that it is established.
    answered: bool,
    /// Our 2xx to the peer's INVITE, until its ACK.
    pub(super) unacknowledged: Option<Unacknowledged>,
    /// The peer's re-INVITE.
    pub(super) reinvite: Option<Invited>,
    /// The question whether the peer is alive.
    probe: Option<Probe>,
}

/// A 2xx that is repeated until its ACK, over TCP too (§13.3.1.4).
pub(crate) struct Unacknowledged {
    pub(super) cseq: u32,
    pub(super) response: Bytes,
    pub(super) transaction: TransactionId,
    /// Whether it held our offer, so that the ACK must hold the peer's answer.
    pub(super) delayed: bool,
    pub(super) repeat: Backoff,
    pub(super) until: Instant,
}

impl Talking {
    /// After our INVITE was accepted and acknowledged.
    pub(super) fn established() -> Self {
        Self { answered: true, ..Self::default() }
    }

    /// After we accepted the peer's INVITE.
    pub(super) fn accepted(unacknowledged: Unacknowledged) -> Self {
        Self { unacknowledged: Some(unacknowledged), ..Self::default() }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        let unacknowledged = self.unacknowledged.as_ref().map(Unacknowledged::deadline);
        let reinvite = self.reinvite.as_ref().map(Invited::deadline);
        let probe = self.probe.as_ref().map(Probe::deadline);
        [unacknowledged, reinvite, probe].into_iter().flatten().min()
    }
}

impl Talking {
    /// Whether our 2xx held an offer that waits for its answer in the ACK.
    pub(super) fn offers_in_200(&self) -> bool {
        self.unacknowledged.as_ref().is_some_and(|one| one.delayed)
    }

    /// Whether `cseq` is that of the INVITE we accepted and whose ACK is still to come.
    pub(super) fn has_accepted(&self, cseq: &CSeq) -> bool {
        self.unacknowledged.as_ref().is_some_and(|one| one.cseq == cseq.number)
    }
}

impl Unacknowledged {
    pub(super) fn deadline(&self) -> Instant {
        self.repeat.at().min(self.until)
    }

    /// Whether `ack` acknowledges it.
    pub(super) fn is_acknowledged_by(&self, ack: &Received) -> bool {
        ack.cseq.number == self.cseq
    }

    /// Sends the 2xx again if that is due; `false` once it is hopeless.
    pub(super) fn repeat(&mut self, now: Instant, core: &mut Core) -> bool {
        if let Some(next) = self.repeat.due(now) {
            self.repeat = next;
            if now < self.until {
                core.servers.repeat(self.transaction, self.response.clone());
            }
        }
        now < self.until
    }
}

impl Leg {
    /// The ACK of our 2xx.
    pub(crate) fn handle_ack(&mut self, now: Instant, core: &mut Core, ack: &Received) {
        if ack.from.tag() != self.dialog.remote.tag() {
            return;
        }
        match &mut self.phase {
            Phase::Talking(talking) => {
                let of_ours = |one: &mut Unacknowledged| one.is_acknowledged_by(ack);
                let Some(accepted) = talking.unacknowledged.take_if(of_ours) else { return };
                let is_first = !mem::replace(&mut talking.answered, true);
                let flow = self.dialog.flow;
                let described = || description(&ack.request.headers, &ack.request.body, flow);
                let answer = accepted.delayed.then(described).flatten();
                if accepted.delayed && is_first && answer.is_none() {
                    // Our offer stays unanswered: there is no session (RFC 6337 §2.1).
                    return self.end(now, core, EndReason::Failed);
                }
                if answer.is_some() {
                    self.session.theirs.clone_from(&answer);
                }
                if is_first || answer.is_some() {
                    core.say(LegEvent::Answered { leg: self.id, answer });
                } else if accepted.delayed {
                    // The old session runs on.
                    core.say(LegEvent::Reanswered { leg: self.id, answer: None });
                }
            }
            Phase::Closing(_) => self.acknowledged_late(now, core, ack),
            Phase::Offered(_) | Phase::Calling(_) | Phase::Over => {}
        }
    }

    /// Serves a request within an established dialog; `check_within` let it through.
    pub(super) fn serve(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
    ) {
        let request = &received.request;
        match request.method {
            Method::Invite => self.serve_invite(now, core, id, received),
            Method::Bye => {
                core.respond(now, id, &reply_within(&request.headers, 200));
                self.hung_up(now, core);
            }
            Method::Refer => self.serve_refer(now, core, id, received),
            _ => self.serve_anytime(now, core, id, received),
        }
    }

    /// Serves what means the same in an early dialog and in an established one.
    pub(super) fn serve_anytime(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
    ) {
        let request = &received.request;
        match request.method {
            Method::Info => self.serve_info(now, core, id, request),
            Method::Update => self.serve_update(now, core, id, received),
            Method::Prack => self.serve_prack(now, core, id, received),
            // A call is transferred once it is there.
            Method::Refer => core.respond(now, id, &reply_within(&request.headers, 403)),
            _ => {
                // OPTIONS: `check_within` lets nothing else through.
                let mut response = reply_within(&request.headers, 200);
                push_capabilities(&mut response.headers);
                core.respond(now, id, &response);
            }
        }
    }

    /// Asks the peer for a sign of life. A question that is open already keeps its limit, however
    /// often it is asked.
    pub(super) fn probe(&mut self, now: Instant, core: &mut Core, within: Duration) {
        let Phase::Talking(talking) = &mut self.phase else { return };
        if talking.probe.is_none() {
            talking.probe = Some(Probe::new(now, within, self.dialog.flow.transport));
            self.ask_for_life(now, core);
        }
    }

    fn ask_for_life(&mut self, now: Instant, core: &mut Core) {
        let request = self.dialog.request(Method::Options);
        self.ask(now, core, request, Errand::Probe);
    }

    /// Any answer of the peer but 408 and 481 proves life; provisional ones come from proxies.
    pub(super) fn probe_answered(&mut self, core: &mut Core, status: u16) {
        let Phase::Talking(talking) = &mut self.phase else { return };
        if status >= 200 && talking.probe.take().is_some() {
            let alive = !matches!(status, 408 | 481);
            core.say(LegEvent::Probed { leg: self.id, alive });
        }
    }

    /// Sends a digit by INFO.
    pub(super) fn send_digit(&mut self, now: Instant, core: &mut Core, digit: Digit) {
        let Phase::Talking(_) = &self.phase else { return };
        let mut request = self.dialog.request(Method::Info);
        request.headers.push("Content-Type", DTMF_RELAY);
        request.body = relay(digit);
        self.ask(now, core, request, Errand::Digit);
    }

    /// A peer that no longer knows the dialog is gone (§12.2.1.2); any other answer to a digit
    /// changes nothing.
    pub(super) fn digit_answered(&mut self, now: Instant, core: &mut Core, status: u16) {
        if status == 481 {
            self.end(now, core, EndReason::Lost);
        }
    }

    /// Repeats the 2xx, gives a re-INVITE or a probe up, or gives the peer up.
    pub(super) fn talking_timeout(&mut self, now: Instant, core: &mut Core) {
        let Phase::Talking(talking) = &mut self.phase else { return };
        if talking.probe.take_if(|probe| probe.is_over(now)).is_some() {
            core.say(LegEvent::Probed { leg: self.id, alive: false });
        }
        if talking.probe.as_mut().is_some_and(|probe| probe.asks_again(now)) {
            self.ask_for_life(now, core);
        }
        let Phase::Talking(talking) = &mut self.phase else { return };
        if let Some(unacknowledged) = &mut talking.unacknowledged
            && !unacknowledged.repeat(now, core)
        {
            // §13.3.1.4: no ACK in 64·T1, so the BYE need not wait for one.
            talking.unacknowledged = None;
            return self.end(now, core, EndReason::Lost);
        }
        if talking.reinvite.as_ref().is_some_and(|invited| invited.until <= now) {
            self.refuse_offer(now, core, 488);
        }
    }

    /// A re-INVITE: handed on, unless one is pending (§14.2).
    fn serve_invite(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
    ) {
        let Phase::Talking(talking) = &mut self.phase else { return };
        let Request { headers, body, .. } = &received.request;
        if talking.reinvite.is_some() || self.session.asked.is_some() {
            return refuse_for_now(now, core, id, &received.request);
        }
        // Our answer, or our offer, may still be on its way (§14.2, RFC 6337 §3).
        if talking.unacknowledged.is_some() || self.session.offers() {
            return core.respond(now, id, &reply_within(headers, 491));
        }
        self.session.learn(headers);
        let Phase::Talking(talking) = &mut self.phase else { return };
        core.respond(now, id, &reply_within(headers, 100));
        let offer = description(headers, body, received.flow);
        let invited = Invited::new(now, id, headers.clone(), received.flow, offer.as_ref());
        talking.reinvite = Some(invited);
        self.session.theirs.clone_from(&offer);
        core.say(LegEvent::Reoffered { leg: self.id, offer });
        self.give_way(core);
    }

    fn serve_info(&mut self, now: Instant, core: &mut Core, id: TransactionId, request: &Request) {
        let info = Info::of(request);
        let status = match info {
            Info::Digit(_) | Info::Nothing => 200,
            Info::Unsupported => 415,
            Info::Malformed => 400,
        };
        let mut response = reply_within(&request.headers, status);
        if info == Info::Unsupported {
            response.headers.push("Accept", format!("{DTMF_RELAY}, {DTMF}"));
        }
        core.respond(now, id, &response);
        if let Info::Digit(digit) = info {
            core.say(LegEvent::Digit { leg: self.id, digit });
        }
    }
}
