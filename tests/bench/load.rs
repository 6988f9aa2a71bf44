//! What one run carries: how many rooms of how many parties, and who talks.

use std::fmt;

/// A load of parties that each send one packet of G.711 every 20 ms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Load {
    pub(crate) rooms: usize,
    pub(crate) parties_per_room: usize,
    /// The others send silence.
    pub(crate) talkers_per_room: usize,
    /// Between which the engine divides the rooms.
    pub(crate) shards: usize,
}

impl Load {
    /// Rooms of three, all talking, on one shard.
    pub(crate) const fn rooms_of_three(participants: usize) -> Self {
        let rooms = participants.div_ceil(3);
        Self { rooms, parties_per_room: 3, talkers_per_room: 3, shards: 1 }
    }

    /// One room of all, on one shard.
    pub(crate) const fn one_room(parties_per_room: usize, talkers_per_room: usize) -> Self {
        Self { rooms: 1, parties_per_room, talkers_per_room, shards: 1 }
    }

    pub(crate) const fn with_shards(self, shards: usize) -> Self {
        Self { shards, ..self }
    }

    pub(crate) const fn with_talkers(self, talkers_per_room: usize) -> Self {
        Self { talkers_per_room, ..self }
    }

    pub(crate) const fn participants(&self) -> usize {
        self.rooms * self.parties_per_room
    }

    /// The parties of a room, by their numbers.
    pub(crate) fn room_of(&self, party: usize) -> std::ops::Range<usize> {
        let first = party - party % self.parties_per_room;
        first..first + self.parties_per_room
    }

    /// Whether a party talks.
    pub(crate) const fn talks(&self, party: usize) -> bool {
        party % self.parties_per_room < self.talkers_per_room
    }

    /// Whether a party's bursts are what delay is measured by: one's in each room, where few enough
    /// talk for a burst to stand out.
    pub(crate) const fn bursts(&self, party: usize) -> bool {
        party.is_multiple_of(self.parties_per_room) && self.talkers_per_room <= MOST_TALKERS
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rooms, parties_per_room, talkers_per_room, shards } = self;
        match rooms {
            1 => write!(f, "one room of {parties_per_room}")?,
            _ => write!(f, "{} in rooms of {parties_per_room}", self.participants())?,
        }
        match talkers_per_room {
            all if all == parties_per_room => write!(f, ", all talking")?,
            _ => write!(f, ", {talkers_per_room} talking")?,
        }
        if *shards > 1 { write!(f, ", {shards} shards") } else { Ok(()) }
    }
}

const MOST_TALKERS: usize = 3;
