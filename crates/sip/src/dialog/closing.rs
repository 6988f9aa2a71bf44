//! A leg that has ended for the switchboard while the peer is still being told (RFC 3261 §9.1,
//! §15.1): the CANCEL that must wait for a provisional response, the BYE that must wait for an ACK,
//! and the BYE's own transaction.

use model::Instant;

use super::calling::Calling;
use super::leg::{Errand, Leg, Phase, Purpose};
use super::talking::{Talking, Unacknowledged};
use crate::endpoint::{Core, Received};
use crate::transaction::{LIFETIME, TransactionId};
use crate::wire::Method;

/// What the peer is still to be told, or to tell.
pub(crate) enum Closing {
    /// Our INVITE has no provisional response, so no CANCEL may be sent yet.
    Waiting { invite: TransactionId },
    /// The CANCEL was sent; the final response of the INVITE is due until then (§9.1).
    Cancelling { invite: TransactionId, until: Instant },
    /// Our 2xx has no ACK, so no BYE may be sent yet (§15).
    Unacknowledged(Unacknowledged),
    /// The BYE was sent.
    Leaving,
}

impl Closing {
    pub(super) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Cancelling { until, .. } => Some(*until),
            Self::Unacknowledged(unacknowledged) => Some(unacknowledged.deadline()),
            // Their transactions have deadlines of their own.
            Self::Waiting { .. } | Self::Leaving => None,
        }
    }
}

impl Leg {
    /// Takes our INVITE back.
    pub(super) fn give_up(&self, now: Instant, core: &mut Core, calling: &Calling) -> Closing {
        let invite = calling.transaction;
        if calling.heard { self.cancel(now, core, invite) } else { Closing::Waiting { invite } }
    }

    /// Leaves an established session: BYE, as soon as our 2xx is acknowledged.
    pub(super) fn leave(&mut self, now: Instant, core: &mut Core, talking: Talking) -> Closing {
        if let Some(invited) = talking.reinvite {
            invited.respond(now, core, &self.dialog, 487);
        }
        match talking.unacknowledged {
            Some(unacknowledged) => Closing::Unacknowledged(unacknowledged),
            None => self.say_bye(now, core),
        }
    }

    /// A provisional response came for an INVITE that is no longer wanted.
    pub(super) fn cancel_now(&mut self, now: Instant, core: &mut Core) {
        if let Phase::Closing(Closing::Waiting { invite }) = self.phase {
            self.phase = Phase::Closing(self.cancel(now, core, invite));
        }
    }

    /// A 2xx crossed our CANCEL: the leg stays to acknowledge its repetitions.
    pub(super) fn stay_for_repetitions(&mut self, now: Instant) {
        if let Phase::Closing(Closing::Waiting { invite } | Closing::Cancelling { invite, .. }) =
            self.phase
        {
            self.phase = Phase::Closing(Closing::Cancelling { invite, until: now + LIFETIME });
        }
    }

    /// The ACK that the BYE waited for.
    pub(super) fn acknowledged_late(&mut self, now: Instant, core: &mut Core, ack: &Received) {
        if let Phase::Closing(Closing::Unacknowledged(accepted)) = &self.phase
            && accepted.is_acknowledged_by(ack)
        {
            self.phase = Phase::Closing(self.say_bye(now, core));
        }
    }

    /// The peer's word on our BYE; what it is does not matter (§15.1.1).
    pub(super) fn bye_answered(&mut self, status: u16) {
        if status >= 200 {
            self.phase = Phase::Over;
        }
    }

    pub(super) fn closing_timeout(&mut self, now: Instant, core: &mut Core) {
        let Phase::Closing(closing) = &mut self.phase else { return };
        match closing {
            Closing::Cancelling { invite, until } if *until <= now => {
                core.clients.abandon(*invite);
                self.phase = Phase::Over;
            }
            Closing::Unacknowledged(accepted) => {
                let hopeless = !accepted.repeat(now, core);
                if hopeless {
                    self.phase = Phase::Closing(self.say_bye(now, core));
                }
            }
            _ => {}
        }
    }

    fn cancel(&self, now: Instant, core: &mut Core, invite: TransactionId) -> Closing {
        let purpose = Purpose { leg: self.id, errand: Errand::Formality, attempt: 0 };
        core.cancel(now, invite, purpose);
        Closing::Cancelling { invite, until: now + LIFETIME }
    }

    fn say_bye(&mut self, now: Instant, core: &mut Core) -> Closing {
        let bye = self.dialog.request(Method::Bye);
        self.ask(now, core, bye, Errand::Bye);
        Closing::Leaving
    }
}
