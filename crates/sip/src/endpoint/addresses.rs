//! Which of our addresses a peer sees, where a listener is bound to all of them.
//!
//! The kernel knows; the driver asks it before an input that needs the answer
//! ([`Endpoint::unknown_way`]) and gives it as a value ([`super::Input::OwnAddress`]).
//!
//! # Assumptions
//! A dialog that moves to a host of which nothing was ever heard uses the address learned last: the
//! host belongs to the network of the peer that named it.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{Instant, LegCommand};

use super::core::Core;
use super::flow::{Flow, ListenerId};
use super::{Endpoint, Input};

/// Our address towards each peer of a listener without one of its own.
pub(super) struct Addresses {
    towards: BTreeMap<(ListenerId, IpAddr), Learned>,
    last: BTreeMap<ListenerId, IpAddr>,
}

struct Learned {
    own: IpAddr,
    at: Instant,
}

impl Addresses {
    pub(super) const fn new() -> Self {
        Self { towards: BTreeMap::new(), last: BTreeMap::new() }
    }

    pub(super) fn learn(&mut self, now: Instant, flow: Flow, own: IpAddr) {
        if self.towards.len() >= MOST {
            self.towards.retain(|_, learned| learned.is_fresh(now));
        }
        self.last.insert(flow.listener, own);
        if self.towards.len() < MOST {
            let learned = Learned { own, at: now };
            self.towards.insert((flow.listener, flow.remote.ip()), learned);
        }
    }

    fn knows(&self, now: Instant, flow: Flow) -> bool {
        let learned = self.towards.get(&(flow.listener, flow.remote.ip()));
        learned.is_some_and(|learned| learned.is_fresh(now))
    }

    fn towards(&self, flow: Flow) -> Option<IpAddr> {
        let learned = self.towards.get(&(flow.listener, flow.remote.ip()));
        learned.map(|learned| learned.own).or_else(|| self.last.get(&flow.listener).copied())
    }

    fn has(&self, ip: IpAddr) -> bool {
        self.last.values().any(|own| *own == ip)
    }
}

impl Learned {
    fn is_fresh(&self, now: Instant) -> bool {
        now.since(self.at) < FRESH
    }
}

impl Core {
    /// The address the peer of `flow` reaches us at.
    pub(super) fn own_address(&self, flow: Flow) -> SocketAddr {
        let advertised = self.settings.advertised(flow.listener).unwrap_or(flow.remote);
        if !advertised.ip().is_unspecified() {
            return advertised;
        }
        let own = self.addresses.towards(flow).unwrap_or_else(|| advertised.ip());
        SocketAddr::new(own, advertised.port())
    }

    /// Whether an address is one of ours.
    pub(super) fn is_own(&self, ip: IpAddr) -> bool {
        let mut listeners = self.settings.listeners.iter();
        listeners.any(|one| one.advertised.ip() == ip) || self.addresses.has(ip)
    }
}

impl Endpoint {
    /// The way whose own address must be told by [`Input::OwnAddress`] before this input is
    /// applied: only where a listener is bound to every address and none is advertised.
    pub fn unknown_way(&self, now: Instant, input: &Input) -> Option<Flow> {
        let flow = match input {
            Input::Message { flow, .. } => *flow,
            Input::Command(LegCommand::Dial { target, .. }) => self.way_to(now, target)?,
            _ => return None,
        };
        let advertised = self.core.settings.advertised(flow.listener)?;
        let known = !advertised.ip().is_unspecified() || self.core.addresses.knows(now, flow);
        (!known).then_some(flow)
    }
}

/// How long an answer of the kernel holds; routes may change.
const FRESH: Duration = Duration::from_secs(60);
/// The most peers remembered at one time.
const MOST: usize = 10_000;
