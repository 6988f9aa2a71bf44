//! What an operator sets about media sockets and threads.

use std::net::{IpAddr, Ipv4Addr};
use std::ops::RangeInclusive;

/// Where media is exchanged, and by which threads.
#[derive(Clone)]
pub struct Settings {
    /// The address the media sockets are bound to.
    pub address: IpAddr,
    /// The address peers are told to send to.
    pub advertised: IpAddr,
    /// The ports; a leg takes an even one and the odd one above it.
    pub ports: RangeInclusive<u16>,
    /// How many shards, at least one: a room belongs to one of them.
    pub shards: usize,
    /// How the shards' threads compete with others.
    pub priority: Priority,
    /// Where the shards' threads run.
    pub cores: Cores,
}

/// How a thread competes for its core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// The best the system grants: real-time, else nice.
    Raised,
    /// Like any other thread.
    Ordinary,
}

/// Where a thread may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// Each shard on a core of its own, counted from the last one.
    Pinned,
    /// Wherever the system puts it.
    Any,
}

impl Default for Settings {
    /// One shard on loopback.
    fn default() -> Self {
        Self {
            address: Ipv4Addr::LOCALHOST.into(),
            advertised: Ipv4Addr::LOCALHOST.into(),
            ports: 20_000..=29_999,
            shards: 1,
            priority: Priority::Raised,
            cores: Cores::Any,
        }
    }
}

/// Hides the addresses.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings")
            .field("ports", &self.ports)
            .field("shards", &self.shards)
            .field("priority", &self.priority)
            .field("cores", &self.cores)
            .finish_non_exhaustive()
    }
}
