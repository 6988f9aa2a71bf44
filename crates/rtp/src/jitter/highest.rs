//! The largest of the last values, without looking at each of them again.

/// The two largest of the last `RUNS` × `EACH` values; the oldest leave `EACH` at a time. Recording
/// and asking cost a few instructions, and one value in `EACH` costs O(`RUNS`).
#[derive(Clone, Debug)]
pub(super) struct Highest<const RUNS: usize, const EACH: usize> {
    /// Of the current run, and how many values it holds.
    current: Two,
    held: usize,
    /// Of all other runs together, and of each run of `EACH` values: the current one's place is the
    /// oldest's.
    others: Two,
    runs: [Two; RUNS],
    place: usize,
    /// Values in whole runs, up to the window's length.
    whole: usize,
}

/// The largest of some values and the second largest; `i64::MIN` for want of any.
type Two = [i64; 2];

impl<const RUNS: usize, const EACH: usize> Highest<RUNS, EACH> {
    /// How many values it remembers.
    pub(super) const WINDOW: usize = RUNS * EACH;

    pub(super) const fn new() -> Self {
        let (runs, others, current) = ([NONE; RUNS], NONE, NONE);
        Self { current, held: 0, others, runs, place: 0, whole: 0 }
    }

    pub(super) fn record(&mut self, value: i64) {
        if self.held == EACH {
            self.begin_run();
        }
        self.current = with(self.current, value);
        self.held += 1;
    }

    /// The largest and the second largest.
    pub(super) fn two(&self) -> Two {
        merged(self.others, self.current)
    }

    /// How many values are known.
    pub(super) fn known(&self) -> usize {
        (self.whole + self.held).min(Self::WINDOW)
    }

    /// Changes all values by a growing function.
    pub(super) fn map(&mut self, change: impl Fn(i64) -> i64) {
        let values = self.runs.iter_mut().chain([&mut self.others, &mut self.current]).flatten();
        for value in values.filter(|value| **value != i64::MIN) {
            *value = change(*value);
        }
    }

    fn begin_run(&mut self) {
        self.runs[self.place] = std::mem::replace(&mut self.current, NONE);
        self.place = (self.place + 1) % RUNS;
        self.runs[self.place] = NONE;
        self.others = self.runs.iter().fold(NONE, |all, run| merged(all, *run));
        self.whole = (self.whole + EACH).min(Self::WINDOW);
        self.held = 0;
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
