//! What a shard counts, readable by any thread without a lock.

use std::sync::atomic::{AtomicU64, Ordering};

use os::scheduling::Scheduling;

/// One shard's counters: written by its thread, read by anyone.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: [AtomicU64; COUNTS],
}

/// What is counted. The order is that of [`Counters`].
#[derive(Clone, Copy)]
pub(crate) enum Count {
    Received,
    Sent,
    SendFailed,
    PeerRefused,
    ReceiveFailed,
    Dropped,
    Forged,
    Late,
    Stalled,
    Panicked,
    Load,
    Scheduling,
}

/// The state of one shard at one moment. Numbers only: nothing about a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Datagrams received.
    pub received: u64,
    /// Datagrams sent.
    pub sent: u64,
    /// Datagrams the kernel would not take.
    pub send_failed: u64,
    /// ICMP "port unreachable" from a peer; never a reason to end anything.
    pub peer_refused: u64,
    /// Other errors on receiving.
    pub receive_failed: u64,
    /// Datagrams dropped: strangers', forged ones, and what is no RTP or RTCP.
    pub dropped: u64,
    /// Those of them that came from where an encrypted peer is and were not made with its key.
    pub forged: u64,
    /// Wake-ups more than 2 ms after their deadline.
    pub late: u64,
    /// Times a ring to or from the shard was full for 100 ms.
    pub stalled: u64,
    /// Inputs whose handling panicked; the leg concerned was removed.
    pub panicked: u64,
    /// Percent of the last half second the thread worked.
    pub load_percent: u8,
    /// What priority the thread has.
    pub scheduling: Option<Scheduling>,
}

impl Tally {
    pub(crate) fn add(&self, count: Count, more: u64) {
        self.counts[count as usize].fetch_add(more, Ordering::Relaxed);
    }

    /// Says a count whose whole is known.
    pub(crate) fn set(&self, count: Count, whole: u64) {
        self.counts[count as usize].store(whole, Ordering::Relaxed);
    }

    pub(crate) fn set_load(&self, percent: u8) {
        self.set(Count::Load, u64::from(percent));
    }

    pub(crate) fn set_scheduling(&self, scheduling: Scheduling) {
        let index = SCHEDULINGS.iter().position(|&known| known == scheduling);
        let code = index.map_or(0, |index| index as u64 + 1);
        self.set(Count::Scheduling, code);
    }

    pub(crate) fn read(&self) -> Counters {
        let [
            received,
            sent,
            send_failed,
            peer_refused,
            receive_failed,
            dropped,
            forged,
            late,
            stalled,
            panicked,
            load,
            code,
        ] = std::array::from_fn(|index| self.counts[index].load(Ordering::Relaxed));
        Counters {
            received,
            sent,
            send_failed,
            peer_refused,
            receive_failed,
            dropped,
            forged,
            late,
            stalled,
            panicked,
            load_percent: u8::try_from(load).unwrap_or(100),
            scheduling: (code as usize).checked_sub(1).and_then(|i| SCHEDULINGS.get(i)).copied(),
        }
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
        let expected = Counters {
            received: 3,
            stalled: 1,
            load_percent: 42,
            scheduling: Some(Scheduling::Nice),
            ..Counters::default()
        };
        assert_eq!(tally.read(), expected);
    }
}
