//! One way to reach an advocate, and how it is found out.

use model::{ContactId, Instant};

use crate::dialog::address_of;
use crate::endpoint::{Flow, Received, Transport};
use crate::wire::Uri;

/// A contact, the way to it, and the REGISTER that made it.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) id: ContactId,
    /// The Contact as registered: the Request-URI of calls.
    pub(crate) uri: Uri,
    /// The way to it.
    pub(crate) flow: Flow,
    pub(super) expires: Instant,
    pub(super) call_id: String,
    pub(super) cseq: u32,
}

impl Binding {
    /// Whether a REGISTER of the same phone is older than the one that made this (§10.3, step 7).
    pub(super) fn is_newer_than(&self, call_id: &str, cseq: u32) -> bool {
        self.call_id == call_id && self.cseq >= cseq
    }

    /// Whether `uri` is this contact's, by the parts that lead to different places (§19.1.4).
    pub(super) fn is_at(&self, uri: &Uri) -> bool {
        let transport = |uri: &Uri| uri.params.value("transport").map(str::to_ascii_lowercase);
        let own = &self.uri;
        own.scheme == uri.scheme
            && own.user == uri.user
            && own.host == uri.host
            && own.port == uri.port
            && transport(own) == transport(uri)
    }
}

/// The way to a contact: the connection it registered over, or the address it sent from. Only a
/// Contact at that very host may name another port or transport: anything else is the address of a
/// phone behind a NAT, or of somebody who never asked for calls.
pub(super) fn flow_to(uri: &Uri, received: &Received) -> Flow {
    let source = received.flow;
    match address_of(uri) {
        Some((remote, transport))
            if source.transport == Transport::Udp && remote.ip() == source.remote.ip() =>
        {
            Flow { remote, transport, ..source }
        }
        _ => source,
    }
}
