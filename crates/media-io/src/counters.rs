//! What a shard counts, readable by any thread without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use media::Shard;
use model::{Scheduling, ShardState};

/// One shard's counters: written by its thread, read by anyone.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: [AtomicU64; COUNTS],
}

/// What a shard has counted so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    dropped: u64,
    malformed: u64,
    forged: u64,
    skipped: u64,
}

/// What is counted; [`ShardState`] says what each means.
#[derive(Clone, Copy)]
pub(crate) enum Count {
    Received,
    Sent,
    SendFailed,
    PeerRefused,
    ReceiveFailed,
    Dropped,
    Malformed,
    Forged,
    Late,
    Skipped,
    Stalled,
    Replaced,
    Panicked,
    Legs,
    Rooms,
    Turns,
    Load,
    Scheduling,
}

impl Tally {
    pub(crate) fn add(&self, count: Count, more: u64) {
        self.counts[count as usize].fetch_add(more, Ordering::Relaxed);
    }

    /// Takes over what the shard itself has counted, given what was taken before.
    pub(crate) fn take_over(&self, shard: &Shard, before: &mut Counted) {
        let now = Counted {
            dropped: shard.dropped(),
            malformed: shard.malformed(),
            forged: shard.forged(),
            skipped: shard.skipped(),
        };
        self.add_all(Count::Dropped, before.dropped, now.dropped);
        self.add_all(Count::Malformed, before.malformed, now.malformed);
        self.add_all(Count::Forged, before.forged, now.forged);
        self.add_all(Count::Skipped, before.skipped, now.skipped);
        *before = now;
        self.set(Count::Legs, shard.legs() as u64);
        self.set(Count::Rooms, shard.rooms() as u64);
    }

    /// Turns of the thread, and of those before it in its place.
    pub(crate) fn turns(&self) -> u64 {
        self.count(Count::Turns)
    }

    pub(crate) fn set_load(&self, percent: u8) {
        self.set(Count::Load, u64::from(percent));
    }

    pub(crate) fn set_scheduling(&self, scheduling: Scheduling) {
        let index = SCHEDULINGS.iter().position(|&known| known == scheduling);
        let code = index.map_or(0, |index| index as u64 + 1);
        self.set(Count::Scheduling, code);
    }

    pub(crate) fn read(&self) -> ShardState {
        let scheduling = (self.count(Count::Scheduling) as usize).checked_sub(1);
        ShardState {
            load_percent: u8::try_from(self.count(Count::Load)).unwrap_or(100),
            scheduling: scheduling.and_then(|index| SCHEDULINGS.get(index)).copied(),
            legs: self.count(Count::Legs),
            rooms: self.count(Count::Rooms),
            received: self.count(Count::Received),
            sent: self.count(Count::Sent),
            send_failed: self.count(Count::SendFailed),
            peer_refused: self.count(Count::PeerRefused),
            receive_failed: self.count(Count::ReceiveFailed),
            dropped: self.count(Count::Dropped),
            malformed: self.count(Count::Malformed),
            forged: self.count(Count::Forged),
            late: self.count(Count::Late),
            skipped: self.count(Count::Skipped),
            panicked: self.count(Count::Panicked),
            stalled: self.count(Count::Stalled),
            replaced: self.count(Count::Replaced),
            is_stuck: false,
        }
    }

    fn count(&self, count: Count) -> u64 {
        self.counts[count as usize].load(Ordering::Relaxed)
    }

    /// Most turns nothing is new.
    fn add_all(&self, count: Count, before: u64, now: u64) {
        if now > before {
            self.add(count, now - before);
        }
    }

    /// Says a count whose whole is known.
    fn set(&self, count: Count, whole: u64) {
        self.counts[count as usize].store(whole, Ordering::Relaxed);
    }
}

const COUNTS: usize = Count::Scheduling as usize + 1;
const SCHEDULINGS: [Scheduling; 3] = [Scheduling::Fifo, Scheduling::Nice, Scheduling::Ordinary];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_is_read_under_its_own_name() {
        let tally = Tally::default();
        tally.add(Count::Received, 3);
        tally.add(Count::Stalled, 1);
        tally.set_load(42);
        assert_eq!(tally.read().scheduling, None);
        tally.set_scheduling(Scheduling::Nice);
        let expected = ShardState {
            received: 3,
            stalled: 1,
            load_percent: 42,
            scheduling: Some(Scheduling::Nice),
            ..ShardState::default()
        };
        assert_eq!(tally.read(), expected);
    }
}
