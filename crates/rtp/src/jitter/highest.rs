//! The largest of the last values, without looking at each of them again.

/// The two largest of the last `RUNS` × `EACH` values; the oldest leave `EACH` at a time. Recording
/// and asking cost a few instructions, and one value in `EACH` costs O(`RUNS`).
#[derive(Clone, Debug)]
pub(super) struct Highest<const RUNS: usize, const EACH: usize> {
    /// Of each run of `EACH` values.
    runs: [Two; RUNS],
    /// Of all runs but the current one.
    others: Two,
    /// Values so far; stands still at the window's length, but for its place in the runs.
    count: usize,
}

/// The largest of some values and the second largest; `i64::MIN` for want of any.
type Two = [i64; 2];

impl<const RUNS: usize, const EACH: usize> Highest<RUNS, EACH> {
    /// How many values it remembers.
    pub(super) const WINDOW: usize = RUNS * EACH;

    pub(super) const fn new() -> Self {
        Self { runs: [NONE; RUNS], others: NONE, count: 0 }
    }

    pub(super) fn record(&mut self, value: i64) {
        let current = self.current();
        if self.count.is_multiple_of(EACH) {
            self.runs[current] = NONE;
            self.others = self.runs.iter().fold(NONE, |all, run| merged(all, *run));
        }
        self.runs[current] = with(self.runs[current], value);
        self.count += 1;
        if self.count == 2 * Self::WINDOW {
            self.count = Self::WINDOW;
        }
    }

    /// The largest and the second largest.
    pub(super) fn two(&self) -> Two {
        merged(self.others, self.runs[self.last()])
    }

    /// How many values are known.
    pub(super) fn known(&self) -> usize {
        self.count.min(Self::WINDOW)
    }

    /// Changes all values by a growing function.
    pub(super) fn map(&mut self, change: impl Fn(i64) -> i64) {
        let values = self.runs.iter_mut().chain([&mut self.others]).flatten();
        for value in values.filter(|value| **value != i64::MIN) {
            *value = change(*value);
        }
    }

    const fn current(&self) -> usize {
        self.count / EACH % RUNS
    }

    const fn last(&self) -> usize {
        self.count.saturating_sub(1) / EACH % RUNS
    }
}

fn with([first, second]: Two, value: i64) -> Two {
    [first.max(value), second.max(first.min(value))]
}

fn merged(one: Two, [first, second]: Two) -> Two {
    with(with(one, first), second)
}

const NONE: Two = [i64::MIN; 2];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_knows_the_two_largest_of_the_window(
            values in prop::collection::vec(-50_i64..50, 1..120),
        ) {
            let mut highest = Highest::<5, 4>::new();
            for (at, &value) in values.iter().enumerate() {
                highest.record(value);
                let kept = if at < 20 { at + 1 } else { 17 + at % 4 };
                let mut last = values[at + 1 - kept..=at].to_vec();
                last.push(i64::MIN);
                last.sort_unstable_by(|a, b| b.cmp(a));
                prop_assert_eq!(highest.two(), [last[0], last[1]]);
                prop_assert_eq!(highest.known(), (at + 1).min(20));
            }
            let before = highest.two();
            highest.map(|value| 3 * value);
            let tripled = before.map(|value| if value == i64::MIN { value } else { 3 * value });
            prop_assert_eq!(highest.two(), tripled);
        }
    }

    #[test]
    fn of_nothing_nothing_is_known() {
        let highest = Highest::<3, 2>::new();
        assert_eq!((highest.two(), highest.known()), (NONE, 0));
    }
}
