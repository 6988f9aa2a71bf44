//! An advocate's phone asks to connect her call elsewhere (REFER, RFC 3515), and is told how that
//! goes (NOTIFY with a sipfrag, RFC 3420).
//!
//! # Assumptions
//! - The subscription a REFER makes lives as long as the question is open, at most a minute.

use std::time::Duration;

use bytes::Bytes;
use model::{Instant, LegEvent};

use super::leg::{Errand, Leg, refuse_for_now};
use crate::endpoint::{Core, Received, reply_within};
use crate::transaction::TransactionId;
use crate::wire::{Method, reason_phrase};

/// A transfer that is asked for and not yet settled.
pub(crate) struct Transfer {
    /// The number of its REFER, which names the subscription (RFC 3515 §2.4.6).
    id: u32,
    pub(super) until: Instant,
}

impl Leg {
    /// A REFER within the dialog.
    pub(super) fn serve_refer(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
    ) {
        let headers = &received.request.headers;
        if self.owner.is_none() {
            // Nobody but staff moves a caller (RFC 3515 §5.1).
            return core.respond(now, id, &reply_within(headers, 603));
        }
        if self.transfer.is_some() {
            return refuse_for_now(now, core, id, &received.request);
        }
        let Some(target) = received.refer_to() else {
            return core.respond(now, id, &reply_within(headers, 400)); // §2.4.2: exactly one
        };
        let mut response = reply_within(headers, 202);
        response.headers.push("Contact", core.contact(self.dialog.flow));
        core.respond(now, id, &response);
        let number = headers.cseq().map(|cseq| cseq.number).unwrap_or_default();
        self.transfer = Some(Transfer { id: number, until: now + PATIENCE });
        self.notify(now, core, number, 100, &format!("active;expires={}", PATIENCE.as_secs()));
        let target = target.user().unwrap_or_default();
        core.say(LegEvent::TransferAsked { leg: self.id, target, replaces: received.names });
    }

    /// Tells the phone what became of it.
    pub(super) fn transferred(&mut self, now: Instant, core: &mut Core, status: u16) {
        let Some(Transfer { id, .. }) = self.transfer.take() else { return };
        let status = if (200..700).contains(&status) { status } else { 500 };
        self.notify(now, core, id, status, "terminated;reason=noresource");
    }

    pub(super) fn transfer_timeout(&mut self, now: Instant, core: &mut Core) {
        if self.transfer.as_ref().is_some_and(|transfer| transfer.until <= now) {
            self.transferred(now, core, 408);
        }
    }

    fn notify(&mut self, now: Instant, core: &mut Core, id: u32, status: u16, state: &str) {
        let mut notify = self.dialog.request(Method::Notify);
        notify.headers.push("Contact", core.contact(self.dialog.flow));
        notify.headers.push("Event", format!("refer;id={id}"));
        notify.headers.push("Subscription-State", state);
        notify.headers.push("Content-Type", "message/sipfrag;version=2.0");
        notify.body = Bytes::from(format!("SIP/2.0 {status} {}\r\n", reason_phrase(status)));
        self.ask(now, core, notify, Errand::Notify);
    }
}

/// How long the switchboard may take.
const PATIENCE: Duration = Duration::from_secs(60);
