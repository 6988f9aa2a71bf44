//! The road of a request (RFC 3261 §8.2, §9.2, §12.2.2, §17.2.3): to its transaction, its dialog,
//! or to nobody.
//!
//! # Assumptions
//! Max-Forwards counts hops, and we are the last one: 0 is served (RFC 4475 §3.3.11), unless the
//! request is for another machine and would have to go on (483).

use model::{AdvocateId, Instant, LegEvent, LegId, Peer};

use super::Flow;
use super::authentication::is_of;
use super::body::description;
use super::check::{check_features, check_method};
use super::legs::DialogKey;
use super::machine::Endpoint;
use super::received::Received;
use super::reply::{push_capabilities, reply};
use crate::dialog::{Dialog, Invited, Leg, Phase, Reach, contact};
use crate::wire::{Essentials, Host, Method, NameAddr, Request, Response, Uri};

impl Endpoint {
    pub(super) fn handle_request(
        &mut self,
        now: Instant,
        flow: Flow,
        request: Request,
        read: Essentials,
    ) {
        let Ok(received) = Received::new(flow, request, read) else {
            self.core.counters.unreadable += 1;
            return;
        };
        let method = &received.request.method;
        if self.core.servers.absorb(now, &received.key, method) {
            return;
        }
        match method {
            Method::Ack => self.handle_ack(now, &received),
            _ if !self.core.settings.limits.served.includes(received.flow.remote.ip()) => {
                self.core.counters.strangers += 1;
                self.refuse(&received, 403);
            }
            Method::Cancel => self.handle_cancel(now, &received),
            _ => match dialog_key(&received) {
                Some(key) => self.within_dialog(now, &key, received),
                None => self.outside_dialog(now, received),
            },
        }
    }

    /// The ACK of a 2xx; one for a stateless refusal belongs to nothing.
    fn handle_ack(&mut self, now: Instant, ack: &Received) {
        let leg = dialog_key(ack).and_then(|key| self.legs.find(&key));
        let Some(leg) = leg else {
            self.core.counters.stray_acks += 1;
            return;
        };
        self.legs.visit(&mut self.core, leg, |leg, core| leg.handle_ack(now, core, ack));
    }

    /// 200 and whatever the leg makes of it, or 481 (§9.2).
    fn handle_cancel(&mut self, now: Instant, received: &Received) {
        let Some((invite, leg)) = self.core.servers.find(&received.key.of_invite()) else {
            return self.refuse(received, 481);
        };
        let leg = leg.filter(|id| self.legs.get(*id).is_some());
        let tag = match leg.and_then(|id| self.legs.get(id)) {
            Some(leg) => leg.dialog.local_tag().to_owned(),
            None => self.tag(received),
        };
        let response = reply(&received.request.headers, 200, &tag);
        let id = self.core.servers.open(received, None);
        self.core.respond(now, id, &response);
        if let Some(leg) = leg {
            let core = &mut self.core;
            self.legs.visit(core, leg, |leg, core| leg.handle_cancel(now, core, invite));
        }
    }

    fn within_dialog(&mut self, now: Instant, key: &DialogKey, mut received: Received) {
        let Some(leg) = self.legs.find(key) else {
            return self.refuse(&received, 481);
        };
        if self.transactions() >= self.core.settings.limits.transactions {
            return self.refuse_for_load(&received);
        }
        if received.request.method == Method::Refer {
            received.names = self.referred_leg(&received);
        }
        let id = self.core.servers.open(&received, Some(leg));
        let core = &mut self.core;
        self.legs.visit(core, leg, |leg, core| leg.handle_request(now, core, id, &received));
    }

    fn outside_dialog(&mut self, now: Instant, received: Received) {
        let (request, tag) = (&received.request, self.tag(&received));
        if request.method != Method::Register
            && let Err(refusal) = check_method(request, &tag)
        {
            return self.send_stateless(&received, &refusal);
        }
        if received.merge_key().is_some_and(|key| self.core.servers.is_merged(&key)) {
            return self.refuse(&received, 482);
        }
        if self.must_go_on(request) {
            return self.refuse(&received, 483);
        }
        if let Err(refusal) = check_features(request, &tag) {
            return self.send_stateless(&received, &refusal);
        }
        match request.method {
            Method::Invite => self.invite(now, received),
            Method::Register => self.register(now, &received),
            // §11.2: what an INVITE would get, so that a proxy takes another node.
            Method::Options if self.draining || self.is_full() => self.refuse_for_load(&received),
            Method::Options => {
                let mut response = self.stateless(&received, 200);
                push_capabilities(&mut response.headers);
                self.send_stateless(&received, &response);
            }
            // RFC 3515 §5.1: only within a call.
            Method::Refer => self.refuse(&received, 403),
            // BYE, INFO, PRACK and UPDATE live in dialogs.
            _ => self.refuse(&received, 481),
        }
    }

    /// Whether a request has no hops left and is not for this machine.
    fn must_go_on(&self, request: &Request) -> bool {
        let host = request.uri.host.as_ref().and_then(Host::ip);
        let elsewhere = host.is_some_and(|ip| !self.core.is_own(ip));
        request.headers.max_forwards() == Ok(Some(0)) && elsewhere
    }

