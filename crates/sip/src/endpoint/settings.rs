//! What an operator sets, as values.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::{AdvocateId, TrunkId};

use super::flow::ListenerId;
use super::network::Network;
use super::next_hop::NextHop;
use crate::digest::Secret;

/// Everything an [`crate::Endpoint`] is configured with.
#[derive(Debug)]
pub struct Settings {
    /// Our addresses; a [`ListenerId`] is a position in this list.
    pub listeners: Vec<Listener>,
    /// Carriers and PBXs; a [`TrunkId`] is a position in this list.
    pub trunks: Vec<Trunk>,
    /// More servers whose names are to be known before they are dialled.
    pub servers: Vec<NextHop>,
    /// The advocates' accounts.
    pub users: Vec<User>,
    /// The realm of our digest challenges (RFC 8760).
    pub realm: String,
    /// How much may exist at one time.
    pub limits: Limits,
}

/// One of our addresses.
#[derive(Clone, Copy)]
pub struct Listener {
    /// The address it is bound to. One that names no host (`0.0.0.0`, `::`) stands for the address
    /// the kernel would use towards each peer.
    pub address: SocketAddr,
    /// The address of a NAT in front of us: what peers outside private networks are told instead.
    pub public: Option<IpAddr>,
    /// Whether it is for phones that know no digest but MD5.
    pub legacy_md5: bool,
}

/// A carrier or PBX.
pub struct Trunk {
    /// The operator's name for it.
    pub name: String,
    /// Where its calls come from; none, when it only takes calls.
    pub sources: Vec<Network>,
    /// Where calls through it go; none, when it only brings calls. Calls from all addresses of a
    /// server that is named are its calls too.
    pub address: Option<NextHop>,
    /// What may answer its challenges. Without an account it never gets credentials.
    pub account: Option<Account>,
    /// The user part of From on calls through it, where the carrier wants to see its own.
    pub from_user: Option<String>,
}

/// A name and password for digest.
pub struct Account {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: Secret,
}

/// An advocate's account for her phones.
pub struct User {
    /// Whose it is.
    pub advocate: AdvocateId,
    /// What her phones register as.
    pub username: String,
    /// Its password.
    pub password: Secret,
}

/// Who is served, and how much may exist at one time; beyond it, new work is refused with 503 and
/// Retry-After.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Who is served.
    pub served: Served,
    /// Legs, those being ended included.
    pub legs: usize,
    /// Transactions of either side; a quarter is kept for running calls.
    pub transactions: usize,
    /// Registered contacts of one advocate.
    pub contacts: usize,
    /// What Retry-After says.
    pub retry_after: Duration,
}

/// Who is served; all others get 403 for every request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Served {
    /// Whoever comes.
    #[default]
    Everybody,
    /// Whoever comes from an address of loopback.
    ThisMachine,
}

impl Served {
    /// Whether a request from `source` is served.
    pub(crate) fn includes(self, source: IpAddr) -> bool {
        match self {
            Self::Everybody => true,
            Self::ThisMachine => source.to_canonical().is_loopback(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            served: Served::Everybody,
            legs: 2000,
            transactions: 20_000,
            contacts: 8,
            retry_after: Duration::from_secs(10),
        }
    }
}

impl Listener {
    /// At `address`, with no NAT in front of it, for phones that know SHA-256.
    pub const fn at(address: SocketAddr) -> Self {
        Self { address, public: None, legacy_md5: false }
    }

    /// Whether it is bound to every address of its family.
    pub(crate) const fn is_anywhere(&self) -> bool {
        self.address.ip().is_unspecified()
    }

    /// Whether it can speak with `remote` at all.
    pub(crate) const fn is_of_family(&self, remote: IpAddr) -> bool {
        self.address.is_ipv4() == remote.is_ipv4()
    }
}

impl Settings {
    /// One of our listeners.
    pub(crate) fn listener(&self, id: ListenerId) -> Option<&Listener> {
        self.listeners.get(usize::from(id.0))
    }

    /// Whether a listener challenges with MD5.
    pub(crate) fn legacy_md5(&self, listener: ListenerId) -> bool {
        self.listener(listener).is_some_and(|listener| listener.legacy_md5)
    }

    /// A trunk by its position.
    pub(crate) fn trunk(&self, id: TrunkId) -> Option<&Trunk> {
        self.trunks.get(usize::try_from(id.0).ok()?)
    }

    /// The first trunk that sends from `source`; `has_address` says it of a server that is named.
    pub(crate) fn trunk_of(
        &self,
        source: IpAddr,
        has_address: impl Fn(&NextHop) -> bool,
    ) -> Option<TrunkId> {
        let sends = |trunk: &Trunk| {
            trunk.sources.iter().any(|range| range.contains(source))
                || trunk.address.as_ref().is_some_and(&has_address)
        };
        let position = self.trunks.iter().position(sends)?;
        u32::try_from(position).ok().map(TrunkId)
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("legacy_md5", &self.legacy_md5).finish_non_exhaustive()
    }
}

impl fmt::Debug for Trunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trunk").field("name", &self.name).finish_non_exhaustive()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(<redacted>)")
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("advocate", &self.advocate).finish_non_exhaustive()
    }
}
