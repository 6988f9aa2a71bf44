//! RFC 3261's timer values, the doubling of a retransmission, and the agenda of what is due when.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::Instant;

/// The estimated round trip (RFC 3261 §17.1.1.1).
pub(crate) const T1: Duration = Duration::from_millis(500);
/// The longest pause between retransmissions of anything but an INVITE.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// How long a message may stay in the network.
pub(crate) const T4: Duration = Duration::from_secs(5);
/// 64 · T1: Timers B, F, H, J, L and M, and at least Timer D.
pub(crate) const LIFETIME: Duration = Duration::from_secs(32);
/// Timer C: how long a peer may ring without a further word (§16.6).
pub(crate) const TIMER_C: Duration = Duration::from_secs(180);

/// A retransmission whose pause doubles up to a ceiling (Timers A, E, G, and the 2xx of §13.3.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    at: Instant,
    pause: Duration,
    ceiling: Duration,
}

impl Backoff {
    /// First due T1 after `now`; the pause never exceeds `ceiling`.
    pub(crate) fn new(now: Instant, ceiling: Duration) -> Self {
        Self { at: now + T1, pause: T1, ceiling }
    }

    /// When it is next due.
    pub(crate) const fn at(&self) -> Instant {
        self.at
    }

    /// The one after this, if it is due. A late call yields one retransmission, not a burst.
    pub(crate) fn due(self, now: Instant) -> Option<Self> {
        let pause = (self.pause * 2).min(self.ceiling);
        (self.at <= now).then_some(Self { at: now + pause, pause, ..self })
    }
}

/// What is due when: the next thing and a change of mind cost O(log n), and nothing is ever scanned.
pub(crate) struct Agenda<K> {
    due: BTreeSet<(Instant, K)>,
    when: BTreeMap<K, Instant>,
}

impl<K: Copy + Ord> Agenda<K> {
    pub(crate) const fn new() -> Self {
        Self { due: BTreeSet::new(), when: BTreeMap::new() }
    }

    /// Puts `key` down for `at` instead of whatever was put down for it before.
    pub(crate) fn set(&mut self, key: K, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.when.insert(key, at),
            None => self.when.remove(&key),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.due.remove(&(before, key));
        }
        if let Some(at) = at {
            self.due.insert((at, key));
        }
    }

    /// When the next thing is due.
    pub(crate) fn next(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// Takes one thing that is due at `now`.
    pub(crate) fn take_due(&mut self, now: Instant) -> Option<K> {
        let (at, key) = *self.due.first()?;
        if at > now {
            return None;
        }
        self.set(key, None);
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_its_ceiling() {
        let mut backoff = Backoff::new(Instant::ZERO, T2);
        let mut fired = Vec::new();
        for millis in 0..16_000_u64 {
            let now = Instant::from_nanos(millis * 1_000_000);
            if let Some(next) = backoff.due(now) {
                fired.push(millis);
                backoff = next;
            }
        }
        assert_eq!(fired, [500, 1500, 3500, 7500, 11_500, 15_500]);
    }

    #[test]
    fn the_agenda_holds_each_key_once_and_in_order() {
        let at = Instant::from_nanos;
        let mut agenda = Agenda::new();
        agenda.set('b', Some(at(5)));
        agenda.set('a', Some(at(9)));
        agenda.set('b', Some(at(20)));
        agenda.set('c', Some(at(7)));
        agenda.set('c', None);
        assert_eq!(agenda.next(), Some(at(9)));
        assert_eq!(agenda.take_due(at(8)), None);
        assert_eq!(agenda.take_due(at(30)), Some('a'));
        assert_eq!(agenda.take_due(at(30)), Some('b'));
        assert_eq!(agenda.take_due(at(30)), None);
        assert_eq!(agenda.next(), None);
    }
}
