//! Which leg wants something next: a timing wheel.
//!
//! Setting a wake, taking one and asking for the earliest cost O(1) however many legs there are: a
//! leg is due when its slice is over, so that no leg of a slice is looked at before all are. That
//! is later than it asked for by a slice at most, and never sooner.

use model::Instant;

/// The wakes of all legs, by seat.
#[derive(Debug)]
pub(crate) struct Wheel {
    /// The first leg of each slice.
    slices: Box<[Option<u32>; SLICES as usize]>,
    occupied: Occupied,
    /// The slice before which nothing waits, counted from the beginning of time.
    first: u64,
    places: Vec<Place>,
}

/// Which slices hold a leg, a bit each.
#[derive(Debug, Default)]
struct Occupied {
    words: [u64; WORDS],
    /// Which words are not 0.
    any: u16,
}

/// A leg's place in the list of its slice.
#[derive(Clone, Copy, Debug)]
struct Place {
    wake: Instant,
    slice: u16,
    is_linked: bool,
    before: Option<u32>,
    after: Option<u32>,
}

impl Wheel {
    pub(crate) fn with_capacity(seats: usize) -> Self {
        let places = Vec::with_capacity(seats);
        let slices = Box::new([None; SLICES as usize]);
        Self { slices, occupied: Occupied::default(), first: 0, places }
    }

    /// Makes room for one more seat, the next free number.
    pub(crate) fn grow(&mut self) {
        self.places.push(Place::FREE);
    }

    /// Sets when a seat's leg wants something, or that it wants nothing.
    pub(crate) fn set(&mut self, seat: u32, wake: Option<Instant>) {
        self.unlink(seat);
        if let Some(wake) = wake {
            self.link(seat, wake);
        }
    }

    /// When the earliest wake is due, or some instant before it if it is further away than the wheel
    /// reaches.
    pub(crate) fn earliest(&self) -> Option<Instant> {
        let (_, number) = self.first_occupied()?;
        Some(Instant::from_nanos((number + 1).saturating_mul(SLICE_NANOS)))
    }

    /// Takes a seat out that is due; it is out until it is set again.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<u32> {
        while let Some((slice, number)) = self.first_occupied() {
            self.first = self.first.max(number.min(slice_of(now)));
            if number >= slice_of(now) {
                return None;
            }
            let seat = self.slices[slice]?;
            let wake = self.places[seat as usize].wake;
            self.unlink(seat);
            if slice_of(wake) <= number {
                return Some(seat);
            }
            // It was further away than the wheel reached then.
            self.link(seat, wake);
        }
        None
    }

    /// The nearest slice that holds a leg: its place on the wheel and its number.
    fn first_occupied(&self) -> Option<(usize, u64)> {
        let ahead = self.occupied.next((self.first % SLICES) as usize)?;
        let number = self.first + u64::from(ahead);
        Some(((number % SLICES) as usize, number))
    }

    fn link(&mut self, seat: u32, wake: Instant) {
        let wanted = slice_of(wake);
        // An empty wheel may stand anywhere. What is passed by turning back is found too early.
        self.first = if self.occupied.any == 0 { wanted } else { self.first.min(wanted) };
        let last = self.first + SLICES - 1;
        let slice = (wanted.min(last) % SLICES) as u16;
        let after = self.slices[usize::from(slice)].replace(seat);
        self.places[seat as usize] = Place { wake, slice, is_linked: true, before: None, after };
        if let Some(after) = after {
            self.places[after as usize].before = Some(seat);
        }
        self.occupied.set(usize::from(slice));
    }

    fn unlink(&mut self, seat: u32) {
        let place = std::mem::replace(&mut self.places[seat as usize], Place::FREE);
        if !place.is_linked {
            return;
        }
        if let Some(after) = place.after {
            self.places[after as usize].before = place.before;
        }
        match place.before {
            Some(before) => self.places[before as usize].after = place.after,
            None => self.slices[usize::from(place.slice)] = place.after,
        }
        if self.slices[usize::from(place.slice)].is_none() {
            self.occupied.clear(usize::from(place.slice));
        }
    }
}

impl Occupied {
    fn set(&mut self, slice: usize) {
        self.words[slice / 64] |= 1 << (slice % 64);
        self.any |= 1 << (slice / 64);
    }

    fn clear(&mut self, slice: usize) {
        let word = &mut self.words[slice / 64];
        *word &= !(1 << (slice % 64));
        if *word == 0 {
            self.any &= !(1 << (slice / 64));
        }
    }

