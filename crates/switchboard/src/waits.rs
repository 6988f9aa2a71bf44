//! How long advocates and callers waited for an interpreter (I1), counted since the start: from the
//! request until the first interpreter is part of the conversation.
//!
//! For the whole hotline only. By language, or by a vendor that serves one, a count of one would be
//! a caller (D5, D6): which language a call had is for the coarse records, which suppress small cells.

use std::time::Duration;

/// The upper ends of the classes, in seconds: about 30, which nine of ten should not take (I1), and
/// 60, when a vendor is given up (I2). Longer ones are the last class.
pub const WAITED_SECONDS: [u64; 9] = [10, 15, 20, 30, 45, 60, 90, 120, 300];

/// The waits of all searches since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InterpreterWaits {
    /// How many interpreters joined in each class of [`WAITED_SECONDS`], and later than all.
    pub joined: [u64; WAITED_SECONDS.len() + 1],
    /// All these waits together.
    pub total: Duration,
    /// Searches that ended with nobody.
    pub not_found: u64,
}

impl InterpreterWaits {
    /// An interpreter joined, so long after the request.
    pub(crate) fn joins(&mut self, waited: Duration) {
        let is_within = |&end: &u64| waited <= Duration::from_secs(end);
        let class = WAITED_SECONDS.iter().position(is_within).unwrap_or(WAITED_SECONDS.len());
        self.joined[class] += 1;
        self.total += waited;
    }

    /// How many joined within `seconds`, one of [`WAITED_SECONDS`], in percent of all; `None` below
    /// ten, which say nothing about a hotline and something about a caller (D6).
    pub fn percent_within(&self, seconds: u64) -> Option<u8> {
        let all: u64 = self.joined.iter().sum();
        let classes = WAITED_SECONDS.iter().zip(&self.joined);
        let within: u64 = classes.filter(|(end, _)| **end <= seconds).map(|(_, count)| count).sum();
        (all >= LEAST).then(|| u8::try_from(100 * within / all).unwrap_or(100))
    }
}

const LEAST: u64 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_in_the_first_class_that_holds_it() {
        let mut waits = InterpreterWaits::default();
        for millis in [0, 10_000, 10_001, 30_000, 300_000, 300_001, 9_000_000] {
            waits.joins(Duration::from_millis(millis));
        }
        assert_eq!(waits.joined, [2, 1, 0, 1, 0, 0, 0, 0, 1, 2]);
        assert_eq!(waits.total, Duration::from_millis(9_650_002));
    }

    #[test]
    fn d6_a_share_is_told_of_ten_and_not_of_nine() {
        let mut waits = InterpreterWaits::default();
        for seconds in [5, 12, 29, 30, 31, 44, 60, 61, 400] {
            waits.joins(Duration::from_secs(seconds));
            assert_eq!(waits.percent_within(30), None);
        }
        waits.joins(Duration::from_secs(1));
        assert_eq!(waits.percent_within(30), Some(50));
        assert_eq!(waits.percent_within(300), Some(90));
    }
}
