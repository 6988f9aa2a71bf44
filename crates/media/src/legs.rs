//! The legs of a shard: by name, by seat, and by when they next want something.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use model::{Instant, LegId, RoomId};

use crate::leg::Leg;
use crate::wheel::Wheel;

/// A table of legs; allocated once. A leg has the same seat as long as it is here.
#[derive(Debug)]
pub(crate) struct Legs {
    seats: Vec<Option<Box<Leg>>>,
    free: Vec<u32>,
    names: HashMap<LegId, u32, BuildHasherDefault<Scatter>>,
    wheel: Wheel,
}

impl Legs {
    pub(crate) fn with_capacity(legs: usize) -> Self {
        Self {
            seats: Vec::with_capacity(legs),
            free: Vec::with_capacity(legs),
            // Twice, so that names that come and go never make it tidy up by growing.
            names: HashMap::with_capacity_and_hasher(2 * legs, BuildHasherDefault::default()),
            wheel: Wheel::with_capacity(legs),
        }
    }

    /// Seats, taken or not.
    pub(crate) const fn seats(&self) -> usize {
        self.seats.len()
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    /// Takes a leg in; returns it if its name is taken.
    pub(crate) fn insert(&mut self, leg: Box<Leg>) -> Result<usize, Box<Leg>> {
        if self.names.contains_key(&leg.id()) {
            return Err(leg);
        }
        let seat = self.free.pop().unwrap_or_else(|| self.add_seat());
        self.names.insert(leg.id(), seat);
        self.seats[seat as usize] = Some(leg);
        Ok(seat as usize)
    }

    pub(crate) fn remove(&mut self, leg: LegId) -> Option<Box<Leg>> {
        let seat = self.names.remove(&leg)?;
        self.wheel.set(seat, None);
        self.free.push(seat);
        self.seats[seat as usize].take()
    }

    /// The seat of a leg.
    pub(crate) fn position(&self, leg: LegId) -> Option<usize> {
        self.names.get(&leg).map(|&seat| seat as usize)
    }

    /// The seat of a leg; looked for by name only where it is not where it was last.
    pub(crate) fn position_near(&self, seat: Seat) -> Option<usize> {
        let is_there = |leg: &Leg| leg.id() == seat.leg;
        let known = seat.number as usize;
        if self.get(known).is_some_and(is_there) { Some(known) } else { self.position(seat.leg) }
    }

    /// The leg that probably sits there.
    pub(crate) fn probably(&self, seat: Seat) -> Option<&Leg> {
        self.get(seat.number as usize)
    }

    pub(crate) fn find_mut(&mut self, leg: LegId) -> Option<&mut Leg> {
        let seat = self.position(leg)?;
        self.get_mut(seat)
    }

    /// The leg on a seat.
    pub(crate) fn get(&self, seat: usize) -> Option<&Leg> {
        self.seats.get(seat)?.as_deref()
    }

    /// The leg on a seat.
    pub(crate) fn get_mut(&mut self, seat: usize) -> Option<&mut Leg> {
        self.seats.get_mut(seat)?.as_deref_mut()
    }

    /// The seats and legs of a room. O(all seats).
    pub(crate) fn in_room(&self, room: RoomId) -> impl Iterator<Item = (usize, &Leg)> {
        let legs = self.seats.iter().enumerate();
        let legs = legs.filter_map(|(seat, leg)| Some((seat, leg.as_deref()?)));
        legs.filter(move |(_, leg)| leg.room() == room)
    }

    /// The legs of a room. O(all seats).
    pub(crate) fn in_room_mut(&mut self, room: RoomId) -> impl Iterator<Item = &mut Leg> {
        let legs = self.seats.iter_mut().filter_map(|leg| leg.as_deref_mut());
        legs.filter(move |leg| leg.room() == room)
    }

    /// Asks a leg anew when it wants something.
    pub(crate) fn wake(&mut self, seat: usize) {
        let wake = self.get(seat).and_then(Leg::deadline);
        self.set_wake(seat, wake);
    }

    /// Sets when the leg on a seat wants something.
    pub(crate) fn set_wake(&mut self, seat: usize, wake: Option<Instant>) {
        if seat < self.seats.len() {
            self.wheel.set(seat as u32, wake);
        }
    }

    /// The next seat whose leg wants something; it is not named again until it is asked anew.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<usize> {
        self.wheel.take_due(now).map(|seat| seat as usize)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.wheel.earliest()
    }

