//! The control side: offers and answers (RFC 3264), and everything a shard must not allocate.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use model::{Chance, Instant, LegId, MediaCommand};

use crate::{Library, Output};

/// Negotiates for all legs of all shards.
#[derive(Debug)]
pub struct Negotiator {
    chance: Chance,
    library: Arc<Library>,
    outputs: VecDeque<Output>,
}

impl Negotiator {
    /// A negotiator without legs.
    pub fn new(chance: Chance, library: Arc<Library>) -> Self {
        Self { chance, library, outputs: VecDeque::new() }
    }

    /// Replaces the recordings for all requests from now on.
    pub fn set_library(&mut self, library: Arc<Library>) {
        self.library = library;
    }

    /// Applies one command. `place` is the advertised address and even RTP port (RTCP on the next)
    /// that the driver has bound for an `Open`, and `None` for everything else or when no port is
    /// free. A refused `Open` yields no [`crate::ShardCommand::Open`]: the driver frees the port.
    pub fn handle_command(
        &mut self,
        _now: Instant,
        _command: MediaCommand,
        _place: Option<SocketAddr>,
    ) {
        let _ = self.chance.next_u64();
    }

    /// What is to be done, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Removes a leg by name without trusting its state, after a panic; the shard retires it.
    pub fn forget(&mut self, _leg: LegId) {}
}
