//! Our INVITE: where it goes and what it says (RFC 3261 §13.2.1).
//!
//! What leaves on an outbound leg is made here from settings and the switchboard's words alone.
//! Nothing of an inbound leg is at hand, so nothing of a caller can get out (I8, A12).
//!
//! # Assumptions
//! A URI that names its host goes to the server of its trunk, as to an outbound proxy, and without a
//! trunk to that host.

use model::{
    AdvocateId, ContactId, EndReason, Instant, LegCommand, LegEvent, LegId, Pii,
    SessionDescription, Target, TrunkId,
};

use super::core::OWN_USER;
use super::flow::{Flow, Transport};
use super::machine::Endpoint;
use super::next_hop::NextHop;
use super::reply::{describe, push_own_capabilities};
use crate::dialog::{
    Calling, Dialog, Errand, INTERVAL, Leg, MIN_SE, Phase, Purpose, Reach, Untried,
};
use crate::wire::{Method, NameAddr, Scheme, Uri};

/// What is known of the way to a target.
pub(super) enum Way {
    /// The leg may be dialled.
    To(Box<Destination>),
    /// The name of this server is to be looked up first.
    Asked(NextHop),
    /// Nothing leads there.
    Nowhere,
}

/// Where a leg goes.
pub(super) struct Destination {
    uri: Uri,
    pub(super) flow: Flow,
    /// The ways to the same server's other addresses.
    others: Vec<Flow>,
    reach: Reach,
    trunk: Option<TrunkId>,
    /// Whose phone it is.
    owner: Option<AdvocateId>,
}

impl Endpoint {
    /// Sends the INVITE of [`LegCommand::Dial`], or ends the leg where it cannot go anywhere.
    pub(super) fn dial(&mut self, now: Instant, command: LegCommand) {
        let LegCommand::Dial { leg, target, offer, display } = command else { return };
        if self.legs.get(leg).is_some() {
            return;
        }
        let reason = match self.way(now, &target) {
            Way::To(destination) if !self.is_full() => {
                return self.invite_out(now, leg, *destination, &offer, display);
            }
            Way::To(_) => EndReason::Failed,
            Way::Asked(_) | Way::Nowhere => EndReason::Unreachable,
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
        let others = destination.others.clone();
        let mut dialog = self.new_dialog(destination, display);
        let mut request = dialog.request(Method::Invite);
        request.headers.push("Contact", self.core.contact(dialog.flow));
        push_own_capabilities(&mut request.headers, "100rel, timer");
        request.headers.push("Session-Expires", INTERVAL.to_string());
        request.headers.push("Min-SE", MIN_SE.to_string());
        request.body = describe(&mut request.headers, offer);
        let purpose = Purpose { leg, errand: Errand::Invite, attempt: 0 };
        let untried = Untried::new(now, others, &request);
        let transaction = self.core.ask(now, &dialog, request, purpose);
        let calling = Calling::new(now, transaction).with(untried);
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

    /// The ways that a leg to `target` may take, the best one first.
    pub(super) fn flows_to(&self, now: Instant, target: &Target) -> Vec<Flow> {
        match self.way(now, target) {
            Way::To(destination) => {
                let Destination { flow, others, .. } = *destination;
                std::iter::once(flow).chain(others).collect()
            }
            Way::Asked(_) | Way::Nowhere => Vec::new(),
        }
    }

    /// The way a dialled leg would take.
    pub(super) fn way(&self, now: Instant, target: &Target) -> Way {
        match target {
            Target::Contact(id) => self.way_to_contact(now, *id),
            Target::Number { trunk, number } => {
                let server = self.core.settings.trunk(*trunk).and_then(|one| one.address.clone());
                let Some(server) = server else { return Way::Nowhere };
                let user = Some(number.reveal().as_str());
                let mut uri = Uri::sip(user, server.host.clone(), server.port);
                if server.transport == Transport::Tcp {
                    uri.params.set("transport", Some(server.transport.parameter()));
                }
                self.way_to_server(now, server, uri, Some(*trunk))
            }
            Target::Uri { trunk, uri } => {
                let uri = Uri::parse(uri.reveal()).ok().filter(|uri| uri.scheme == Scheme::Sip);
                let Some(uri) = uri else { return Way::Nowhere };
                let through = trunk.and_then(|trunk| self.core.settings.trunk(trunk));
                let through = through.and_then(|trunk| trunk.address.clone());
                let named = NextHop::of(&uri);
                let own = named.clone().filter(|server| server.address().is_some());
                let Some(server) = own.or(through).or(named) else { return Way::Nowhere };
                self.way_to_server(now, server, Uri { headers: None, ..uri }, *trunk)
            }
        }
    }

    fn way_to_contact(&self, now: Instant, id: ContactId) -> Way {
        let Some(binding) = self.registrar.binding(now, id) else { return Way::Nowhere };
        Way::To(Box::new(Destination {
            uri: binding.uri.clone(),
            flow: binding.flow,
            others: Vec::new(),
            reach: Reach::Source,
            trunk: None,
            owner: self.registrar.owner(id),
        }))
    }

    /// The way to a server's first address; its other addresses serve too, where the peer would be
    /// told the same of us there, since the offer says it.
    fn way_to_server(
        &self,
        now: Instant,
        server: NextHop,
        uri: Uri,
        trunk: Option<TrunkId>,
    ) -> Way {
        let Some(addresses) = self.core.names.addresses(now, &server) else {
            return Way::Asked(server);
        };
        let flow_to = |address| self.core.flow_to(address, server.transport);
        let mut flows = addresses.into_iter().filter_map(flow_to);
        let Some(flow) = flows.next() else { return Way::Nowhere };
        let own = self.core.own(flow);
        let others = flows.filter(|other| self.core.own(*other) == own).collect();
        let destination =
            Destination { uri, flow, others, reach: Reach::Named, trunk, owner: None };
        Way::To(Box::new(destination))
    }
}
