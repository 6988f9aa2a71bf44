//! Who hears whom in a room: pair by pair, or everyone all others.

use model::{Instant, RoomId, Route, SampleRate};

use crate::edition::Edition;
use crate::legs::Legs;
use crate::outlet::Workbench;
use crate::pairs::Pairs;
use crate::shared::Shared;

/// One version of a room's matrix.
#[derive(Debug)]
pub struct Room {
    pub(crate) id: RoomId,
    pub(crate) age: Age,
    pub(crate) form: Form,
}

/// How the room's legs are mixed.
#[derive(Debug)]
pub(crate) enum Form {
    /// Few legs, or a matrix: each listener by itself.
    Pairs(Pairs),
    /// Many legs that all hear each other: all at once.
    Shared(Box<Shared>),
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
        Self { id, age, form: Form::Pairs(Pairs::new(routes, leaving, rate)) }
    }

    /// A room where everyone hears all others but for the pairs of `except`, with space for
    /// `leaving` exceptions of the one before. Allocates; nothing later does.
    pub(crate) fn shared(
        (id, rate): (RoomId, SampleRate),
        age: Age,
        except: &[Route],
        leaving: usize,
    ) -> Self {
        Self { id, age, form: Form::Shared(Box::new(Shared::new(except, leaving, rate))) }
    }

    /// Goes on where `before`, whose legs these are, stands. What remains in it can be dropped.
    pub(crate) fn take_over(
        &mut self,
        now: Instant,
        before: &mut Self,
        legs: &mut Legs,
        workbench: &mut Workbench,
    ) {
        match (&mut self.form, &mut before.form) {
            (Form::Pairs(pairs), Form::Pairs(before)) => pairs.take_over(before),
            (Form::Shared(shared), Form::Shared(before)) => shared.take_over(before),
            (Form::Shared(_), Form::Pairs(before)) => {
                before.part_from_editions(legs.in_room_mut(self.id), workbench);
                before.lend_playouts(legs);
                self.gather(now, legs);
            }
            (Form::Pairs(pairs), Form::Shared(before)) => {
                before.part(legs, workbench);
                pairs.sound(legs);
                self.gather(now, legs);
            }
        }
    }

    /// Takes in the legs that are in the room already.
    pub(crate) fn gather(&mut self, now: Instant, legs: &mut Legs) {
        for seat in 0..legs.seats() {
            if legs.get(seat).is_some_and(|leg| leg.room() == self.id) {
                match &mut self.form {
                    Form::Pairs(_) => legs.wake(seat),
                    Form::Shared(shared) => shared.join(now, seat, legs),
                }
            }
        }
    }

    /// Goes on at another rate.
    pub(crate) fn retune(&mut self, rate: SampleRate, legs: &mut Legs, workbench: &mut Workbench) {
        match &mut self.form {
            Form::Pairs(pairs) => {
                pairs.part_from_editions(legs.in_room_mut(self.id), workbench);
                pairs.retune(rate);
            }
            Form::Shared(shared) => shared.retune(rate, legs, workbench),
        }
    }

    /// Goes on with other editions; what is over is left in `editions`.
    pub(crate) fn share(&mut self, editions: &mut Vec<Edition>) {
        match &mut self.form {
            Form::Pairs(pairs) => pairs.editions.share(editions),
            Form::Shared(shared) => shared.share(editions),
        }
    }
}
