//! The real-time side: packets and timers of all legs of one thread.

use std::collections::VecDeque;
use std::net::SocketAddr;

use model::{Instant, LegId};

use crate::{Channel, ShardCommand, ShardEvent, Transmit};

/// One shard.
#[derive(Debug)]
pub struct Shard {
    transmits: VecDeque<Transmit>,
    events: VecDeque<ShardEvent>,
}

impl Shard {
    /// An empty shard with room for `legs` legs; more make it allocate once.
    pub fn new(legs: usize) -> Self {
        Self { transmits: VecDeque::with_capacity(2 * legs), events: VecDeque::with_capacity(legs) }
    }

    /// Applies one command; late or unknown ones change nothing.
    pub fn handle_command(&mut self, _now: Instant, _command: ShardCommand) {}

    /// Takes in one packet from the network.
    pub fn handle_packet(
        &mut self,
        _now: Instant,
        _leg: LegId,
        _channel: Channel,
        _source: SocketAddr,
        _packet: &[u8],
    ) {
    }

    /// Does what is due at `now`.
    pub fn handle_timeout(&mut self, _now: Instant) {}

    /// The next packet to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.transmits.pop_front()
    }

    /// The next thing to report.
    pub fn poll_event(&mut self) -> Option<ShardEvent> {
        self.events.pop_front()
    }

    /// When [`Self::handle_timeout`] is wanted next.
    pub fn deadline(&self) -> Option<Instant> {
        None
    }

    /// Removes a leg by name without trusting its state, after a panic.
    pub fn forget(&mut self, _leg: LegId) {}
}
