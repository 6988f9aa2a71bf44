//! The rooms of a shard: by name, and by place, which a leg remembers of its own.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use model::RoomId;

use crate::leg::Leg;
use crate::legs::Scatter;
use crate::room::{Form, Room};

/// A table of rooms; allocated once. A room has the same place as long as it is here.
#[derive(Debug)]
pub(crate) struct Rooms {
    places: Vec<Option<Room>>,
    free: Vec<u32>,
    names: HashMap<RoomId, u32, BuildHasherDefault<Scatter>>,
}

/// Where a leg found its room last.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(u32);

impl Rooms {
    pub(crate) fn with_capacity(rooms: usize) -> Self {
        Self {
            places: Vec::with_capacity(rooms),
            free: Vec::with_capacity(rooms),
            // Twice, so that names that come and go never make it tidy up by growing.
            names: HashMap::with_capacity_and_hasher(2 * rooms, BuildHasherDefault::default()),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Takes a room in that is not here.
    pub(crate) fn insert(&mut self, room: Room) {
        let place = self.free.pop().unwrap_or_else(|| {
            self.places.push(None);
            u32::try_from(self.places.len() - 1).expect("no more rooms than legs")
        });
        self.names.insert(room.id, place);
        self.places[place as usize] = Some(room);
    }

    pub(crate) fn remove(&mut self, room: RoomId) -> Option<Room> {
        let place = self.names.remove(&room)?;
        self.free.push(place);
        self.places[place as usize].take()
    }

    pub(crate) fn get_mut(&mut self, room: RoomId) -> Option<&mut Room> {
        let place = *self.names.get(&room)?;
        self.places[place as usize].as_mut()
    }

    /// How a room's legs are mixed.
    pub(crate) fn form(&mut self, room: RoomId) -> Option<&mut Form> {
        self.get_mut(room).map(|room| &mut room.form)
    }

    /// The room of `leg`, where it was last.
    pub(crate) fn probably(&self, leg: &Leg) -> Option<&Room> {
        self.places.get(leg.room_place.0 as usize)?.as_ref()
    }

    /// How the room of `leg` is mixed; looked for by name only where the leg does not remember it.
    pub(crate) fn form_of(&mut self, leg: &mut Leg) -> Option<&mut Form> {
        let (id, held) = (leg.room(), |place: Place| place.0 as usize);
        let is_known = |room: &Option<Room>| room.as_ref().is_some_and(|room: &Room| room.id == id);
        if !self.places.get(held(leg.room_place)).is_some_and(is_known) {
            leg.room_place = Place(*self.names.get(&id)?);
        }
        self.places[held(leg.room_place)].as_mut().map(|room| &mut room.form)
    }
}

impl Place {
    /// Not yet found.
    pub(crate) const UNKNOWN: Self = Self(u32::MAX);
}
