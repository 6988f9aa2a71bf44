//! Our INVITE: where it goes and what it says (RFC 3261 §13.2.1).
//!
//! What leaves on an outbound leg is made here from settings and the switchboard's words alone.
//! Nothing of an inbound leg is at hand, so nothing of a caller can get out (I8, A12).
//!
//! # Assumptions
//! There is no DNS here: a URI that names its host goes to the address of its trunk, and without a
//! trunk nowhere.

use model::{
    AdvocateId, EndReason, Instant, LegCommand, LegEvent, LegId, Pii, SessionDescription, Target,
    TrunkId,
};

use super::core::OWN_USER;
use super::flow::{Flow, Transport};
use super::machine::Endpoint;
use super::reply::{describe, push_own_capabilities};
use crate::dialog::{
    Calling, Dialog, Errand, INTERVAL, Leg, MIN_SE, Phase, Purpose, Reach, address_of,
};
use crate::wire::{Method, NameAddr, Scheme, Uri};

/// Where a leg goes.
struct Destination {
    uri: Uri,
    flow: Flow,
    reach: Reach,
    trunk: Option<TrunkId>,
    /// Whose phone it is.
    owner: Option<AdvocateId>,
}

impl Endpoint {
    /// Says how the peer of a leg to come will reach us, or ends the leg where there is no way.
    pub(super) fn locate(&mut self, now: Instant, leg: LegId, target: &Target) {
        let own = self.way_to(now, target).map(|flow| self.core.own(flow));
        self.core.say(match own {
            Some(own) => LegEvent::Located { leg, own },
            None => LegEvent::Ended { leg, reason: EndReason::Unreachable },
        });
    }

    /// Sends the INVITE of [`LegCommand::Dial`], or ends the leg where it cannot go anywhere.
    pub(super) fn dial(&mut self, now: Instant, command: LegCommand) {
        let LegCommand::Dial { leg, target, offer, display } = command else { return };
        if self.legs.get(leg).is_some() {
            return;
        }
        let reason = match self.destination(now, &target) {
            Some(destination) if !self.is_full() => {
                return self.invite_out(now, leg, destination, &offer, display);
            }
            Some(_) => EndReason::Failed,
            None => EndReason::Unreachable,
        };
        self.core.say(LegEvent::Ended { leg, reason });
    }

    fn invite_out(
        &mut self,
        now: Instant,
        leg: LegId,
        destination: Destination,
        offer: &SessionDescription,
        display: String,
    ) {
        let (trunk, owner) = (destination.trunk, destination.owner);
        let mut dialog = self.new_dialog(destination, display);
        let mut request = dialog.request(Method::Invite);
        request.headers.push("Contact", self.core.contact(dialog.flow));
        push_own_capabilities(&mut request.headers, "100rel, timer");
        request.headers.push("Session-Expires", INTERVAL.to_string());
        request.headers.push("Min-SE", MIN_SE.to_string());
        request.body = describe(&mut request.headers, offer);
        let purpose = Purpose { leg, errand: Errand::Invite, attempt: 0 };
        let transaction = self.core.ask(now, &dialog, request, purpose);
        let calling = Calling::new(now, transaction);
        let mut leg = Leg::new(leg, dialog, trunk, Phase::Calling(calling));
        leg.owner = owner;
        self.legs.insert(leg.describing(Some(offer.clone()), None));
    }

    /// A dialog that is still to be confirmed by the peer.
    fn new_dialog(&mut self, destination: Destination, display: String) -> Dialog {
        let Destination { uri, flow, reach, trunk, .. } = destination;
        let trunk = trunk.and_then(|trunk| self.core.settings.trunk(trunk));
        let user = trunk.and_then(|trunk| trunk.from_user.as_deref()).unwrap_or(OWN_USER);
        let from = NameAddr {
            display: Some(display).filter(|display| !display.is_empty()).map(Pii::new),
            ..NameAddr::new(self.core.own_uri(flow, user))
        };
        let local = from.with_tag(&self.core.chance.token());
        Dialog {
            call_id: self.core.chance.token(),
            local,
            remote: NameAddr::new(uri.clone()),
            local_cseq: 0,
            remote_cseq: None,
            target: uri,
            routes: Vec::new(),
            flow,
            reach,
            is_ours: true,
        }
    }

    /// The way a dialled leg would take.
    pub(super) fn way_to(&self, now: Instant, target: &Target) -> Option<Flow> {
        self.destination(now, target).map(|destination| destination.flow)
    }

    fn destination(&self, now: Instant, target: &Target) -> Option<Destination> {
        match target {
            Target::Contact(id) => {
                let binding = self.registrar.binding(now, *id)?;
                let (uri, flow) = (binding.uri.clone(), binding.flow);
                let owner = self.registrar.owner(*id);
                Some(Destination { uri, flow, reach: Reach::Source, trunk: None, owner })
            }
            Target::Number { trunk, number } => {
                let (address, transport) = self.core.settings.trunk(*trunk)?.address?;
                let mut uri = Uri::at(Some(number.reveal()), address);
                if transport == Transport::Tcp {
                    uri.params.set("transport", Some(transport.parameter()));
                }
                let flow = self.core.flow_to(address, transport)?;
                let trunk = Some(*trunk);
                Some(Destination { uri, flow, reach: Reach::Named, trunk, owner: None })
            }
            Target::Uri { trunk, uri } => {
                let uri = Uri::parse(uri.reveal()).ok().filter(|uri| uri.scheme == Scheme::Sip)?;
                let own_address = || self.core.settings.trunk((*trunk)?)?.address;
                let (address, transport) = address_of(&uri).or_else(own_address)?;
                let flow = self.core.flow_to(address, transport)?;
                let uri = Uri { headers: None, ..uri };
                Some(Destination { uri, flow, reach: Reach::Named, trunk: *trunk, owner: None })
            }
        }
    }
}
