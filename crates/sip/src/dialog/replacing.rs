//! Another phone of the same advocate takes a leg's place (RFC 3891 §3): in an established call, or by
//! picking up one that we ring and she has not answered. To the switchboard both are an offer like
//! any other.

use std::mem;

use model::{Instant, LegEvent, SessionDescription};

use super::identity::Dialog;
use super::invited::Invited;
use super::leg::{Errand, Leg, Phase, Purpose};
use super::talking::Talking;
use crate::endpoint::Core;
use crate::wire::Method;

impl Leg {
    /// The status with which its place is refused; `None` if it may be taken.
    pub(crate) fn refuses_replacement(&self, early_only: bool) -> Option<u16> {
        match &self.phase {
            Phase::Talking(_) if early_only => Some(486),
            Phase::Talking(_) => (!self.may_offer()).then_some(500),
            Phase::Calling(calling) => calling.pick_up.is_some().then_some(500),
            // An early dialog of the peer's own INVITE is not there to be replaced.
            Phase::Offered(_) | Phase::Closing(_) | Phase::Over => Some(481),
        }
    }

    /// Whether one of its dialogs is with the peer of this tag.
    pub(crate) fn is_with(&self, tag: &str) -> bool {
        match &self.phase {
            Phase::Calling(calling) => calling.is_with(tag),
            _ => self.dialog.remote.tag() == Some(tag),
        }
    }

    /// Another phone wants to go on with this leg.
    pub(crate) fn be_replaced(
        &mut self,
        core: &mut Core,
        invited: Invited,
        offer: Option<SessionDescription>,
    ) {
        match &mut self.phase {
            Phase::Talking(talking) => {
                self.session.learn(invited.headers());
                talking.reinvite = Some(invited);
            }
            Phase::Calling(calling) => calling.pick_up = Some(Box::new(invited)),
            Phase::Offered(_) | Phase::Closing(_) | Phase::Over => return,
        }
        self.session.theirs.clone_from(&offer);
        core.say(LegEvent::Reoffered { leg: self.id, offer });
    }

    /// BYE in the dialog whose place was taken (RFC 3891 §3).
    pub(super) fn leave_replaced(&mut self, now: Instant, core: &mut Core, mut before: Dialog) {
        let bye = before.request(Method::Bye);
        let purpose = Purpose { leg: self.id, errand: Errand::Formality, attempt: 0 };
        core.ask(now, &before, bye, purpose);
        self.replaced = Some(before);
    }

    /// 200 to the phone that picks up, and CANCEL to the one that rings (RFC 3891 §3).
    pub(super) fn accept_pick_up(
        &mut self,
        now: Instant,
        core: &mut Core,
        answer: &SessionDescription,
    ) {
        let Phase::Calling(calling) = &mut self.phase else { return };
        let Some(mut invited) = calling.pick_up.take() else { return };
        let Some(next) = invited.successor.take() else { return };
        let invite = calling.transaction;
        self.session.learn(invited.headers());
        let before = mem::replace(&mut self.dialog, *next);
        self.dialog.retarget(invited.headers());
        let accepted = self.accept_invite(now, core, *invited, answer);
        self.phase = Phase::Talking(Talking::accepted(accepted));
        let purpose = Purpose { leg: self.id, errand: Errand::Formality, attempt: 0 };
        core.cancel(now, invite, purpose);
        self.rang = Some(before.clone());
        self.replaced = Some(before);
    }

    /// The refusal of a phone that would pick up what rings no more.
    pub(super) fn drop_pick_up(&mut self, now: Instant, core: &mut Core, status: u16) {
        if let Phase::Calling(calling) = &mut self.phase
            && let Some(invited) = calling.pick_up.take()
        {
            invited.respond(now, core, &self.dialog, status);
        }
    }
}
