//! The peer's UPDATE (RFC 3311 §5.2), and what the switchboard says to an offer that came in one or
//! in a PRACK.

use std::time::Duration;

use model::{Instant, LegEvent, SessionDescription};

use super::leg::{Leg, Phase, refuse_for_now};
use super::session::Asked;
use crate::endpoint::{
    Core, Flow, Received, describe, description, push_capabilities, reply_within,
};
use crate::transaction::TransactionId;
use crate::wire::{Headers, NameAddr, Request};

impl Leg {
    /// An UPDATE: answered at once, unless it holds an offer.
    pub(super) fn serve_update(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
    ) {
        let Request { headers, body, .. } = &received.request;
        let offer = description(headers, body, received.flow);
        if self.session.asked.is_some() || (offer.is_some() && self.owes_an_answer()) {
            return refuse_for_now(now, core, id, &received.request);
        }
        if offer.is_some() && self.waits_for_an_answer(headers) {
            return core.respond(now, id, &reply_within(headers, 491));
        }
        self.session.learn(headers);
        match offer {
            None => self.accept_update(now, core, id, (headers, received.flow), None),
            Some(offer) => self.ask_switchboard(now, core, id, received, offer),
        }
    }

    /// Hands the offer of an UPDATE or PRACK on.
    pub(super) fn ask_switchboard(
        &mut self,
        now: Instant,
        core: &mut Core,
        transaction: TransactionId,
        received: &Received,
        offer: SessionDescription,
    ) {
        let (headers, source) = (received.request.headers.clone(), received.flow);
        let until = now + PATIENCE;
        self.session.asked = Some(Asked { transaction, headers, source, until });
        self.session.theirs = Some(offer.clone());
        core.say(LegEvent::Reoffered { leg: self.id, offer: Some(offer) });
        self.give_way(core);
    }

    /// 200 with our answer to the offer of an UPDATE or PRACK.
    pub(super) fn accept_asked(
        &mut self,
        now: Instant,
        core: &mut Core,
        answer: &SessionDescription,
    ) {
        let Some(asked) = self.session.asked.take() else { return };
        self.session.own = Some(answer.clone());
        let asker = (&asked.headers, asked.source);
        self.accept_update(now, core, asked.transaction, asker, Some(answer));
        self.go_on_offered(now, core);
    }

    /// The refusal of such an offer; the old session runs on.
    pub(super) fn refuse_asked(&mut self, now: Instant, core: &mut Core, status: u16) {
        let Some(asked) = self.session.asked.take() else { return };
        core.respond(now, asked.transaction, &reply_within(&asked.headers, status));
        self.go_on_offered(now, core);
    }

    pub(super) fn asked_timeout(&mut self, now: Instant, core: &mut Core) {
        if self.session.asked.as_ref().is_some_and(|asked| asked.until <= now) {
            self.refuse_asked(now, core, 488);
        }
    }

    fn accept_update(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        (headers, source): (&Headers, Flow),
        answer: Option<&SessionDescription>,
    ) {
        let mut response = reply_within(headers, 200);
        response.headers.push("Contact", core.contact(self.dialog.flow));
        push_capabilities(&mut response.headers);
        // A PRACK neither moves the target nor refreshes the session.
        if headers.rack().is_ok_and(|rack| rack.is_none()) {
            let from = headers.from().ok();
            if let Some(dialog) = self.dialog_of(from.as_ref().and_then(NameAddr::tag)) {
                dialog.move_to(headers, source);
            }
            if matches!(self.phase, Phase::Talking(_)) {
                self.grant_timer(now, headers, &mut response.headers);
            }
        }
        if let Some(answer) = answer {
            response.body = describe(&mut response.headers, answer);
        }
        core.respond(now, id, &response);
    }

    /// Whether an offer of the peer waits for our answer.
    fn owes_an_answer(&self) -> bool {
        match &self.phase {
            Phase::Offered(invited) => !invited.is_settled() && !invited.waits_for_an_answer(),
            Phase::Talking(talking) => talking.reinvite.is_some(),
            Phase::Calling(_) | Phase::Closing(_) | Phase::Over => false,
        }
    }

    /// Whether an offer of ours waits for the answer of whoever sent these header fields.
    fn waits_for_an_answer(&self, headers: &Headers) -> bool {
        let tag = headers.from().ok().and_then(|from| from.tag().map(str::to_owned));
        self.session.offers()
            || match &self.phase {
                Phase::Offered(invited) => invited.waits_for_an_answer(),
                Phase::Calling(calling) => !calling.is_settled_with(tag.as_deref()),
                Phase::Talking(talking) => talking.offers_in_200(),
                Phase::Closing(_) | Phase::Over => false,
            }
    }
}

/// How long the switchboard may think: less than the peer's Timer F.
const PATIENCE: Duration = Duration::from_secs(20);
