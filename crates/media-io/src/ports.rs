//! Media ports: pairs of an even port for RTP and the odd one above it for RTCP (RFC 3550 §11).
//!
//! Pairs are handed out in random order, so that a stranger cannot guess the next one, and rest
//! after use, so that a former peer's late packets reach nobody.

use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::time::Duration;

use model::{Chance, Instant};

/// The even port of a pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PortPair(u16);

impl PortPair {
    /// Where RTP goes.
    pub(crate) const fn rtp(self) -> u16 {
        self.0
    }

    /// Where RTCP goes.
    pub(crate) const fn rtcp(self) -> u16 {
        self.0 + 1
    }
}

/// All pairs of a range that no leg holds.
pub(crate) struct Ports {
    idle: Vec<PortPair>,
    resting: VecDeque<(Instant, PortPair)>,
    rest: Duration,
    chance: Chance,
}

impl Ports {
    /// All whole pairs of `range`, each of which rests so long after use.
    pub(crate) fn new(range: RangeInclusive<u16>, rest: Duration, chance: Chance) -> Self {
        let last = *range.end();
        let idle = range.filter(|port| port % 2 == 0 && *port < last).map(PortPair).collect();
        Self { idle, resting: VecDeque::new(), rest, chance }
    }

    /// A random pair that has rested.
    pub(crate) fn take(&mut self, now: Instant) -> Option<PortPair> {
        self.wake(now);
        let count = u64::try_from(self.idle.len()).unwrap_or(u64::MAX);
        let index = usize::try_from(self.chance.below(count)).unwrap_or_default();
        (index < self.idle.len()).then(|| self.idle.swap_remove(index))
    }

    /// Takes a pair back, to rest from `now` on.
    pub(crate) fn give_back(&mut self, now: Instant, pair: PortPair) {
        self.resting.push_back((now + self.rest, pair));
    }

    /// Takes a pair back that no peer was ever told of.
    pub(crate) fn give_back_unused(&mut self, pair: PortPair) {
        self.idle.push(pair);
    }

    /// How many pairs nobody holds, resting ones included.
    pub(crate) fn len(&self) -> usize {
        self.idle.len() + self.resting.len()
    }

    fn wake(&mut self, now: Instant) {
        while let Some(&(until, pair)) = self.resting.front()
            && until <= now
        {
            self.resting.pop_front();
            self.idle.push(pair);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const REST: Duration = crate::Settings::REST;

    fn ports(range: RangeInclusive<u16>) -> Ports {
        Ports::new(range, REST, Chance::from_number(1))
    }

    fn take_all(ports: &mut Ports, now: Instant) -> Vec<u16> {
        std::iter::from_fn(|| ports.take(now)).map(PortPair::rtp).collect()
    }

    #[test]
    fn pairs_are_even_whole_and_each_is_held_once() {
        let taken = take_all(&mut ports(30_001..=30_010), Instant::ZERO);
        let distinct: BTreeSet<u16> = taken.iter().copied().collect();
        assert_eq!(distinct.into_iter().collect::<Vec<_>>(), [30_002, 30_004, 30_006, 30_008]);
        assert_eq!(taken.len(), 4);
        assert_eq!(PortPair(30_002).rtcp(), 30_003);
    }

    #[test]
    fn the_order_is_not_the_order_of_the_range() {
        let taken = take_all(&mut ports(30_000..=30_999), Instant::ZERO);
        assert!(!taken.is_sorted());
    }

    #[test]
    fn a_freed_pair_rests_at_least_30_seconds() {
        let mut ports = ports(30_000..=30_001);
        let pair = ports.take(Instant::ZERO).expect("one pair");
        assert!(ports.take(Instant::ZERO).is_none());
        ports.give_back(Instant::ZERO, pair);
        assert!(ports.take(Instant::ZERO + Duration::from_secs(30)).is_none());
        assert!(ports.take(Instant::ZERO + REST).is_some());
    }

    #[test]
    fn a_pair_nobody_was_told_of_needs_no_rest() {
        let mut ports = ports(30_000..=30_001);
        let pair = ports.take(Instant::ZERO).expect("one pair");
        ports.give_back_unused(pair);
        assert_eq!(ports.len(), 1);
        assert!(ports.take(Instant::ZERO).is_some());
    }

    #[test]
    fn an_empty_range_has_no_pair() {
        assert!(ports(30_001..=30_002).take(Instant::ZERO).is_none());
    }
}
