//! How often one client may have something done: more often than hands can ask, and not so often that
//! a program gone wrong keeps the engine from its calls (O10), fills the log with what its staff did,
//! or pushes everybody's events out of their ring.

use std::time::Duration;

use model::Instant;

/// Each client's account, by its position in the configuration.
#[derive(Debug)]
pub(crate) struct Pace {
    used_until: Vec<Instant>,
}

impl Pace {
    /// For so many clients.
    pub(crate) fn new(clients: usize) -> Self {
        Self { used_until: vec![Instant::ZERO; clients] }
    }

    /// Notes that `client` wants something done at `now`.
    ///
    /// # Errors
    /// How long it has to wait until it may.
    pub(crate) fn take(&mut self, now: Instant, client: usize) -> Result<(), Duration> {
        let Some(used_until) = self.used_until.get_mut(client) else { return Err(AHEAD) };
        let ahead = (*used_until).max(now).since(now);
        if ahead >= AHEAD {
            return Err(ahead + EACH - AHEAD);
        }
        *used_until = now + ahead + EACH;
        Ok(())
    }
}

/// Twenty a second in the long run ..
const EACH: Duration = Duration::from_millis(50);
/// .. and three hundred at once: a screen that was away for a while.
const AHEAD: Duration = Duration::from_secs(15);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn hands_are_never_too_fast_and_a_loop_is_and_it_alone() {
        let mut pace = Pace::new(2);
        assert!((0..10_000).all(|n| pace.take(at(n * 100), 0).is_ok()), "ten a second for hours");
        let later = 10_000_000;
        let taken = (0..10_000).filter(|n| pace.take(at(later + n), 0).is_ok()).count();
        assert!((490..=510).contains(&taken), "{taken} of a thousand a second in ten seconds");
        let wait = pace.take(at(later + 10_000), 0).expect_err("it has no more");
        assert!(wait <= EACH, "{wait:?}");
        assert!(pace.take(at(later + 10_000) + wait, 0).is_ok(), "it was told rightly");
        assert!(pace.take(at(later + 10_000), 1).is_ok(), "others have theirs");
        assert!(pace.take(at(later), 2).is_err(), "and nobody else has any");
    }
}
