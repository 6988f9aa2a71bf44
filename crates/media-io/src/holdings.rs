//! Which shard serves each leg, and by which sockets, as the control task knows it.
//!
//! A leg's sockets are freed when it is closed and no shard has it any more. A leg that comes back
//! without having been closed was lost by a defect, and may be served anew.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Instant, LegId, RoomId, ShardState};

use crate::sockets::Bound;

/// All legs, and the rooms they are in.
#[derive(Default)]
pub(crate) struct Holdings {
    legs: BTreeMap<LegId, Held>,
    rooms: BTreeMap<RoomId, Placed>,
}

/// The sockets of a leg that nobody serves, and those of its text.
pub(crate) type Unused = [Option<Arc<Bound>>; 2];

/// One leg.
struct Held {
    room: RoomId,
    shard: usize,
    bound: Arc<Bound>,
    /// The sockets of its text, once it has any.
    text: Option<Arc<Bound>>,
    /// Whether the shard has it, or will.
    is_served: bool,
    is_closed: bool,
    /// When it was lost last.
    revived: Option<Instant>,
}

/// Where a room is, and how many legs of it are not closed.
struct Placed {
    shard: usize,
    legs: usize,
}

impl Holdings {
    /// The shard of a room; for a new one the shard that has most room, by how the `shards` stand.
    /// `None` without shards.
    pub(crate) fn place(
        &self,
        room: RoomId,
        shards: impl FnOnce() -> Vec<ShardState>,
    ) -> Option<usize> {
        if let Some(placed) = self.rooms.get(&room) {
            return Some(placed.shard);
        }
        let legs = |shard: usize| -> usize {
            self.rooms.values().filter(|placed| placed.shard == shard).map(|room| room.legs).sum()
        };
        // The load is as old as its last measurement: many calls may have come since.
        let burden = |(shard, state): &(usize, ShardState)| {
            (state.is_stuck, state.load_percent / STEP, legs(*shard))
        };
        shards().into_iter().enumerate().min_by_key(burden).map(|(shard, _)| shard)
    }

    /// A leg is opened in a shard.
    pub(crate) fn open(&mut self, leg: LegId, room: RoomId, shard: usize, bound: Arc<Bound>) {
        self.rooms.entry(room).or_insert(Placed { shard, legs: 0 }).legs += 1;
        let (is_served, is_closed) = (true, false);
        let held = Held { room, shard, bound, text: None, is_served, is_closed, revived: None };
        self.legs.insert(leg, held);
    }

    /// A leg has text from now on; hands the sockets back if it is not here.
    pub(crate) fn open_text(&mut self, leg: LegId, bound: Arc<Bound>) -> Result<(), Arc<Bound>> {
        let Some(held) = self.legs.get_mut(&leg) else { return Err(bound) };
        held.text = Some(bound);
        Ok(())
    }

    /// A leg is closed; its sockets, if they can be freed now.
    pub(crate) fn close(&mut self, leg: LegId) -> Option<Unused> {
        let held = self.legs.get_mut(&leg).filter(|held| !held.is_closed)?;
        held.is_closed = true;
        let room = held.room;
        if let Some(placed) = self.rooms.get_mut(&room) {
            placed.legs = placed.legs.saturating_sub(1);
            if placed.legs == 0 {
                self.rooms.remove(&room);
            }
        }
        self.free(leg)
    }

    /// A shard has done with a leg; its sockets, if they can be freed now.
    pub(crate) fn returned(&mut self, leg: LegId) -> Option<Unused> {
        self.legs.get_mut(&leg)?.is_served = false;
        self.free(leg)
    }

    /// A shard has lost a leg; whether it is served anew. One that is lost again at once is not: it
    /// would take its shard's time for ever.
    pub(crate) fn revive(&mut self, now: Instant, leg: LegId) -> bool {
        let Some(held) = self.legs.get_mut(&leg) else { return false };
        let is_again = held.revived.is_some_and(|at| now.since(at) < SOON);
        held.is_served = !held.is_closed && !is_again;
        if held.is_served {
            held.revived = Some(now);
        }
        held.is_served
    }

    /// The sockets of a leg.
    pub(crate) fn sockets(&self, leg: LegId) -> Option<Arc<Bound>> {
        self.legs.get(&leg).map(|held| Arc::clone(&held.bound))
    }

