//! What the sockets may ask about a peer, to spend nothing on strangers.

use std::net::IpAddr;

use super::{Endpoint, Flow};

impl Endpoint {
    /// Whether messages of `source` are expected: it is a trunk's, a registered phone's, or that of
    /// the other side of a dialog.
    pub fn knows_source(&self, source: IpAddr) -> bool {
        self.core.trunk_of(source).is_some()
            || self.flows_in_use().any(|flow| flow.remote.ip() == source)
    }

    /// Whether a registration or a dialog needs this flow, so that it stays open when nothing comes.
    pub fn uses_flow(&self, flow: &Flow) -> bool {
        self.flows_in_use().any(|used| used == *flow)
    }

    fn flows_in_use(&self) -> impl Iterator<Item = Flow> {
        self.registrar.flows().chain(self.legs.flows())
    }
}
