//! How a media shard stands: numbers, and nothing about a call.

use std::fmt;

/// One media shard at one moment. Counts grow from the shard's start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShardState {
    /// Percent of a core its thread worked in the last half second.
    pub load_percent: u8,
    /// How its thread competes for its core; `None` before it runs.
    pub scheduling: Option<Scheduling>,
    /// Legs it serves.
    pub legs: u64,
    /// Rooms in which they hear each other.
    pub rooms: u64,
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
    /// Datagrams dropped: strangers', malformed and forged ones.
    pub dropped: u64,
    /// Those of them that are no RTP or RTCP, or of no use to their codec.
    pub malformed: u64,
    /// Those of them that came from where an encrypted peer is and were not made with its key.
    pub forged: u64,
    /// Wake-ups more than 2 ms after their deadline.
    pub late: u64,
    /// Frames that were never made, because the shard came too late for them.
    pub skipped: u64,
    /// Inputs whose handling panicked; the leg concerned was removed.
    pub panicked: u64,
    /// Times a ring to or from the shard was full for 100 ms.
    pub stalled: u64,
    /// Times its thread took no turn for seconds, and another was put in its place.
    pub replaced: u64,
    /// Whether its thread has taken no turn for seconds: its legs have no sound.
    pub is_stuck: bool,
}

/// How a thread competes for its core, as far as the system granted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheduling {
    /// `SCHED_FIFO` at priority 50: runs before everything that is not real-time.
    Fifo,
    /// A nice value of −15: a larger share, but it may wait its turn.
    Nice,
    /// Nothing: it competes like any other thread.
    Ordinary,
}

impl ShardState {
    /// Datagrams dropped because they came from somebody else than the leg's peer.
    pub const fn strangers(&self) -> u64 {
        self.dropped.saturating_sub(self.malformed + self.forged)
    }
}

impl fmt::Display for Scheduling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Fifo => "real-time (SCHED_FIFO 50)",
            Self::Nice => "nice -15",
            Self::Ordinary => "ordinary",
        })
    }
}
