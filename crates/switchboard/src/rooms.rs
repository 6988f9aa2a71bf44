//! Rooms that several calls share: everybody who dialled the same number of a lab hears all others.
//!
//! A room is there as long as one of its calls is. Media is told once that all hear all others, and
//! that holds for whoever comes later; one that leaves takes its leg with it, and that is all.

use std::collections::{BTreeMap, BTreeSet};

use dialplan::{Conference, Extension};
use model::{CallId, MediaCommand, RoomId};

use crate::Switchboard;
use crate::call::Stage;

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

    /// A call's leg has been opened in its room. The first one makes it a room where everyone hears
    /// all others.
    pub(crate) fn opened_in_room(&mut self, extension: &Extension) {
        if self.rooms.get(extension).is_some_and(|shared| shared.guests.len() == 1) {
            self.confer(extension);
        }
    }

    /// Takes a call out of the room of a number.
    pub(crate) fn leave_room(&mut self, extension: &Extension, id: CallId, stage: &Stage) {
        let Some(shared) = self.rooms.get_mut(extension) else { return };
        if !shared.guests.remove(&id) {
            return;
        }
        if shared.guests.is_empty() {
            self.rooms.remove(extension);
        } else if matches!(stage, Stage::Arriving) {
            // Media knows no room whose only leg it has refused, and has forgotten what it was told.
            self.confer(extension);
        }
    }

    /// Takes a call out of every room by its id, without trusting its state.
    pub(crate) fn leave_rooms(&mut self, id: CallId) {
        let extensions: Vec<Extension> = self.rooms.keys().cloned().collect();
        for extension in extensions {
            self.leave_room(&extension, id, &Stage::Arriving);
        }
    }

    fn confer(&mut self, extension: &Extension) {
        let Some(shared) = self.rooms.get_mut(extension) else { return };
        shared.version += 1;
        let (room, version) = (shared.room, shared.version);
        self.media(MediaCommand::Confer { room, version, except: Vec::new() });
    }
}
