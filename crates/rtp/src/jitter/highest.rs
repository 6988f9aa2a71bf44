//! The largest of the last values, without looking at each of them again.

/// The two largest of the last `RUNS` × `EACH` values; the oldest leave `EACH` at a time. Recording
/// and asking cost a few instructions, and one value in `EACH` costs O(`RUNS`): only then what lies
/// elsewhere is looked at.
#[derive(Clone, Debug)]
pub(super) struct Highest<V, const RUNS: usize, const EACH: usize> {
    /// Of the current run.
    current: Two<V>,
    /// Of all other runs together.
    others: Two<V>,
    /// Of each run of `EACH` values: the current one's place is the oldest's.
    runs: Box<[Two<V>; RUNS]>,
    place: u8,
    /// How many values the current run holds.
    held: u8,
    /// Values in whole runs, up to the window's length.
    whole: u16,
}

/// The largest of some values and the second largest; [`Value::LEAST`] for want of any.
type Two<V> = [V; 2];

/// What can be compared.
pub(super) trait Value: Copy + Ord {
    /// Stands for none.
    const LEAST: Self;
}

impl Value for i32 {
    const LEAST: Self = Self::MIN;
}

impl Value for i64 {
    const LEAST: Self = Self::MIN;
}

impl<V: Value, const RUNS: usize, const EACH: usize> Highest<V, RUNS, EACH> {
    /// How many values it remembers.
    pub(super) const WINDOW: usize = RUNS * EACH;
    const NONE: Two<V> = [V::LEAST; 2];

    /// Nothing known. Allocates; nothing later does.
    pub(super) fn new() -> Self {
        const { assert!(RUNS < 256 && EACH < 256 && Self::WINDOW < 65_536, "counts fit") };
        let (current, others, runs) = (Self::NONE, Self::NONE, Box::new([Self::NONE; RUNS]));
        Self { current, others, runs, place: 0, held: 0, whole: 0 }
    }

    /// Forgets all values.
    pub(super) fn clear(&mut self) {
        (self.current, self.others) = (Self::NONE, Self::NONE);
        self.runs.fill(Self::NONE);
        (self.place, self.held, self.whole) = (0, 0, 0);
    }

    pub(super) fn record(&mut self, value: V) {
        if usize::from(self.held) == EACH {
            self.begin_run();
        }
        self.current = with(self.current, value);
        self.held += 1;
    }

    /// The largest and the second largest.
    pub(super) fn two(&self) -> Two<V> {
        merged(self.others, self.current)
    }

    /// How many values are known.
    pub(super) fn known(&self) -> usize {
        (usize::from(self.whole) + usize::from(self.held)).min(Self::WINDOW)
    }

    /// Changes all values by a growing function.
    pub(super) fn map(&mut self, change: impl Fn(V) -> V) {
        let values = self.runs.iter_mut().chain([&mut self.others, &mut self.current]).flatten();
        for value in values.filter(|value| **value != V::LEAST) {
            *value = change(*value);
        }
    }

    fn begin_run(&mut self) {
        self.runs[usize::from(self.place)] = std::mem::replace(&mut self.current, Self::NONE);
        self.place = (self.place + 1) % RUNS as u8;
        self.runs[usize::from(self.place)] = Self::NONE;
        self.others = self.runs.iter().fold(Self::NONE, |all, run| merged(all, *run));
        self.whole = (self.whole + EACH as u16).min(Self::WINDOW as u16);
        self.held = 0;
    }
}

fn with<V: Value>([first, second]: Two<V>, value: V) -> Two<V> {
    [first.max(value), second.max(first.min(value))]
}

fn merged<V: Value>(one: Two<V>, [first, second]: Two<V>) -> Two<V> {
    with(with(one, first), second)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_knows_the_two_largest_of_the_window(
            values in prop::collection::vec(-50_i64..50, 1..120),
        ) {
            let mut highest = Highest::<i64, 5, 4>::new();
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
            let known = highest.known();
            highest.map(|value| 3 * value);
            let tripled = before.map(|value| if value == i64::MIN { value } else { 3 * value });
            prop_assert_eq!((highest.two(), highest.known()), (tripled, known));
            highest.clear();
            prop_assert_eq!((highest.two(), highest.known()), ([i64::MIN; 2], 0));
        }
    }

    #[test]
    fn of_nothing_nothing_is_known() {
        let highest = Highest::<i32, 3, 2>::new();
        assert_eq!((highest.two(), highest.known()), ([i32::MIN; 2], 0));
    }
}