    /// A new leg, for whoever may have one.
    fn invite(&mut self, now: Instant, received: Received) {
        let peer = match self.guard.admit(now, &mut self.core, &received) {
            Ok(peer) => peer,
            Err(refusal) => return self.send_stateless(&received, &refusal),
        };
        if self.draining || self.is_full() {
            return self.refuse_for_load(&received);
        }
        match received.request.headers.replaces() {
            Ok(None) => {}
            Ok(Some(replaces)) => return self.replace(now, received, peer, &replaces),
            Err(_) => return self.refuse(&received, 400),
        }
        let Some(dialog) = self.dialog_of(&received, peer) else {
            return self.refuse(&received, 400); // §8.1.1.8: an INVITE has a Contact
        };
        let leg = self.new_leg_id();
        let id = self.core.servers.open(&received, Some(leg));
        let Received { request, flow, .. } = received;
        let offer = description(&request.headers, &request.body, flow);
        let invited = Invited::new(now, id, request.headers, flow, offer.as_ref()).trying(now);
        // No credentials for whoever calls: a caller's challenge is never answered.
        let mut new = Leg::new(leg, dialog, None, Phase::Offered(invited));
        if let Peer::Advocate(advocate) = peer {
            new.owner = Some(advocate);
        }
        self.legs.insert(new.describing(None, offer.clone()));
        let dialled = request.uri.user().unwrap_or_default();
        let own = self.core.own(flow);
        self.core.say(LegEvent::Offered { leg, from: peer, dialled, offer, own });
    }

    /// The dialog an INVITE would make (§12.1.1).
    pub(super) fn dialog_of(&mut self, received: &Received, peer: Peer) -> Option<Dialog> {
        let headers = &received.request.headers;
        let reach = match peer {
            Peer::Trunk(_) => Reach::Named,
            Peer::Advocate(_) => Reach::Source,
        };
        let mut dialog = Dialog {
            call_id: headers.call_id().ok()?.to_owned(),
            local: received.to.clone().with_tag(&self.core.chance.token()),
            remote: received.from.clone(),
            local_cseq: 0,
            remote_cseq: Some(received.cseq.number),
            target: contact(headers).or_else(|| old_target(&received.from))?,
            routes: headers.record_routes().ok()?,
            flow: received.flow,
            reach,
            is_ours: false,
        };
        dialog.follow();
        Some(dialog)
    }

    fn register(&mut self, now: Instant, received: &Received) {
        let advocate = match self.guard.authenticate(now, &mut self.core, received) {
            Ok(advocate) => advocate,
            Err(refusal) => return self.send_stateless(received, &refusal),
        };
        if !is_of(&self.core.settings, &received.to, advocate) {
            return self.refuse(received, 403); // §10.3, step 4: only for oneself
        }
        if self.is_full() {
            return self.refuse_for_load(received);
        }
        let tag = self.tag(received);
        let response = self.registrar.register(now, &mut self.core, advocate, received, &tag);
        self.follow_phones(now, advocate);
        let id = self.core.servers.open(received, None);
        self.core.respond(now, id, &response);
    }

    /// A phone that registered anew is reached in its calls as it is for new ones (RFC 5626 §5.3):
    /// its connection may be another one now, or its NAT may have given it another port.
    fn follow_phones(&mut self, now: Instant, advocate: AdvocateId) {
        for leg in self.legs.iter_mut().filter(|leg| leg.owner == Some(advocate)) {
            let dialog = &mut leg.dialog;
            let way = self.registrar.way_to(now, advocate, &dialog.target);
            if let (Reach::Source, Some(flow)) = (dialog.reach, way) {
                dialog.flow = flow;
            }
        }
    }

    /// Whether only running calls may still begin something.
    pub(super) fn is_full(&self) -> bool {
        let limits = &self.core.settings.limits;
        self.legs.len() >= limits.legs || self.transactions() >= limits.transactions / 4 * 3
    }

    fn refuse_for_load(&mut self, received: &Received) {
        self.core.counters.overloaded += 1;
        let mut refusal = self.stateless(received, 503);
        let seconds = self.core.settings.limits.retry_after.as_secs();
        refusal.headers.push("Retry-After", seconds.to_string());
        self.send_stateless(received, &refusal);
    }

    pub(super) fn refuse(&mut self, received: &Received, status: u16) {
        let refusal = self.stateless(received, status);
        self.send_stateless(received, &refusal);
    }

    /// A response that is made the same way for each repetition of the request (§8.2.7).
    fn stateless(&self, received: &Received, status: u16) -> Response {
        reply(&received.request.headers, status, &self.tag(received))
    }

    /// A To tag that is the same for each repetition of a request (§8.2.7).
    fn tag(&self, received: &Received) -> String {
        self.guard.tag(received)
    }

    fn send_stateless(&mut self, received: &Received, response: &Response) {
        self.core.respond_statelessly(received.reply_to, response);
    }

    /// A name for an inbound leg: odd, so that the switchboard's even ones never meet it.
    fn new_leg_id(&mut self) -> LegId {
        loop {
            let id = LegId(self.core.chance.next_u64() | 1);
            if self.legs.get(id).is_none() {
                return id;
            }
        }
    }
}

/// Where an element of RFC 2543 is reached, which gives neither a tag nor always a Contact: at the
/// address it calls from (RFC 2543 §6.13).
fn old_target(from: &NameAddr) -> Option<Uri> {
    from.tag().is_none().then(|| from.uri.clone())
}

/// The dialog a request belongs to, by the tag we gave it.
fn dialog_key(received: &Received) -> Option<DialogKey> {
    let local_tag = received.to.tag()?.to_owned();
    let call_id = received.request.headers.call_id().ok()?.to_owned();
    Some(DialogKey { call_id, local_tag })
}
