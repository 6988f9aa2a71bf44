//! What is due when, for many owners at once.

use std::collections::{BTreeMap, BTreeSet};

use crate::Instant;

/// At most one deadline for each key, earliest first: the next thing and a change of mind cost
/// O(log n), and nothing is ever scanned.
#[derive(Clone, Debug)]
pub struct Agenda<K> {
    by_time: BTreeSet<(Instant, K)>,
    by_key: BTreeMap<K, Instant>,
}

impl<K> Agenda<K> {
    /// An empty one.
    pub const fn new() -> Self {
        Self { by_time: BTreeSet::new(), by_key: BTreeMap::new() }
    }
}

impl<K> Default for Agenda<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Copy + Ord> Agenda<K> {
    /// Puts `key` down for `deadline` instead of whatever was put down for it before, or takes it
    /// out.
    pub fn set(&mut self, key: K, deadline: Option<Instant>) {
        let before = match deadline {
            Some(deadline) => self.by_key.insert(key, deadline),
            None => self.by_key.remove(&key),
        };
        if before == deadline {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, key));
        }
        if let Some(deadline) = deadline {
            self.by_time.insert((deadline, key));
        }
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<Instant> {
        self.by_time.first().map(|&(deadline, _)| deadline)
    }

    /// Takes out one key whose time has come.
    pub fn take_due(&mut self, now: Instant) -> Option<K> {
        let &(deadline, key) = self.by_time.first()?;
        if deadline > now {
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
