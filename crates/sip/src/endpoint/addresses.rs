//! Which of our addresses a peer reaches, and which of our listeners reaches a peer.
//!
//! Where a listener is bound to every address, or there are several, the kernel knows; the driver
//! asks it before an input that needs the answer ([`Endpoint::unknown_peers`]) and gives it as a
//! value ([`super::Input::OwnAddress`]).
//!
//! # Assumptions
//! - A dialog that moves to a host of which nothing was ever heard uses the address learned last:
//!   the host belongs to the network of the peer that named it.
//! - A peer with a private address is on our side of the NAT; every other one is outside.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{Instant, LegCommand, OwnAddress};

use super::core::Core;
use super::flow::{Flow, ListenerId, Transport};
use super::settings::Listener;
use super::{Endpoint, Input};
use crate::dialog::is_private;

/// Our address towards each peer, as the kernel said.
pub(super) struct Addresses {
    towards: BTreeMap<IpAddr, Learned>,
    /// What was learned last, of IPv4 and of IPv6.
    last: [Option<IpAddr>; 2],
}

struct Learned {
    own: IpAddr,
    at: Instant,
}

impl Addresses {
    pub(super) const fn new() -> Self {
        Self { towards: BTreeMap::new(), last: [None; 2] }
    }

    pub(super) fn learn(&mut self, now: Instant, peer: IpAddr, own: IpAddr) {
        if self.towards.len() >= MOST {
            self.towards.retain(|_, learned| learned.is_fresh(now));
        }
        self.last[usize::from(peer.is_ipv6())] = Some(own);
        if self.towards.len() < MOST {
            self.towards.insert(peer, Learned { own, at: now });
        }
    }

    fn knows(&self, now: Instant, peer: IpAddr) -> bool {
        self.towards.get(&peer).is_some_and(|learned| learned.is_fresh(now))
    }

    fn towards(&self, peer: IpAddr) -> Option<IpAddr> {
        let learned = self.towards.get(&peer).map(|learned| learned.own);
        learned.or(self.last[usize::from(peer.is_ipv6())])
    }

    fn has(&self, ip: IpAddr) -> bool {
        self.towards.values().any(|learned| learned.own == ip)
    }
}

impl Learned {
    fn is_fresh(&self, now: Instant) -> bool {
        now.since(self.at) < FRESH
    }
}

impl Core {
    /// How the peer of `flow` reaches us.
    pub(crate) fn own(&self, flow: Flow) -> OwnAddress {
        let peer = flow.remote.ip();
        // A flow of a listener that is none is of no use to anybody, also with this address.
        let Some(listener) = self.settings.listener(flow.listener) else {
            return OwnAddress::direct(peer);
        };
        let bound = listener.address.ip();
        let learned = listener.is_anywhere().then(|| self.addresses.towards(peer)).flatten();
        let local = learned.unwrap_or(bound);
        let public = listener.public.filter(|_| !is_private(peer));
        OwnAddress { local, told: public.unwrap_or(local) }
    }

    /// What we tell the peer of `flow` about ourselves, with the port of its listener.
    pub(super) fn own_address(&self, flow: Flow) -> SocketAddr {
        let listener = self.settings.listener(flow.listener);
        let port = listener.map_or(flow.remote.port(), |listener| listener.address.port());
        SocketAddr::new(self.own(flow).told, port)
    }

    /// The way to `remote`: from the listener at the address that the kernel would use, else from
    /// one that is bound to all, else from one that can be reached from there: a loopback address
    /// is of no use to another host.
    pub(super) fn flow_to(&self, remote: SocketAddr, transport: Transport) -> Option<Flow> {
        let own = self.addresses.towards(remote.ip());
        let is_loopback = remote.ip().is_loopback();
        let rank = |listener: &Listener| match listener.address.ip() {
            ip if own == Some(ip) => 0,
            ip if ip.is_unspecified() => 1,
            ip if ip.is_loopback() == is_loopback => 2,
            _ => 3,
        };
        let listeners = (0..).map(ListenerId).zip(&self.settings.listeners);
        let fitting = listeners.filter(|(_, listener)| listener.is_of_family(remote.ip()));
        let (listener, _) = fitting.min_by_key(|(_, listener)| rank(listener))?;
        Some(Flow { listener, transport, remote })
    }

    /// Whether an address is one of ours.
    pub(super) fn is_own(&self, ip: IpAddr) -> bool {
        let mut listeners = self.settings.listeners.iter();
        let is_at = |one: &Listener| one.address.ip() == ip || one.public == Some(ip);
        listeners.any(is_at) || self.addresses.has(ip)
    }

    /// Whether the kernel has a say in how `peer` is reached.
    fn has_choice(&self, peer: IpAddr) -> bool {
        let listeners = self.settings.listeners.iter();
        let mut fitting = listeners.filter(|listener| listener.is_of_family(peer));
        fitting.next().is_some_and(Listener::is_anywhere) || fitting.next().is_some()
    }
}

impl Endpoint {
    /// The peers towards which our own address must be told by [`Input::OwnAddress`] before this
    /// input is applied: only where a listener is bound to every address, or there are several.
    pub fn unknown_peers(&self, now: Instant, input: &Input) -> Vec<IpAddr> {
        let core = &self.core;
        let mut peers: Vec<IpAddr> = match input {
            Input::Message { flow, .. } => {
                let listener = core.settings.listener(flow.listener);
                let is_anywhere = listener.is_some_and(Listener::is_anywhere);
                is_anywhere.then(|| flow.remote.ip()).into_iter().collect()
            }
            Input::LookedUp { found: Some(found), .. } => {
                let peers = found.addresses.iter().map(SocketAddr::ip);
                peers.filter(|peer| core.has_choice(*peer)).collect()
            }
            Input::Command(LegCommand::Locate { target, .. } | LegCommand::Dial { target, .. }) => {
                let flows = self.flows_to(now, target).into_iter();
                flows.map(|flow| flow.remote.ip()).filter(|peer| core.has_choice(*peer)).collect()
            }
            _ => Vec::new(),
        };
        peers.retain(|peer| !core.addresses.knows(now, *peer));
        peers
    }
}

/// How long an answer of the kernel holds; routes may change.
const FRESH: Duration = Duration::from_secs(60);
/// The most peers remembered at one time.
const MOST: usize = 10_000;