    /// How many slices after `from`, counted round, the next one is that holds a leg; 0 if that
    /// does.
    fn next(&self, from: usize) -> Option<u32> {
        let (word, bit) = (from / 64, (from % 64) as u32);
        let here = self.words[word] >> bit;
        if here != 0 {
            return Some(here.trailing_zeros());
        }
        if self.any == 0 {
            return None;
        }
        // Once round, so that the word itself is the last: of its slices those before `from` are left.
        let after = (word + 1) % WORDS;
        let words = self.any.rotate_right(after as u32).trailing_zeros();
        let found = self.words[(after + words as usize) % WORDS];
        Some((words + 1) * 64 - bit + found.trailing_zeros())
    }
}

impl Place {
    const FREE: Self =
        Self { wake: Instant::ZERO, slice: 0, is_linked: false, before: None, after: None };
}

const fn slice_of(instant: Instant) -> u64 {
    instant.as_nanos() / SLICE_NANOS
}

/// A fifteenth of a millisecond: no more than a thread is late by in any case.
const SLICE_NANOS: u64 = 1 << 16;
/// 67 ms: more than a frame and the leap of a clock.
const SLICES: u64 = 1 << 10;
const WORDS: usize = SLICES as usize / 64;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use model::Chance;

    use super::*;

    const SLICE: Duration = Duration::from_nanos(SLICE_NANOS);

    #[test]
    fn legs_are_woken_in_time_whatever_is_set_and_unset() {
        let mut chance = Chance::from_number(9);
        let mut wheel = Wheel::with_capacity(40);
        (0..40).for_each(|_| wheel.grow());
        let mut wakes = [None; 40];
        let mut now = Instant::from_nanos(77_000_000_123);
        for _ in 0..100_000 {
            let seat = chance.below(40) as u32;
            let range = if chance.below(50) == 0 { 10_000_000_000 } else { 25_000_000 };
            let wake = Instant::from_nanos(now.as_nanos() + chance.below(range));
            wakes[seat as usize] = (chance.below(8) > 0).then_some(wake);
            wheel.set(seat, wakes[seat as usize]);
            let earliest = wakes.iter().flatten().min().map(|&wake| wake + SLICE);
            assert!(
                wheel.earliest() <= earliest && wheel.earliest().is_some() == earliest.is_some()
            );
            now = Instant::from_nanos(now.as_nanos() + chance.below(300_000));
            while let Some(seat) = wheel.take_due(now) {
                let wake = wakes[seat as usize].take();
                assert!(wake.is_some_and(|wake| wake <= now), "woken too early");
            }
            assert!(wakes.iter().flatten().all(|&wake| wake + SLICE > now), "not woken");
            assert!(wheel.earliest().is_none_or(|earliest| earliest > now));
        }
    }

    #[test]
    fn the_next_occupied_slice_is_found_wherever_it_is() {
        let count = SLICES as usize;
        for from in (0..count).step_by(7) {
            for slice in (0..count).step_by(5) {
                let mut occupied = Occupied::default();
                assert_eq!(occupied.next(from), None);
                occupied.set(slice);
                let ahead = ((slice + count - from) % count) as u32;
                assert_eq!(occupied.next(from), Some(ahead), "{slice} from {from}");
                occupied.set((slice + 1) % count);
                occupied.clear(slice);
                assert_eq!(occupied.next((slice + 2) % count), Some(SLICES as u32 - 1));
            }
        }
    }

    #[test]
    fn a_wake_is_due_when_its_slice_is_over_and_an_empty_wheel_wants_nothing() {
        let mut wheel = Wheel::with_capacity(2);
        wheel.grow();
        wheel.grow();
        assert_eq!((wheel.earliest(), wheel.take_due(Instant::from_nanos(9))), (None, None));
        let wake = Instant::from_nanos(5_000_000_001);
        wheel.set(0, Some(wake));
        wheel.set(1, Some(wake + SLICE));
        let due = wheel.earliest().expect("two wait");
        assert!(wake < due && due <= wake + SLICE);
        assert_eq!(wheel.take_due(Instant::from_nanos(due.as_nanos() - 1)), None);
        assert_eq!((wheel.take_due(due), wheel.take_due(due)), (Some(0), None));
        assert_eq!(wheel.earliest(), Some(due + SLICE));
        wheel.set(1, None);
        assert_eq!(wheel.earliest(), None);
    }
}
