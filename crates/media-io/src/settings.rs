//! What an operator sets about media sockets and threads.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Which ports media use, and which threads. The address is that of each leg
/// ([`model::OwnAddress`]).
#[derive(Clone, Debug)]
pub struct Settings {
    /// The ports; a leg takes an even one and the odd one above it.
    pub ports: RangeInclusive<u16>,
    /// How long a pair of ports rests after use, so that a former peer's late packets reach nobody.
    pub rest: Duration,
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

impl Settings {
    /// As long as a peer may go on sending while our BYE is lost and repeated (RFC 3261 Timer F).
    pub const REST: Duration = Duration::from_secs(32);
}

impl Default for Settings {
    /// One shard.
    fn default() -> Self {
        Self {
            ports: 20_000..=29_999,
            rest: Self::REST,
            shards: 1,
            priority: Priority::Raised,
            cores: Cores::Any,
        }
    }
}
