//! A call that takes the place of another one: INVITE with Replaces (RFC 3891), and the dialog that
//! a Refer-To names.
//!
//! # Assumptions
//! - Only an advocate's phone may do so, and only with her own call, established or ringing at
//!   another of her phones: the leg goes on with the new phone, and its old dialog is ended once the
//!   new one is accepted. To the switchboard that is a re-offer of the leg.

use model::{Instant, LegId, Peer};

use super::body::description;
use super::legs::DialogKey;
use super::machine::Endpoint;
use super::received::Received;
use crate::dialog::Invited;
use crate::wire::{Replaces, Response};

impl Endpoint {
    /// Offers the leg that is to be replaced the new phone's session, or refuses.
    pub(super) fn replace(
        &mut self,
        now: Instant,
        received: Received,
        peer: Peer,
        replaces: &Replaces,
    ) {
        let leg = match self.replaced_leg(peer, replaces) {
            Ok(leg) => leg,
            Err(status) => return self.refuse(&received, status),
        };
        let Some(dialog) = self.dialog_of(&received, peer) else {
            return self.refuse(&received, 400);
        };
        let id = self.core.servers.open(&received, Some(leg));
        let Received { request, flow, .. } = received;
        self.core.respond(now, id, &Response::to(&request.headers, 100));
        let offer = description(&request.headers, &request.body, flow);
        let invited = Invited::new(now, id, request.headers, flow, offer.as_ref());
        let invited = invited.replacing(dialog);
        self.legs.visit(&mut self.core, leg, |leg, core| leg.be_replaced(core, invited, offer));
    }

    /// The leg whose place may be taken, or the status of the refusal (RFC 3891 §3).
    fn replaced_leg(&self, peer: Peer, replaces: &Replaces) -> Result<LegId, u16> {
        let Peer::Advocate(advocate) = peer else { return Err(403) };
        let named = self.named_leg(replaces).and_then(|id| self.legs.get(id)).ok_or(481_u16)?;
        // Who asks for another's call learns nothing of it.
        if named.owner != Some(advocate) {
            return Err(481);
        }
        named.refuses_replacement(replaces.early_only).map_or(Ok(named.id), Err)
    }

    /// The leg of the dialog that `replaces` names.
    pub(super) fn named_leg(&self, replaces: &Replaces) -> Option<LegId> {
        let Replaces { call_id, to_tag, from_tag, .. } = replaces;
        let key = DialogKey { call_id: call_id.clone(), local_tag: to_tag.clone() };
        let id = self.legs.find(&key)?;
        let leg = self.legs.get(id)?;
        leg.is_with(from_tag).then_some(id)
    }

    /// The leg of the dialog that a Refer-To names by a Replaces of its own (RFC 3891 §4), from the
    /// point of view of whoever the call goes to: our dialogs have the tags the other way round,
    /// where the target is a phone that talks to us.
    pub(super) fn referred_leg(&self, received: &Received) -> Option<LegId> {
        let replaces = received.refer_to()?.header("Replaces")?;
        let replaces = Replaces::parse(&replaces).ok()?;
        let turned = Replaces {
            to_tag: replaces.from_tag.clone(),
            from_tag: replaces.to_tag.clone(),
            ..replaces.clone()
        };
        self.named_leg(&replaces).or_else(|| self.named_leg(&turned))
    }
}
