//! Who hears whom in a room: pair by pair, or everyone all others.

use model::{RoomId, Route, SampleRate};

use crate::pairs::Pairs;

/// One version of a room's matrix.
#[derive(Debug)]
pub struct Room {
    pub(crate) id: RoomId,
    pub(crate) age: Age,
    pub(crate) pairs: Pairs,
}

/// Which of a room's matrices: a later one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Age {
    /// The version that was asked for.
    pub(crate) version: u64,
    /// Legs that have come since.
    pub(crate) revision: u64,
}

impl Age {
    /// Whether it answers a command, and not the coming of a leg.
    pub(crate) const fn is_first(self) -> bool {
        self.revision == 0
    }
}

impl Room {
    /// A matrix, with space for `leaving` pairs of the one before that must fade out. Allocates;
    /// nothing later does.
    pub(crate) fn new(
        (id, rate): (RoomId, SampleRate),
        age: Age,
        routes: &[Route],
        leaving: usize,
    ) -> Self {
        Self { id, age, pairs: Pairs::new(routes, leaving, rate) }
    }
}
