//! How many more calls the media can carry, by how its shards stand.
//!
//! A call that runs is never turned away from anything: its legs are opened whatever the load. New
//! ones are refused in the order of what they are worth (O10): measurements first, callers last.
//! A new call goes to the shard that has most room, so there is room as long as one has.
//!
//! # Assumptions
//! The media says how its shards stand once a second: two looks above a limit close it, five below
//! its lower end open it, so that no single busy second turns a caller away.

use model::{AdvocateId, ShardState};

use crate::{Notice, Switchboard};

/// Who is still taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Capacity {
    /// Everybody.
    #[default]
    Free,
    /// No new measurements; callers are.
    Tight,
    /// No new calls but those of advocates, without whom nobody could be helped.
    Full,
}

/// What a new call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wants {
    /// A caller who wants to be helped.
    Help,
    /// An advocate who works her desk by star codes.
    Desk(AdvocateId),
    /// A lab.
    Measurement,
}

/// What is seen of the shards, from one look to the next.
#[derive(Clone, Debug)]
pub(crate) struct Gauge {
    before: Vec<ShardState>,
    measurements: Limit,
    callers: Limit,
}

/// A limit in percent of a shard's core, with hysteresis.
#[derive(Clone, Copy, Debug)]
struct Limit {
    closes_at: u8,
    opens_below: u8,
    is_closed: bool,
    /// Looks running that speak for a change.
    looks: u8,
}

impl Switchboard {
    /// Whether a new call is taken.
    pub(crate) fn takes(&self, wants: Wants) -> bool {
        let is_room = match self.gauge.capacity() {
            Capacity::Free => true,
            Capacity::Tight => wants != Wants::Measurement,
            Capacity::Full => matches!(wants, Wants::Desk(_)),
        };
        is_room && !self.is_draining() && self.calls.len() < self.settings.most_calls
    }

    /// The media has said how its shards stand.
    pub(crate) fn shards_stand(&mut self, shards: &[ShardState]) {
        if let Some(capacity) = self.gauge.look(shards) {
            self.notice(Notice::Capacity(capacity));
        }
    }
}

impl Default for Gauge {
    fn default() -> Self {
        Self { before: Vec::new(), measurements: Limit::new(70, 60), callers: Limit::new(80, 70) }
    }
}

impl Gauge {
    /// Takes a look; who is still taken, if that has changed.
    pub(crate) fn look(&mut self, shards: &[ShardState]) -> Option<Capacity> {
        let is_new = shards.len() != self.before.len();
        let before = if is_new { shards } else { &self.before };
        let loads = before.iter().zip(shards).map(|(before, now)| load(before, now));
        let least = loads.min().unwrap_or(0);
        let was = self.capacity();
        self.measurements.look(least);
        self.callers.look(least);
        self.before = shards.to_vec();
        Some(self.capacity()).filter(|&capacity| capacity != was)
    }

    /// Who is still taken.
    pub(crate) const fn capacity(&self) -> Capacity {
        match (self.callers.is_closed, self.measurements.is_closed) {
            (true, _) => Capacity::Full,
            (false, true) => Capacity::Tight,
            (false, false) => Capacity::Free,
        }
    }

    /// How the shards stood at the last look.
    pub(crate) fn shards(&self) -> &[ShardState] {
        &self.before
    }
}

impl Limit {
    const fn new(closes_at: u8, opens_below: u8) -> Self {
        Self { closes_at, opens_below, is_closed: false, looks: 0 }
    }

    fn look(&mut self, load: u8) {
        let (is_for_change, needed) = if self.is_closed {
            (load < self.opens_below, LOOKS_TO_OPEN)
        } else {
            (load >= self.closes_at, LOOKS_TO_CLOSE)
        };
        self.looks = if is_for_change { self.looks + 1 } else { 0 };
        if self.looks >= needed {
            (self.is_closed, self.looks) = (!self.is_closed, 0);
        }
    }
}

/// What a shard has of its core. One that is stuck has none left, nor one that leaves out so many
/// frames that no caller could be understood, however little it works: others have the core. Fewer
/// are no reason to turn a caller away, who may have no other chance and is not their cause.
fn load(before: &ShardState, now: &ShardState) -> u8 {
    let sent = now.sent.saturating_sub(before.sent);
    let skipped = now.skipped.saturating_sub(before.skipped);
    let is_late = skipped >= LEAST_SKIPPED && skipped > sent / SENT_FOR_EACH;
    if is_late || now.is_stuck { 100 } else { now.load_percent }
}

const LOOKS_TO_CLOSE: u8 = 2;
const LOOKS_TO_OPEN: u8 = 5;
/// A shard that skips more than one frame for so many that it sends is late ..
const SENT_FOR_EACH: u64 = 4;
/// .. unless these are a few of a few.
const LEAST_SKIPPED: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(load_percent: u8) -> ShardState {
        ShardState { load_percent, ..ShardState::default() }
    }

    /// How long, in looks, one shard takes to each capacity with these loads.
    fn course(loads: &[u8]) -> Vec<(usize, Capacity)> {
        let mut gauge = Gauge::default();
        let looks = loads.iter().enumerate();
        looks.filter_map(|(look, &load)| Some((look, gauge.look(&[at(load)])?))).collect()
    }

    #[test]
    fn o10_measurements_are_refused_first_and_callers_last_and_taken_again_first() {
        let loads = [0, 75, 75, 85, 85, 85, 65, 65, 65, 65, 65, 50, 50, 50, 50, 50];
        assert_eq!(
            course(&loads),
            [
                (2, Capacity::Tight),
                (4, Capacity::Full),
                (10, Capacity::Tight),
                (15, Capacity::Free)
            ]
        );
    }

    #[test]
    fn one_busy_second_turns_nobody_away_and_one_quiet_second_lets_nobody_in() {
        assert_eq!(course(&[99, 0, 99, 0, 99, 0]), []);
        let loads = [99, 99, 0, 99, 0, 0, 99, 0, 0, 0, 0, 99];
        assert_eq!(course(&loads), [(1, Capacity::Full)]);
    }

    #[test]
    fn between_the_ends_of_a_limit_all_stays_as_it_is() {
        assert_eq!(course(&[79; 10]), [(1, Capacity::Tight)]);
        assert_eq!(course(&[&[80; 2][..], &[70; 10][..]].concat()), [(1, Capacity::Full)]);
    }

    #[test]
    fn one_shard_with_room_is_room_for_everyone() {
        let mut gauge = Gauge::default();
        (0..10).for_each(|_| assert_eq!(gauge.look(&[at(99), at(30)]), None));
        let stuck = ShardState { is_stuck: true, ..at(0) };
        assert_eq!(gauge.look(&[stuck, at(30)]), None);
        assert_eq!(gauge.look(&[]), None, "media that says nothing refuses nobody");
    }

    #[test]
    fn a_shard_that_leaves_out_frames_has_no_room_however_little_it_works() {
        let second =
            |n: u64, skipped: u64| ShardState { sent: 5_000 * n, skipped: skipped * n, ..at(20) };
        let mut gauge = Gauge::default();
        assert_eq!(gauge.look(&[second(3, 1_500)]), None, "what was before is not of this second");
        assert_eq!(gauge.look(&[second(4, 1_500)]), None);
        assert_eq!(gauge.look(&[second(5, 1_500)]), Some(Capacity::Full));
        let mut gauge = Gauge::default();
        (0..10).for_each(|n| {
            assert_eq!(gauge.look(&[second(n, 1_200)]), None, "a voice can be understood")
        });
    }
}
