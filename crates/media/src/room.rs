//! Who hears whom: a room's matrix with a playout per audible pair.

use mixer::{Ramp, Sum};
use model::{Gain, Instant, LegId, RoomId, Route};
use rtp::jitter::{Playout, Reception};

use crate::Library;
use crate::leg::SAMPLES;

/// One version of a room's matrix.
#[derive(Debug)]
pub struct Room {
    pub(crate) id: RoomId,
    pub(crate) age: Age,
    pub(crate) cells: Vec<Cell>,
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

/// One audible pair.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) listener: LegId,
    pub(crate) speaker: LegId,
    pub(crate) gain: Ramp,
    pub(crate) playout: Playout,
}

impl Room {
    /// A matrix, with space for `leaving` pairs of the one before that must fade out. Allocates;
    /// nothing later does.
    pub(crate) fn new(id: RoomId, age: Age, routes: &[Route], leaving: usize) -> Self {
        let mut cells = Vec::with_capacity(routes.len() + leaving);
        cells.extend(routes.iter().map(Cell::new));
        Self { id, age, cells }
    }

    /// Goes on where `before` stands: known pairs keep their place in the stream and their gain,
    /// lost ones fade out within a frame. What remains in `before` can be dropped.
    pub(crate) fn take_over(&mut self, before: &mut Self) {
        let mut at = 0;
        while let Some(held) = before.cells.get_mut(at) {
            if let Some(cell) = self.cells.iter_mut().find(|cell| cell.is_pair_of(held)) {
                let target = cell.gain.target();
                std::mem::swap(cell, held);
                cell.gain.set(target);
                at += 1;
            } else if held.gain.current() > Gain::SILENT && self.cells.len() < self.cells.capacity()
            {
                held.gain.set(Gain::SILENT);
                let cell = before.cells.swap_remove(at);
                self.cells.push(cell);
            } else {
                at += 1;
            }
        }
    }

    /// The pairs that `listener` hears or that are fading for it.
    pub(crate) fn heard_by(&mut self, listener: LegId) -> impl Iterator<Item = &mut Cell> {
        self.cells.iter_mut().filter(move |cell| cell.listener == listener)
    }
}

impl Cell {
    fn new(route: &Route) -> Self {
        let mut gain = Ramp::SILENT;
        gain.set(route.gain);
        let playout = Playout::new(Library::RATE);
        Self { listener: route.listener, speaker: route.speaker, gain, playout }
    }

    /// Adds the pair's next frame; a speaker that left fades, one not yet there is silent.
    pub(crate) fn add_to(&mut self, now: Instant, sum: &mut Sum, speaker: Option<&Reception>) {
        let gain = self.gain.step();
        if gain.constant() == Some(Gain::SILENT) {
            return self.playout.rest();
        }
        let mut frame = [0; SAMPLES];
        match speaker {
            Some(reception) => _ = self.playout.frame(now, reception, &mut frame),
            None => self.playout.fade(&mut frame),
        }
        sum.add_ramped(&frame, gain);
    }

    pub(crate) fn is_audible(&self) -> bool {
        self.gain.target() > Gain::SILENT
    }

    fn is_pair_of(&self, other: &Self) -> bool {
        (self.listener, self.speaker) == (other.listener, other.speaker)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(version: u64, pairs: &[(u64, u64, u16)], leaving: usize) -> Room {
        let route = |&(listener, speaker, gain): &(u64, u64, u16)| Route {
            listener: LegId(listener),
            speaker: LegId(speaker),
            gain: Gain(gain),
        };
        let age = Age { version, revision: 0 };
        Room::new(RoomId(1), age, &pairs.iter().map(route).collect::<Vec<_>>(), leaving)
    }

    #[test]
    fn a_new_matrix_goes_on_where_the_old_one_stands() {
        let mut before = room(1, &[(1, 2, 1024), (2, 1, 1024), (1, 3, 1024)], 0);
        for cell in &mut before.cells {
            cell.gain.step();
        }
        let mut after = room(2, &[(1, 2, 257), (3, 1, 1024)], 3);
        after.take_over(&mut before);
        let gains: Vec<_> = after
            .cells
            .iter()
            .map(|cell| {
                (cell.listener.0, cell.speaker.0, cell.gain.current().0, cell.gain.target().0)
            })
            .collect();
        assert_eq!(
            gains,
            [(1, 2, 1024, 257), (3, 1, 0, 1024), (2, 1, 1024, 0), (1, 3, 1024, 0)]
                .map(|(l, s, c, t)| (l, s, c, t))
        );
        assert_eq!(before.cells.len(), 1);
    }
}
