//! The surplus of a playout's last frames.

use super::highest::Highest;

/// How many samples were in hand after each of the last frames; negative where a packet was late.
#[derive(Clone)]
pub(super) struct Surplus {
    /// Its negative, less `shift`.
    lack: Lack,
    /// Added to every remembered surplus since it was remembered.
    shift: i32,
}

/// 3 s, in samples: a delay is less than a second, and grows by a stretch a frame at most.
type Lack = Highest<i32, 15, 10>;

impl Surplus {
    /// Nothing known. Allocates; nothing later does.
    pub(super) fn new() -> Self {
        Self { lack: Lack::new(), shift: 0 }
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.lack.clear();
        self.shift = 0;
    }

    pub(super) fn record(&mut self, samples: i64) {
        self.lack.record(self.shift.saturating_sub(few(samples)));
    }

    /// The delay has changed by `samples`: every remembered frame would have had that many more.
    pub(super) fn shift(&mut self, samples: i64) {
        self.shift = self.shift.saturating_add(few(samples));
    }

    /// Counts in samples of another rate from now on.
    pub(super) fn retune(&mut self, retuned: impl Fn(i64) -> i64) {
        let retuned = |samples: i32| few(retuned(samples.into()));
        self.lack.map(retuned);
        self.shift = retuned(self.shift);
    }

    /// What 99 of 100 frames have at least. While little is known, a lack counts in full, and of a
    /// plenty what passes the source's `jitter`, in samples.
    pub(super) fn typical(&self, jitter: i64) -> i64 {
        let [_, second] = self.lack.two();
        if second == i32::MIN {
            return 0;
        }
        let surplus = i64::from(self.shift) - i64::from(second);
        match self.lack.known() {
            Lack::WINDOW.. => surplus,
            FEW.. if surplus > jitter => surplus - jitter,
            _ => surplus.min(0),
        }
    }
}

/// Samples of a delay, of which there are never many.
fn few(samples: i64) -> i32 {
    samples.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// 0.3 s.
const FEW: usize = 15;
