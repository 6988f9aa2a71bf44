//! An INVITE of the peer that waits for the switchboard: the first one, or a re-INVITE
//! (RFC 3261 §13.3, §14.2).

use std::mem;
use std::time::Duration;

use model::{EndReason, Instant, SessionDescription};

use super::identity::Dialog;
use super::leg::{Leg, Phase};
use super::provisional::{Described, Provisionals};
use super::talking::{Talking, Unacknowledged};
use crate::endpoint::{Core, Flow, describe, push_capabilities, reply};
use crate::transaction::{Backoff, LIFETIME, T2, TIMER_C, TransactionId};
use crate::wire::{Headers, Response};

/// An INVITE without a final response.
pub(crate) struct Invited {
    transaction: TransactionId,
    headers: Headers,
    /// Where it came from.
    source: Flow,
    /// Whether it came without an offer, so that our answer is one and the ACK brings theirs.
    delayed: bool,
    /// When to say which provisional response: 100, or the last one again.
    remind: Option<(Instant, u16)>,
    pub(super) provisionals: Provisionals,
    /// The dialog that takes the place of the leg's own with the 2xx (RFC 3891).
    pub(super) successor: Option<Box<Dialog>>,
    /// When it is refused, if the switchboard says nothing.
    pub(super) until: Instant,
}

impl Invited {
    pub(crate) fn new(
        now: Instant,
        transaction: TransactionId,
        headers: Headers,
        source: Flow,
        offer: Option<&SessionDescription>,
    ) -> Self {
        let provisionals = Provisionals::new(&headers);
        let (delayed, until) = (offer.is_none(), now + TIMER_C);
        Self {
            transaction,
            headers,
            source,
            delayed,
            remind: None,
            provisionals,
            successor: None,
            until,
        }
    }

    /// The same with a 100 to come, unless something better is said before (§17.2.1).
    pub(crate) fn trying(mut self, now: Instant) -> Self {
        self.remind = Some((now + TRYING, 100));
        self
    }

    /// The same as the beginning of a dialog that takes the place of another one.
    pub(crate) fn replacing(mut self, dialog: Dialog) -> Self {
        self.successor = Some(Box::new(dialog));
        self
    }

    pub(super) fn deadline(&self) -> Instant {
        let remind = self.remind.map(|(at, _)| at);
        let others = [remind, self.provisionals.deadline()];
        others.into_iter().flatten().min().map_or(self.until, |at| at.min(self.until))
    }

    pub(super) const fn transaction(&self) -> TransactionId {
        self.transaction
    }

    pub(super) fn cseq(&self) -> u32 {
        self.headers.cseq().map(|cseq| cseq.number).unwrap_or_default()
    }

    pub(super) const fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Whether it came without an offer.
    pub(super) const fn is_delayed(&self) -> bool {
        self.delayed
    }

    /// Whether offer and answer are complete before the final response.
    pub(super) fn is_settled(&self) -> bool {
        self.provisionals.described == Described::Settled
    }

    /// Whether an early offer of ours waits for the peer's answer.
    pub(super) fn waits_for_an_answer(&self) -> bool {
        self.delayed && self.provisionals.described == Described::Sent
    }

    /// Notes that a provisional response is sent, to say it again in time.
    pub(super) fn note_provisional(&mut self, now: Instant, status: u16) {
        self.remind = Some((now + REMINDER, status));
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
    fn accept(self, now: Instant, core: &mut Core, response: &Response) -> Unacknowledged {
        Unacknowledged {
            cseq: self.cseq(),
            response: core.respond_with(now, self.transaction, response),
            transaction: self.transaction,
            delayed: self.delayed && !self.is_settled(),
            repeat: Backoff::new(now, T2),
            until: now + LIFETIME,
        }
    }

    /// A response with our tag, and with the route of a dialog (§12.1.1).
    pub(super) fn reply(&self, dialog: &Dialog, status: u16) -> Response {
        let dialog = self.successor.as_deref().unwrap_or(dialog);
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
        self.provide(now, core, 180, None);
    }

    /// Says 100, or the last provisional response again, since proxies give a silent INVITE up after
    /// three minutes (§13.3.1.1).
    pub(super) fn remind(&mut self, now: Instant, core: &mut Core) {
        let Phase::Offered(invited) = &mut self.phase else { return };
        match invited.remind.take_if(|(at, _)| *at <= now) {
            Some((_, 100)) => {
                let trying = Response::to(&invited.headers, 100);
                core.respond(now, invited.transaction, &trying);
            }
            Some((_, status)) => {
                invited.note_provisional(now, status);
                self.provide(now, core, status, None);
            }
            None => {}
        }
    }

    /// 200 to the first INVITE, as soon as nothing waits for a PRACK.
    pub(super) fn answer(&mut self, now: Instant, core: &mut Core, answer: SessionDescription) {
        let Phase::Offered(invited) = &mut self.phase else { return };
        if invited.provisionals.holds_answer() || self.session.asked.is_some() {
            invited.provisionals.held = Some(answer);
            return;
        }
        if let Phase::Offered(invited) = mem::replace(&mut self.phase, Phase::Over) {
            let accepted = self.accept_invite(now, core, invited, &answer);
            self.phase = Phase::Talking(Talking::accepted(accepted));
        }
    }

    /// 200 with everything it says.
    pub(super) fn accept_invite(
        &mut self,
        now: Instant,
        core: &mut Core,
        invited: Invited,
        description: &SessionDescription,
    ) -> Unacknowledged {
        let mut response = invited.reply(&self.dialog, 200);
        response.headers.push("Contact", core.contact(self.dialog.flow));
        push_capabilities(&mut response.headers);
        self.grant_timer(now, &invited.headers, &mut response.headers);
        // RFC 6337 §3.1.1: an exchange that is complete is not said again.
        if !invited.is_settled() {
            response.body = describe(&mut response.headers, description);
            self.session.own = Some(description.clone());
        }
        invited.accept(now, core, &response)
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
            Phase::Calling(calling) => {
                if let Some(taken_back) = calling.pick_up.take_if(|one| one.is(transaction)) {
                    taken_back.respond(now, core, &self.dialog, 487);
                }
            }
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
        if self.session.asked.is_some() {
            return self.accept_asked(now, core, answer);
        }
        if matches!(self.phase, Phase::Calling(_)) {
            return self.accept_pick_up(now, core, answer);
        }
        let Phase::Talking(talking) = &mut self.phase else { return };
        let Some(mut invited) = talking.reinvite.take() else { return };
        let before = invited.successor.take().map(|next| mem::replace(&mut self.dialog, *next));
        self.dialog.move_to(&invited.headers, invited.source);
        let accepted = self.accept_invite(now, core, invited, answer);
        if let Some(before) = before {
            self.leave_replaced(now, core, before);
        }
        if let Phase::Talking(talking) = &mut self.phase {
            talking.unacknowledged = Some(accepted);
        }
    }

    /// The refusal of a re-INVITE; the old session runs on.
    pub(super) fn refuse_offer(&mut self, now: Instant, core: &mut Core, status: u16) {
        if self.session.asked.is_some() {
            return self.refuse_asked(now, core, status);
        }
        self.drop_pick_up(now, core, status);
        let Phase::Talking(talking) = &mut self.phase else { return };
        if let Some(invited) = talking.reinvite.take() {
            invited.respond(now, core, &self.dialog, status);
        }
    }
}

/// How often 180 is said again (§13.3.1.1: every minute).
const REMINDER: Duration = Duration::from_secs(60);
/// How soon an INVITE is answered at all (§17.2.1): before its sender would repeat it.
const TRYING: Duration = Duration::from_millis(200);
