//! Rooms that several calls share: everybody who dialled the same number of a lab hears all others.
//!
//! A room is there as long as one of its calls is. What is sent for a call that joins does not
//! depend on how many are there; one that leaves takes its leg with it, and that is all.

use std::collections::{BTreeMap, BTreeSet};

use dialplan::{Conference, Extension};
use model::{CallId, MediaCommand, RoomId};

use crate::Switchboard;

/// All shared rooms, by the number that leads to each.
pub(crate) type Rooms = BTreeMap<Extension, SharedRoom>;

/// One shared room.
#[derive(Debug)]
pub(crate) struct SharedRoom {
    room: RoomId,
    /// The version of its matrix.
    version: u64,
    guests: BTreeSet<CallId>,
}

impl Switchboard {
    /// The room of a number for one call more.
    pub(crate) fn join_room(&mut self, id: CallId, conference: &Conference) -> RoomId {
        let new = RoomId(self.chance.next_u64());
        let shared = self.rooms.entry(conference.extension.clone()).or_insert_with(|| SharedRoom {
            room: new,
            version: 0,
            guests: BTreeSet::new(),
        });
        shared.guests.insert(id);
        shared.room
    }

    /// Everyone hears all others, also who has just been opened in it. Said for each of them, since
    /// a room whose first leg was refused has never begun.
    pub(crate) fn confer(&mut self, extension: &Extension) {
        let Some(shared) = self.rooms.get_mut(extension) else { return };
        shared.version += 1;
        let (room, version) = (shared.room, shared.version);
        self.media(MediaCommand::Confer { room, version, except: Vec::new() });
    }

    /// Takes a call out of the room of a number.
    pub(crate) fn leave_room(&mut self, extension: &Extension, id: CallId) {
        let Some(shared) = self.rooms.get_mut(extension) else { return };
        shared.guests.remove(&id);
        if shared.guests.is_empty() {
            self.rooms.remove(extension);
        }
    }

    /// Takes a call out of every room by its id, without trusting its state.
    pub(crate) fn leave_rooms(&mut self, id: CallId) {
        self.rooms.retain(|_, shared| {
            shared.guests.remove(&id);
            !shared.guests.is_empty()
        });
    }
}
