//! The legs of a shard by name, each beside the instant it next wants something.

use model::{Instant, LegId, RoomId};

use crate::leg::Leg;

/// A table of legs; allocated once.
#[derive(Debug)]
pub(crate) struct Legs {
    /// By name. Wakes and names stand here, so that looking for one touches no leg.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    id: LegId,
    /// `NEVER` when it wants nothing.
    wake: Instant,
    leg: Box<Leg>,
}

impl Legs {
    pub(crate) fn with_capacity(legs: usize) -> Self {
        Self { entries: Vec::with_capacity(legs) }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes a leg in; returns it if its name is taken.
    pub(crate) fn insert(&mut self, leg: Box<Leg>) -> Option<Box<Leg>> {
        let id = leg.id();
        let Err(at) = self.search(id) else { return Some(leg) };
        self.entries.insert(at, Entry { id, wake: NEVER, leg });
        None
    }

    pub(crate) fn remove(&mut self, leg: LegId) -> Option<Box<Leg>> {
        let at = self.search(leg).ok()?;
        Some(self.entries.remove(at).leg)
    }

    pub(crate) fn position(&self, leg: LegId) -> Option<usize> {
        self.search(leg).ok()
    }

    pub(crate) fn find(&self, leg: LegId) -> Option<&Leg> {
        self.search(leg).ok().map(|at| &*self.entries[at].leg)
    }

    pub(crate) fn find_mut(&mut self, leg: LegId) -> Option<&mut Leg> {
        let at = self.search(leg).ok()?;
        Some(self.at(at))
    }

    pub(crate) fn at(&mut self, at: usize) -> &mut Leg {
        &mut self.entries[at].leg
    }

    pub(crate) fn any_in(&self, room: RoomId) -> bool {
        self.entries.iter().any(|entry| entry.leg.room() == room)
    }

    /// Asks a leg anew when it wants something.
    pub(crate) fn wake(&mut self, leg: LegId) {
        if let Ok(at) = self.search(leg) {
            self.wake_at(at);
        }
    }

    pub(crate) fn wake_at(&mut self, at: usize) {
        let entry = &mut self.entries[at];
        entry.wake = entry.leg.deadline().unwrap_or(NEVER);
    }

    pub(crate) fn wake_of(&self, at: usize) -> Instant {
        self.entries[at].wake
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.entries.iter().map(|entry| entry.wake).min().filter(|&wake| wake < NEVER)
    }

    fn search(&self, leg: LegId) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&leg, |entry| entry.id)
    }
}

const NEVER: Instant = Instant::from_nanos(u64::MAX);
