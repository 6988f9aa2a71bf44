//! What the generator talks to: the engine's shards, or the floor.

use std::net::SocketAddr;
use std::time::Duration;

use os::scheduling::Scheduling;

/// Something that answers packets.
pub(crate) trait Server: Sync {
    /// Where each party sends, in the order of their numbers.
    fn targets(&self) -> &[SocketAddr];

    /// Whether each party hears herself and not the others.
    fn echoes(&self) -> bool {
        false
    }

    /// Its counts at this moment.
    fn reading(&self) -> Reading;

    /// What priority its threads have.
    fn scheduling(&self) -> Option<Scheduling>;
}

/// A server's counts at one moment.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reading {
    /// What its threads have used.
    pub(crate) cpu: Duration,
    /// Datagrams received, where the server counts them.
    pub(crate) received: Option<u64>,
    /// Deadlines met more than 2 ms late.
    pub(crate) late: u64,
}
