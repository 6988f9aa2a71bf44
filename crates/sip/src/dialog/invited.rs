//! An INVITE of the peer that waits for the switchboard: the first one, or a re-INVITE
//! (RFC 3261 §13.3, §14.2).

use std::mem;
use std::time::Duration;

use model::{EndReason, Instant, SessionDescription};

use super::identity::Dialog;
use super::leg::{Leg, Phase};
use super::talking::{Talking, Unacknowledged};
use crate::endpoint::{Core, Flow, describe, push_capabilities, reply};
use crate::transaction::{Backoff, LIFETIME, T2, TIMER_C, TransactionId};
use crate::wire::{Headers, Response};

/// An INVITE without a final response.
pub(crate) struct Invited {
    transaction: TransactionId,
    headers: Headers,
    /// Where its responses go.
    reply_to: Flow,
    /// Whether it came without an offer, so that our answer is one and the ACK brings theirs.
    delayed: bool,
    /// When to say 180 again, once it was said.
    remind: Option<Instant>,
    /// When it is refused, if the switchboard says nothing.
    pub(super) until: Instant,
}

impl Invited {
    pub(crate) fn new(
        now: Instant,
        transaction: TransactionId,
        headers: Headers,
        reply_to: Flow,
        offer: Option<&SessionDescription>,
    ) -> Self {
        let delayed = offer.is_none();
        Self { transaction, headers, reply_to, delayed, remind: None, until: now + TIMER_C }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.remind.map_or(self.until, |remind| remind.min(self.until))
    }

    /// Whether it is the INVITE of this transaction.
    pub(super) fn is(&self, transaction: TransactionId) -> bool {
        self.transaction == transaction
    }

    /// Answers with a status that needs nothing else.
    pub(super) fn respond(&self, now: Instant, core: &mut Core, dialog: &Dialog, status: u16) {
        core.respond(now, self.transaction, &self.reply(dialog, status));
    }

    /// Accepts it; from here on the 2xx is repeated until its ACK (§13.3.1.4).
    pub(super) fn accept(
        self,
        now: Instant,
        core: &mut Core,
        dialog: &Dialog,
        description: &SessionDescription,
    ) -> Unacknowledged {
        let mut response = self.reply(dialog, 200);
        response.headers.push("Contact", core.contact(dialog.flow));
        push_capabilities(&mut response.headers);
        response.body = describe(&mut response.headers, description);
        core.respond(now, self.transaction, &response);
        Unacknowledged {
            cseq: self.headers.cseq().map(|cseq| cseq.number).unwrap_or_default(),
            response: response.to_bytes(),
            reply_to: self.reply_to,
            delayed: self.delayed,
            repeat: Backoff::new(now, T2),
            until: now + LIFETIME,
        }
    }

    /// A response with our tag, and with the route of a dialog (§12.1.1).
    fn reply(&self, dialog: &Dialog, status: u16) -> Response {
        let mut response = reply(&self.headers, status, dialog.local_tag());
        if (101..300).contains(&status) {
            response.headers.copy("Record-Route", &self.headers);
        }
        response
    }
}

impl Leg {
    /// 180 (§13.3.1.1).
    pub(super) fn ring(&mut self, now: Instant, core: &mut Core) {
        let Phase::Offered(invited) = &mut self.phase else { return };
        invited.remind = Some(now + REMINDER);
        let mut response = invited.reply(&self.dialog, 180);
        response.headers.push("Contact", core.contact(self.dialog.flow));
        core.respond(now, invited.transaction, &response);
    }

    /// Says 180 again, since proxies give a silent INVITE up after three minutes (§13.3.1.1).
    pub(super) fn remind(&mut self, now: Instant, core: &mut Core) {
        if let Phase::Offered(Invited { remind: Some(at), .. }) = self.phase
            && at <= now
        {
            self.ring(now, core);
        }
    }

    /// 200 to the first INVITE.
    pub(super) fn answer(&mut self, now: Instant, core: &mut Core, answer: &SessionDescription) {
        self.phase = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Offered(invited) => {
                let accepted = invited.accept(now, core, &self.dialog, answer);
                Phase::Talking(Talking::accepted(accepted))
            }
            other => other,
        };
    }

    /// The refusal of the first INVITE.
    pub(super) fn refuse(
        &mut self,
        now: Instant,
        core: &mut Core,
        status: u16,
        retry_after: Option<Duration>,
    ) {
        let Phase::Offered(invited) = &self.phase else { return };
        // Nothing but a refusal can be asked for here.
        let status = if (400..700).contains(&status) { status } else { 500 };
        let mut response = invited.reply(&self.dialog, status);
        if let Some(retry_after) = retry_after {
            response.headers.push("Retry-After", retry_after.as_secs().to_string());
        }
        core.respond(now, invited.transaction, &response);
        self.lost(core, EndReason::Released);
    }

    /// The peer takes an INVITE back (§9.2). After our final response this changes nothing.
    pub(crate) fn handle_cancel(
        &mut self,
        now: Instant,
        core: &mut Core,
        transaction: TransactionId,
    ) {
        match &mut self.phase {
            Phase::Offered(invited) if invited.is(transaction) => self.hung_up(now, core),
            Phase::Talking(talking) => {
                if let Some(taken_back) = talking.reinvite.take_if(|one| one.is(transaction)) {
                    taken_back.respond(now, core, &self.dialog, 487);
                }
            }
            _ => {}
        }
    }

    /// 200 to a re-INVITE, which also moves the remote target (§12.2.2).
    pub(super) fn accept(&mut self, now: Instant, core: &mut Core, answer: &SessionDescription) {
        let Phase::Talking(talking) = &mut self.phase else { return };
        let Some(invited) = talking.reinvite.take() else { return };
        self.dialog.retarget(&invited.headers);
        talking.unacknowledged = Some(invited.accept(now, core, &self.dialog, answer));
    }

    /// The refusal of a re-INVITE; the old session runs on.
    pub(super) fn refuse_offer(&mut self, now: Instant, core: &mut Core, status: u16) {
        let Phase::Talking(talking) = &mut self.phase else { return };
        if let Some(invited) = talking.reinvite.take() {
            invited.respond(now, core, &self.dialog, status);
        }
    }
}

/// How often 180 is said again (§13.3.1.1: every minute).
const REMINDER: Duration = Duration::from_secs(60);
