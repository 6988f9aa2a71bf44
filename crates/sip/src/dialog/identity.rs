//! What makes a dialog (RFC 3261 §12): its identifiers, sequence numbers, target and route set.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;

use crate::endpoint::{Flow, NextHop, Transport};
use crate::wire::{CSeq, Headers, Method, NameAddr, Request, Response, Uri};

/// The state every request within a dialog is made from.
#[derive(Clone)]
pub(crate) struct Dialog {
    pub(crate) call_id: String,
    /// Us, with our tag.
    pub(crate) local: NameAddr,
    /// The peer, with its tag once there is one.
    pub(crate) remote: NameAddr,
    pub(crate) local_cseq: u32,
    /// The highest number the peer has used.
    pub(crate) remote_cseq: Option<u32>,
    /// The peer's Contact.
    pub(crate) target: Uri,
    pub(crate) routes: Vec<NameAddr>,
    /// The way the peer is reached.
    pub(crate) flow: Flow,
    pub(crate) reach: Reach,
    /// Whether we made its Call-ID: we sent the first INVITE.
    pub(crate) is_ours: bool,
}

/// How the way to the peer is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Where the route set or the Contact says (§12.2.1.1): carriers.
    Named,
    /// Where it sent from, since its Contact may be an address behind a NAT: phones.
    Source,
}

impl Dialog {
    /// Our tag.
    pub(crate) fn local_tag(&self) -> &str {
        self.local.tag().unwrap_or_default()
    }

    /// Notes the sequence number of a request, `false` if it is old (§12.2.2).
    pub(crate) fn advance(&mut self, number: u32) -> bool {
        let newer = self.remote_cseq.is_none_or(|before| number > before);
        if newer {
            self.remote_cseq = Some(number);
        }
        newer
    }

    /// Takes over what a response to our INVITE says of the peer (§12.1.2).
    pub(crate) fn confirm(&mut self, response: &Response) {
        if let Ok(remote) = response.headers.to() {
            self.remote = remote;
        }
        let mut routes = response.headers.record_routes().unwrap_or_default();
        routes.reverse();
        self.routes = routes;
        self.retarget(&response.headers);
    }

    /// Takes over a new remote target (§12.2.1.2, §12.2.2).
    pub(crate) fn retarget(&mut self, headers: &Headers) {
        if let Some(target) = contact(headers) {
            self.target = target;
        }
        self.follow();
    }

    /// Takes over the target of the peer's re-INVITE or UPDATE (§12.2.2): a phone that has moved to
    /// another address is reached there from now on, at the `source` of that request.
    pub(crate) fn move_to(&mut self, headers: &Headers, source: Flow) {
        self.retarget(headers);
        if self.reach == Reach::Source {
            self.flow = source;
        }
    }

    /// Goes the way the route set or the Contact names, where it names an address; an open
    /// connection to that host is as good.
    pub(crate) fn follow(&mut self) {
        if self.reach == Reach::Source {
            return;
        }
        let Some((remote, transport)) = self.next_hop() else { return };
        // A private address named from a public one is that of a host behind a NAT.
        if is_private(remote.ip()) && !is_private(self.flow.remote.ip()) {
            return;
        }
        let connected =
            self.flow.transport == Transport::Tcp && remote.ip() == self.flow.remote.ip();
        if !connected && remote.is_ipv4() == self.flow.remote.is_ipv4() {
            self.flow = Flow { remote, transport, ..self.flow };
        }
    }

    /// The connection is gone: the next request makes a new one, to where the peer listens.
    pub(crate) fn lose_flow(&mut self, flow: Flow) {
        if let (true, Some((remote, transport))) = (self.flow == flow, self.next_hop()) {
            self.flow = Flow { remote, transport, ..flow };
        }
    }

    /// The next request within the dialog.
    pub(crate) fn request(&mut self, method: Method) -> Request {
        self.local_cseq += 1;
        self.numbered(method, self.local_cseq)
    }

    /// The ACK of the 2xx to our INVITE number `cseq` (§13.2.2.4).
    pub(crate) fn ack(&self, cseq: u32) -> Request {
        self.numbered(Method::Ack, cseq)
    }

    /// Whether the way to the peer is the one it names itself, so that no NAT stands in it.
    pub(crate) fn is_where_it_says(&self) -> bool {
        let is_named = |(remote, _)| remote == self.flow.remote;
        self.reach == Reach::Named || address_of(&self.target).is_some_and(is_named)
    }

    /// Where the next hop says it is, if it says so by address.
    fn next_hop(&self) -> Option<(SocketAddr, Transport)> {
        address_of(self.routes.first().map_or(&self.target, |route| &route.uri))
    }

    /// A request with the route set applied (§12.2.1.1).
    fn numbered(&self, method: Method, number: u32) -> Request {
        let (uri, routes) = self.routed();
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        for route in routes {
            headers.push("Route", route.to_wire());
        }
        headers.push("From", self.local.to_wire());
        headers.push("To", self.remote.to_wire());
        headers.push("Call-ID", self.call_id.clone());
        headers.push("CSeq", CSeq { number, method: method.clone() }.to_wire());
        Request { method, uri, headers, body: Bytes::new() }
    }

    /// The request URI and the Route values: a strict router takes the URI's place, and the target
    /// goes to the end of the route.
    fn routed(&self) -> (Uri, Vec<NameAddr>) {
        match self.routes.split_first() {
            Some((first, rest)) if !first.uri.is_loose_router() => {
                let mut routes = rest.to_vec();
                routes.push(NameAddr::new(self.target.clone()));
                (Uri { headers: None, ..first.uri.clone() }, routes)
            }
            _ => (self.target.clone(), self.routes.clone()),
        }
    }
}

/// The first contact of a message.
pub(crate) fn contact(headers: &Headers) -> Option<Uri> {
    match headers.contacts().ok()? {
        crate::wire::Contacts::List(contacts) => contacts.into_iter().next().map(|one| one.uri),
        crate::wire::Contacts::All => None,
    }
}

/// The address and transport of a URI whose host is an address. Within a dialog no name is looked up:
/// requests go on where the dialog began.
pub(crate) fn address_of(uri: &Uri) -> Option<(SocketAddr, Transport)> {
    let server = NextHop::of(uri)?;
    Some((server.address()?, server.transport))
}

/// Whether an address means something within its own network only.
pub fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let shared = Ipv4Addr::new(100, 64, 0, 0).to_bits() >> 22; // RFC 6598
            ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_unspecified()
                || ip.to_bits() >> 22 == shared
        }
        IpAddr::V6(ip) => {
            ip.is_loopback()
                || ip.is_unspecified()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
        }
    }
}