    fn add_seat(&mut self) -> u32 {
        self.seats.push(None);
        self.wheel.grow();
        u32::try_from(self.seats.len() - 1).expect("no machine holds that many legs")
    }
}

/// A leg by its name, and by where the shard has it: so that it need not be looked for with every
/// packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    leg: LegId,
    number: u32,
}

impl Seat {
    pub(crate) const fn new(leg: LegId, number: usize) -> Self {
        Self { leg, number: number as u32 }
    }

    /// Whose it is.
    pub const fn leg(&self) -> LegId {
        self.leg
    }
}

/// Wherever it is.
impl From<LegId> for Seat {
    fn from(leg: LegId) -> Self {
        Self { leg, number: u32::MAX }
    }
}

/// Names are numbers of our own, which no stranger chooses: one multiplication spreads them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scatter(u64);

impl Hasher for Scatter {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.write_u64(byte.into()));
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0 ^ number).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
}

#[cfg(test)]
mod tests {
    use model::{Chance, Noise, SampleRate, Treatment};

    use super::*;
    use crate::room::{Age, Form, Room};
    use crate::rooms::Rooms;

    fn leg(leg: u64, room: u64) -> Box<Leg> {
        let room = (RoomId(room), SampleRate::Narrow);
        Box::new(Leg::new(
            LegId(leg),
            room,
            (Treatment::default(), Noise::default()),
            Chance::from_number(leg),
        ))
    }

    #[test]
    fn who_sits_where_a_leg_sat_is_not_taken_for_it() {
        let mut legs = Legs::with_capacity(2);
        let [one, two] = [1, 2].map(|id| (LegId(id), legs.insert(leg(id, 7)).expect("free")));
        let [seat, other] = [one, two].map(|(leg, number)| Seat::new(leg, number));
        assert_eq!(legs.position_near(seat), Some(one.1));
        assert_eq!(legs.position_near(LegId(1).into()), Some(one.1));
        legs.remove(LegId(1));
        assert_eq!(legs.position_near(seat), None);
        assert_eq!(legs.insert(leg(3, 7)).ok(), Some(one.1));
        assert_eq!((legs.position_near(seat), legs.position_near(other)), (None, Some(two.1)));
        legs.insert(leg(1, 7)).expect("free");
        assert_eq!(legs.position_near(seat), legs.position(LegId(1)));
    }

    #[test]
    fn a_room_where_the_legs_own_room_was_is_not_taken_for_it() {
        let age = Age { version: 1, revision: 0 };
        let pairs = || Room::new((RoomId(1), SampleRate::Narrow), age, &[], 0);
        let shared = || Room::shared((RoomId(2), SampleRate::Narrow), age, &[], 0);
        let (mut rooms, mut one, mut two) = (Rooms::with_capacity(2), leg(1, 1), leg(2, 2));
        assert!(rooms.form_of(&mut one).is_none());
        rooms.insert(pairs());
        assert!(matches!(rooms.form_of(&mut one), Some(Form::Pairs(_))));
        rooms.remove(RoomId(1));
        rooms.insert(shared());
        assert!(rooms.form_of(&mut one).is_none());
        rooms.insert(pairs());
        assert!(matches!(rooms.form_of(&mut one), Some(Form::Pairs(_))));
        assert!(matches!(rooms.form_of(&mut two), Some(Form::Shared(_))));
    }
}