    /// The sockets of its text.
    pub(crate) fn text_sockets(&self, leg: LegId) -> Option<Arc<Bound>> {
        self.legs.get(&leg)?.text.clone()
    }

    /// The legs that a shard has.
    pub(crate) fn of_shard(&self, shard: usize) -> Vec<LegId> {
        let is_there = |held: &Held| held.shard == shard && held.is_served;
        self.legs.iter().filter(|(_, held)| is_there(held)).map(|(&leg, _)| leg).collect()
    }

    /// How many legs hold sockets, those being closed included.
    pub(crate) fn len(&self) -> usize {
        self.legs.len()
    }

    fn free(&mut self, leg: LegId) -> Option<Unused> {
        let held = self.legs.get(&leg)?;
        if held.is_served || !held.is_closed {
            return None;
        }
        self.legs.remove(&leg).map(|held| [Some(held.bound), held.text])
    }
}

/// A leg that is lost twice within this is given up.
const SOON: Duration = Duration::from_secs(60);
/// Loads that differ by less than this are alike.
const STEP: u8 = 10;

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use model::Chance;

    use super::*;
    use crate::ports::Ports;

    fn bound() -> Arc<Bound> {
        let mut ports = Ports::new(31_000..=31_999, crate::Settings::REST, Chance::from_number(9));
        let pairs = std::iter::from_fn(|| ports.take(Instant::ZERO));
        let address = Ipv4Addr::LOCALHOST.into();
        let bound = pairs.filter_map(|pair| Bound::new(address, pair).ok()).next();
        Arc::new(bound.expect("one of many pairs is free"))
    }

    fn loads(loads: &[u8]) -> impl FnOnce() -> Vec<ShardState> {
        let state = |&load_percent| ShardState { load_percent, ..ShardState::default() };
        let states = loads.iter().map(state).collect();
        move || states
    }

    #[test]
    fn a_room_stays_where_it_is_and_a_new_one_goes_where_most_room_is() {
        let (mut holdings, bound) = (Holdings::default(), bound());
        for room in 0..10 {
            let shard = holdings.place(RoomId(room), loads(&[0, 0])).expect("a shard");
            assert_eq!(shard as u64, room % 2, "in turn, while nothing is measured");
            holdings.open(LegId(room), RoomId(room), shard, Arc::clone(&bound));
        }
        assert_eq!(holdings.place(RoomId(7), loads(&[0, 90])), Some(1), "it is there");
        assert_eq!(holdings.place(RoomId(99), loads(&[50, 20])), Some(1));
        assert_eq!(holdings.place(RoomId(99), loads(&[])), None);
        holdings.close(LegId(0));
        assert_eq!(holdings.place(RoomId(0), loads(&[90, 10])), Some(1), "gone with its last leg");
    }

    #[test]
    fn sockets_are_freed_when_a_leg_is_closed_and_no_shard_has_it() {
        let (mut holdings, bound) = (Holdings::default(), bound());
        for leg in [LegId(1), LegId(2)] {
            holdings.open(leg, RoomId(1), 0, Arc::clone(&bound));
        }
        assert!(holdings.close(LegId(1)).is_none() && holdings.close(LegId(1)).is_none());
        assert!(holdings.returned(LegId(1)).is_some() && holdings.returned(LegId(1)).is_none());
        assert!(holdings.returned(LegId(2)).is_none(), "it was lost");
        assert!(holdings.close(LegId(2)).is_some() && holdings.len() == 0);
    }

    #[test]
    fn a_leg_is_revived_but_not_twice_in_a_minute_and_never_when_it_is_closed() {
        let (mut holdings, bound) = (Holdings::default(), bound());
        let after = |seconds| Instant::ZERO + Duration::from_secs(seconds);
        holdings.open(LegId(1), RoomId(1), 0, bound);
        assert!(holdings.returned(LegId(1)).is_none() && holdings.of_shard(0).is_empty());
        assert!(holdings.revive(after(1), LegId(1)) && holdings.of_shard(0) == [LegId(1)]);
        assert!(!holdings.revive(after(60), LegId(1)) && holdings.of_shard(0).is_empty());
        assert!(holdings.revive(after(61), LegId(1)));
        holdings.close(LegId(1));
        assert!(!holdings.revive(after(999), LegId(1)) && !holdings.revive(after(1), LegId(2)));
    }
}
