//! A shard whose every call runs under a count of the heap: it uses none, whatever it is told and
//! whatever comes. What a command needs comes with it, and goes back by `Retired`.

use std::net::SocketAddr;
use std::ops::{Deref, DerefMut};

use media::{Channel, Seat, Shard, ShardCommand, ShardEvent};
use model::Instant;
use os::CountingAllocator;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

/// A shard as its thread would call it.
pub(crate) struct RealTime {
    shard: Shard,
    /// How often it used the heap so far.
    pub(crate) uses: u64,
}

impl RealTime {
    pub(crate) fn new(legs: usize) -> Self {
        Self { shard: Shard::new(legs), uses: 0 }
    }

    pub(crate) fn handle_command(&mut self, now: Instant, command: ShardCommand) {
        self.count(|shard| shard.handle_command(now, command));
    }

    pub(crate) fn handle_packet(
        &mut self,
        now: Instant,
        leg: impl Into<Seat>,
        channel: Channel,
        source: SocketAddr,
        packet: &mut [u8],
    ) {
        self.count(|shard| shard.handle_packet(now, leg, channel, source, packet));
    }

    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        self.count(|shard| shard.handle_timeout(now));
    }

    pub(crate) fn poll_event(&mut self) -> Option<ShardEvent> {
        self.count(Shard::poll_event)
    }

    fn count<T>(&mut self, work: impl FnOnce(&mut Shard) -> T) -> T {
        let (done, uses) = CountingAllocator::uses(|| work(&mut self.shard));
        self.uses += uses;
        done
    }
}

/// For what needs no counting.
impl Deref for RealTime {
    type Target = Shard;

    fn deref(&self) -> &Shard {
        &self.shard
    }
}

impl DerefMut for RealTime {
    fn deref_mut(&mut self) -> &mut Shard {
        &mut self.shard
    }
}

#[test]
fn the_guard_sees_what_is_used() {
    let (kept, uses) = CountingAllocator::uses(|| std::hint::black_box(vec![0_u8; 100]));
    let ((), frees) = CountingAllocator::uses(|| drop(kept));
    assert_eq!((uses, frees), (1, 1));
}
