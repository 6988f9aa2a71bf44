//! The surplus of a playout's last frames.

use super::highest::Highest;

/// How many samples were in hand after each of the last frames; negative where a packet was late.
#[derive(Clone)]
pub(super) struct Surplus {
    /// Its negative, less `shift`.
    lack: Lack,
    /// Added to every remembered surplus since it was remembered.
    shift: i64,
}

/// 3 s.
type Lack = Highest<15, 10>;

impl Surplus {
    pub(super) const fn new() -> Self {
        Self { lack: Lack::new(), shift: 0 }
    }

    pub(super) fn record(&mut self, samples: i64) {
        self.lack.record(self.shift - samples);
    }

    /// The delay has changed by `samples`: every remembered frame would have had that many more.
    pub(super) const fn shift(&mut self, samples: i64) {
        self.shift += samples;
    }

    /// Counts in samples of another rate from now on.
    pub(super) fn retune(&mut self, retuned: impl Fn(i64) -> i64) {
        self.lack.map(&retuned);
        self.shift = retuned(self.shift);
    }

    /// What 99 of 100 frames have at least. While little is known, a lack counts in full, and of a
    /// plenty what passes the source's `jitter`, in samples.
    pub(super) fn typical(&self, jitter: i64) -> i64 {
        let [_, second] = self.lack.two();
        if second == i64::MIN {
            return 0;
        }
        let surplus = self.shift - second;
        match self.lack.known() {
            Lack::WINDOW.. => surplus,
            FEW.. if surplus > jitter => surplus - jitter,
            _ => surplus.min(0),
        }
    }
}

/// 0.3 s.
const FEW: usize = 15;
