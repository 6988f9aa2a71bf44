//! The surplus of a playout's last frames.

/// How many samples were in hand after each of the last frames; negative where a packet was late.
#[derive(Clone)]
pub(super) struct Surplus {
    frames: [i64; Self::WINDOW],
    count: usize,
    /// Added to every remembered frame since it was remembered.
    shift: i64,
}

impl Surplus {
    /// 3 s.
    const WINDOW: usize = 150;

    pub(super) const fn new() -> Self {
        Self { frames: [0; Self::WINDOW], count: 0, shift: 0 }
    }

    pub(super) const fn record(&mut self, samples: i64) {
        self.frames[self.count % Self::WINDOW] = samples - self.shift;
        self.count += 1;
    }

    /// The delay has changed by `samples`: every remembered frame would have had that many more.
    pub(super) const fn shift(&mut self, samples: i64) {
        self.shift += samples;
    }

    /// Counts in samples of another rate from now on.
    pub(super) fn retune(&mut self, retuned: impl Fn(i64) -> i64) {
        for samples in self.frames.iter_mut().chain([&mut self.shift]) {
            *samples = retuned(*samples);
        }
    }

    /// What 99 of 100 frames have at least. While little is known, a lack counts and a plenty does
    /// not.
    pub(super) fn typical(&self) -> i64 {
        let (mut least, mut second) = (i64::MAX, i64::MAX);
        for &frame in &self.frames[..self.count.min(Self::WINDOW)] {
            if frame < least {
                (least, second) = (frame, least);
            } else {
                second = second.min(frame);
            }
        }
        match second.checked_add(self.shift) {
            Some(surplus) if self.count < Self::WINDOW => surplus.min(0),
            Some(surplus) => surplus,
            None => 0,
        }
    }
}
