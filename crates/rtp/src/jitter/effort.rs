//! How many searches for like sound may be made: each costs as much as a few frames.
//!
//! A source's frame is stretched or concealed well when the sound is searched for its pitch. A
//! thread that cannot keep up has ever more to conceal; if each concealment were searched for, it
//! would never catch up again. So the listeners of a thread share an allowance, which no ordinary
//! loss uses up; beyond it a lost frame is concealed less well, and a stretch waits or, where
//! there is plenty to shed, is made without a search.

use std::time::Duration;

use model::Instant;

/// The allowance of one thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct Effort {
    /// Until when the searches made so far use it up.
    spent_until: Instant,
}

impl Effort {
    /// Whether one more search may be made at `now`; counts it if so.
    pub fn take(&mut self, now: Instant) -> bool {
        let until = self.spent_until.max(now) + EACH;
        let is_allowed = until <= now + AT_ONCE;
        if is_allowed {
            self.spent_until = until;
        }
        is_allowed
    }

    /// Uses all of it up, for a thread that is behind at `now`: it has no time for searches.
    pub fn spend(&mut self, now: Instant) {
        self.spent_until = now + AT_ONCE;
    }
}

/// Eight in a millisecond: some two hundredths of a core.
const EACH: Duration = Duration::from_micros(125);
/// 64, after a while without.
const AT_ONCE: Duration = Duration::from_millis(8);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_is_behind_searches_nothing_until_it_is_not() {
        let mut effort = Effort::default();
        effort.spend(Instant::ZERO);
        assert!(!effort.take(Instant::ZERO));
        assert!(effort.take(Instant::ZERO + EACH));
    }

    #[test]
    fn sixty_four_searches_at_once_and_eight_in_each_millisecond_after() {
        let mut effort = Effort::default();
        let mut taken = |millis: u64| {
            let now = Instant::ZERO + Duration::from_millis(millis);
            (0..1_000).filter(|_| effort.take(now)).count()
        };
        assert_eq!([0, 0, 1, 2, 3, 500].map(&mut taken), [64, 0, 8, 8, 8, 64]);
    }
}
