//! Who hears whom: a room's matrix with a playout per audible pair.

use model::RoomId;

/// One version of a room's matrix.
#[derive(Debug)]
pub struct Room {
    pub(crate) id: RoomId,
    pub(crate) version: u64,
}
