//! One party's media in a shard.

use model::{LegId, RoomId};

/// Everything a leg will ever need in a shard, allocated before it enters.
#[derive(Debug)]
pub struct Leg {
    id: LegId,
    room: RoomId,
}

impl Leg {
    /// Its name.
    pub const fn id(&self) -> LegId {
        self.id
    }

    /// The room it belongs to.
    pub const fn room(&self) -> RoomId {
        self.room
    }
}
