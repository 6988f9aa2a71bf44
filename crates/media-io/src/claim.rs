//! How long a shard's thread keeps its real-time priority.
//!
//! The kernel itself leaves the others 5 % of every core, so a busy shard starves nobody and must
//! not be demoted: it would fall behind the more, the more it has to do. One that has used all
//! that it may have for seconds is not busy but overloaded. It gives the priority back, so that the
//! signalling, which is to refuse calls now, runs whenever it wants; and has it again once the load
//! has fallen.

use os::scheduling::Scheduling;

/// What a thread was granted, and what it has of it.
#[derive(Debug)]
pub(crate) struct Claim {
    granted: Scheduling,
    has: Scheduling,
    /// Measurements in a row that showed no pause.
    breathless: u32,
}

/// What a thread should do about its priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// Let the others go first.
    GiveBack,
    /// Take it again.
    Ask,
}

impl Claim {
    /// A thread that was `granted` this when it began.
    pub(crate) const fn new(granted: Scheduling) -> Self {
        Self { granted, has: granted, breathless: 0 }
    }

    /// Notes one measurement of the load, in percent.
    pub(crate) fn note(&mut self, load: u8) -> Option<Wish> {
        self.breathless = if load < BREATHLESS { 0 } else { self.breathless + 1 };
        let is_raised = self.has == Scheduling::Fifo;
        match self.granted {
            Scheduling::Fifo if is_raised && self.breathless >= PATIENCE => Some(Wish::GiveBack),
            Scheduling::Fifo if !is_raised && load < ASK_AGAIN_BELOW => Some(Wish::Ask),
            _ => None,
        }
    }

    /// Notes what the thread has now.
    pub(crate) const fn has(&mut self, scheduling: Scheduling) {
        self.has = scheduling;
        self.breathless = 0;
    }
}

/// The load in percent that leaves nothing: the kernel stops real-time threads at 95.
const BREATHLESS: u8 = 94;
/// Measurements of half a second each: a burst of calls, or a moment's stall made up for, is over
/// by then.
const PATIENCE: u32 = 6;
/// The load in percent below which the priority is asked for again.
const ASK_AGAIN_BELOW: u8 = 80;

#[cfg(test)]
mod tests {
    use super::*;

    /// The measurements at which a thread that was granted this gave back and asked again.
    fn wishes(granted: Scheduling, loads: &[u8]) -> Vec<(usize, Wish)> {
        let mut claim = Claim::new(granted);
        let wished = |(at, &load): (usize, &u8)| {
            let wish = claim.note(load)?;
            claim.has(if wish == Wish::Ask { Scheduling::Fifo } else { Scheduling::Nice });
            Some((at, wish))
        };
        loads.iter().enumerate().filter_map(wished).collect()
    }

    #[test]
    fn a_busy_thread_keeps_its_priority() {
        let busy = [[93; 100], [90; 100]].concat();
        assert_eq!(wishes(Scheduling::Fifo, &busy), []);
        let burst = [100, 100, 100, 100, 100, 93].repeat(20);
        assert_eq!(wishes(Scheduling::Fifo, &burst), []);
    }

    #[test]
    fn one_without_a_pause_gives_it_back_after_three_seconds_and_has_it_again_when_it_can() {
        let loads = [[100; 6], [95; 6], [79; 6]].concat();
        let expected = [(5, Wish::GiveBack), (12, Wish::Ask)];
        assert_eq!(wishes(Scheduling::Fifo, &loads), expected);
    }

    #[test]
    fn what_was_never_granted_is_neither_given_back_nor_asked_for() {
        let loads = [[100; 20], [0; 20]].concat();
        for granted in [Scheduling::Nice, Scheduling::Ordinary] {
            assert_eq!(wishes(granted, &loads), []);
        }
    }
}
