//! Peers that take no connections, so that a long request is not tried by TCP again at once
//! (RFC 3261 §18.1.1).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use model::Instant;

use super::flow::{Flow, Transport};

/// The peers of failed connections, by when they failed.
pub(super) struct Streams(BTreeMap<SocketAddr, Instant>);

impl Streams {
    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Whether a long request may be tried by TCP.
    pub(super) fn may_try(&self, now: Instant, flow: Flow) -> bool {
        let failed = self.0.get(&flow.remote);
        flow.transport == Transport::Udp && failed.is_none_or(|at| now.since(*at) >= MEMORY)
    }

    /// Notes that the peer of `flow` takes no connection.
    pub(super) fn failed(&mut self, now: Instant, flow: Flow) {
        self.0.retain(|_, at| now.since(*at) < MEMORY);
        self.0.insert(flow.remote, now);
    }
}

/// How long a peer is remembered.
const MEMORY: Duration = Duration::from_secs(600);
