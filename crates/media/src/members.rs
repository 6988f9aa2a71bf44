//! Who is in a room and who of them hears whom, as the control side knows it: makes the room's
//! matrices.

use std::collections::BTreeSet;

use model::{Gain, LegId, RoomId, Route};

use crate::Room;
use crate::edition::{Edition, Key};
use crate::revival::Loss;
use crate::room::Age;
use crate::tuning::Tuning;

/// The legs of one room.
#[derive(Default)]
pub(crate) struct Members {
    legs: BTreeSet<LegId>,
    version: u64,
    /// Legs that have come since then.
    revision: u64,
    /// Pairs that are heard otherwise, in a room where everyone hears all others.
    conference: Option<Vec<Route>>,
    /// The last matrix, in a room where nobody else is heard.
    routes: Vec<Route>,
    /// Whether the shard mixes all at once: it needs no matrix for legs that come, then.
    is_shared: bool,
    /// What the shard encodes once for many.
    shared: Vec<Key>,
    /// Pairs in the last matrix, which may have to fade out in the next one.
    pairs: usize,
    pub(crate) tuning: Tuning,
}

impl Members {
    /// Legs of a conference up to which each is mixed by itself, which costs their square; more
    /// share one sum and one instant. A conference that has grown beyond stays so.
    const MAX_PAIRED: usize = 8;

    /// A leg comes; the room's new matrix if it hears others, or they hear it, by that alone.
    pub(crate) fn join(&mut self, room: RoomId, leg: LegId) -> Option<Room> {
        self.legs.insert(leg);
        self.revision += 1;
        if self.is_shared { None } else { self.again(room) }
    }

    /// A leg goes.
    pub(crate) fn leave(&mut self, leg: LegId) {
        self.legs.remove(&leg);
    }

    /// Whether nobody is left.
    pub(crate) fn is_empty(&self) -> bool {
        self.legs.is_empty()
    }

    /// A whole matrix. An older or equal version changes nothing.
    pub(crate) fn route(&mut self, room: RoomId, version: u64, routes: &[Route]) -> Option<Room> {
        self.renew(version)?;
        self.conference = None;
        if std::mem::take(&mut self.is_shared) {
            self.shared.clear();
        }
        self.routes = routes.to_vec();
        Some(self.matrix(room, routes))
    }

    /// Everyone hears all others but for the pairs in `except`.
    pub(crate) fn confer(
        &mut self,
        room: RoomId,
        version: u64,
        except: Vec<Route>,
    ) -> Option<Room> {
        self.renew(version)?;
        (self.conference, self.routes) = (Some(except), Vec::new());
        self.again(room)
    }

    /// Whether its shard has a matrix of it.
    pub(crate) const fn is_routed(&self) -> bool {
        self.version > 0
    }

    /// What the room's shard is to encode once from now on, where that is new: what legs of these
    /// codings in common would else encode each. In a room that is mixed at once that is one frame of
    /// each coding, else as many as there are legs of it: each may hear something else. Two, who hear
    /// each other, never hear the same.
    pub(crate) fn editions(&mut self, codings: impl Iterator<Item = Key>) -> Option<Vec<Edition>> {
        let rate = self.tuning.rate();
        let mut known: Vec<_> = self.shared.iter().copied().filter(|key| key.is_at(rate)).collect();
        let codings: Vec<_> = codings.collect();
        let count = |keys: &[Key], key| keys.iter().filter(|&&one| one == key).count();
        for &key in &codings {
            let wanted = match count(&codings, key) {
                _ if self.legs.len() <= 2 => 0,
                1 => 0,
                _ if self.is_shared => 1,
                legs => legs,
            };
            let missing = wanted.saturating_sub(count(&known, key));
            known.extend(std::iter::repeat_n(key, missing));
        }
        let is_changed = known != self.shared;
        self.shared = known;
        is_changed.then(|| self.shared.iter().copied().map(Edition::new).collect())
    }

    /// The matrix that holds, for a shard that may have forgotten all of it, or the legs in it.
    pub(crate) fn repeat(&mut self, room: RoomId, loss: Loss) -> Option<Room> {
        match loss {
            Loss::Leg => self.revision += 1,
            Loss::Shard => self.revision = 0,
        }
        self.shared.clear();
        if self.version == 0 {
            return None;
        }
        if self.conference.is_some() {
            return self.again(room);
        }
        let routes = std::mem::take(&mut self.routes);
        let matrix = self.matrix(room, &routes);
        self.routes = routes;
        Some(matrix)
    }

    /// Makes the matrix of a conference anew.
    fn again(&mut self, room: RoomId) -> Option<Room> {
        let except = self.conference.take()?;
        if !self.is_shared && self.legs.len() > Self::MAX_PAIRED {
            self.is_shared = true;
            self.shared.clear();
        }
        if self.is_shared {
            let leaving = std::mem::replace(&mut self.pairs, except.len());
            let place = (room, self.tuning.rate());
            let shared = Room::shared(place, self.age(), &except, leaving);
            self.conference = Some(except);
            return Some(shared);
        }
        let mut routes = self.all_others();
        for exception in &except {
            routes.retain(|route| !is_same_pair(route, exception));
        }
        routes.extend(except.iter().filter(|route| route.gain > Gain::SILENT));
        self.conference = Some(except);
        Some(self.matrix(room, &routes))
    }

    fn all_others(&self) -> Vec<Route> {
        let listeners = self.legs.iter().flat_map(|&listener| {
            let speakers = self.legs.iter().filter(move |&&speaker| speaker != listener);
            speakers.map(move |&speaker| Route::new(listener, speaker, Gain::UNITY))
        });
        listeners.collect()
    }

    fn renew(&mut self, version: u64) -> Option<()> {
        (version > self.version).then(|| (self.version, self.revision) = (version, 0))
    }

    fn matrix(&mut self, room: RoomId, routes: &[Route]) -> Room {
        let leaving = std::mem::replace(&mut self.pairs, routes.len());
        Room::new((room, self.tuning.rate()), self.age(), routes, leaving)
    }

    const fn age(&self) -> Age {
        Age { version: self.version, revision: self.revision }
    }
}

fn is_same_pair(one: &Route, other: &Route) -> bool {
    (one.listener, one.speaker) == (other.listener, other.speaker)
}
