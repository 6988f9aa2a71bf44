//! Who hears whom in one room.

use model::Gain;

use crate::{Limiter, Ramp, Sum};

/// The gain matrix of one room: a [`Ramp`] for each listener and speaker.
///
/// Legs are slots, `0..slots`, given by the room that owns the matrix. A pair that nobody routed
/// is silent, also a leg towards itself. O(slots²) memory, allocated once.
#[derive(Clone, Debug)]
pub struct Matrix {
    cells: Box<[Ramp]>,
    slots: usize,
    version: u64,
}

impl Matrix {
    /// A room for `slots` legs, at most [`MAX_SLOTS`], all pairs silent, version 0. Allocates;
    /// nothing later does.
    pub fn new(slots: usize) -> Self {
        let slots = slots.min(MAX_SLOTS);
        Self { cells: vec![Ramp::SILENT; slots * slots].into(), slots, version: 0 }
    }

    /// How many legs fit.
    pub const fn slots(&self) -> usize {
        self.slots
    }

    /// The version in force, from the next frame of each listener on.
    pub const fn version(&self) -> u64 {
        self.version
    }

    /// The ramp of one pair; silent for a slot that does not exist.
    pub fn cell(&self, listener: usize, speaker: usize) -> Ramp {
        self.row(listener).get(speaker).copied().unwrap_or(Ramp::SILENT)
    }

    /// Replaces the whole matrix by `routes` of (listener, speaker, gain): every other pair falls
    /// silent. Each listener's gains move over its next frame. An older or equal version, and a
    /// pair of a slot that does not exist, change nothing. O(slots² + routes).
    pub fn replace(
        &mut self,
        version: u64,
        routes: impl IntoIterator<Item = (usize, usize, Gain)>,
    ) {
        if version <= self.version {
            return;
        }
        self.version = version;
        for cell in &mut self.cells {
            cell.set(Gain::SILENT);
        }
        for (listener, speaker, gain) in routes {
            if let Some(cell) = self.row_mut(listener).get_mut(speaker) {
                cell.set(gain);
            }
        }
    }

    /// Silences a slot at once as listener and as speaker: its leg is gone and another may take it.
    pub fn vacate(&mut self, slot: usize) {
        self.row_mut(slot).fill(Ramp::SILENT);
        for listener in 0..self.slots {
            if let Some(cell) = self.row_mut(listener).get_mut(slot) {
                *cell = Ramp::SILENT;
            }
        }
    }

    /// Adds to `sum` what `listener` hears in its next frame, and ends its ramps.
    ///
    /// `spoken` gives a slot's frame, `None` for one that is silent. O(speakers), no heap.
    pub fn mix<'f>(
        &mut self,
        listener: usize,
        spoken: impl Fn(usize) -> Option<&'f [i16]>,
        sum: &mut Sum,
    ) {
        for (speaker, cell) in self.row_mut(listener).iter_mut().enumerate() {
            let ramp = cell.step();
            if let Some(frame) = spoken(speaker) {
                sum.add_ramped(frame, ramp);
            }
        }
    }

    /// [`Matrix::mix`] for a room with many speakers: `shared` is the [`Sum::of`] the same frames,
    /// made once for all listeners of this instant.
    ///
    /// A listener that hears everyone but itself as spoken (N-1) costs one subtraction, O(frame);
    /// any other is mixed from its own speakers. Both give the same samples.
    pub fn mix_shared<'f>(
        &mut self,
        listener: usize,
        shared: &Sum,
        spoken: impl Fn(usize) -> Option<&'f [i16]>,
        sum: &mut Sum,
    ) {
        if !self.hears_all_others(listener, &spoken) {
            return self.mix(listener, spoken, sum);
        }
        for cell in self.row_mut(listener) {
            cell.step();
        }
        sum.add_sum(shared);
        if let Some(own) = spoken(listener) {
            sum.subtract(own);
        }
    }

    /// Whether the next frame of `listener` is N-1 with every gain settled. O(slots).
    fn hears_all_others<'f>(
        &self,
        listener: usize,
        spoken: impl Fn(usize) -> Option<&'f [i16]>,
    ) -> bool {
        self.row(listener).iter().enumerate().all(|(speaker, ramp)| {
            let wanted = if speaker == listener { Ramp::SILENT } else { Ramp::UNITY };
            *ramp == wanted || spoken(speaker).is_none()
        })
    }

    fn row(&self, listener: usize) -> &[Ramp] {
        let start = listener.saturating_mul(self.slots);
        self.cells.get(start..start.saturating_add(self.slots)).unwrap_or_default()
    }

    fn row_mut(&mut self, listener: usize) -> &mut [Ramp] {
        let start = listener.saturating_mul(self.slots);
        self.cells.get_mut(start..start.saturating_add(self.slots)).unwrap_or_default()
    }
}

/// The most legs of a room: at a gain of 64 each, their sum still fits in 32 bits.
pub const MAX_SLOTS: usize = 1000;

/// Mixes one listener's next frame into `out`: [`Matrix::mix`], then its limiter.
pub fn mix_listener<'f>(
    matrix: &mut Matrix,
    listener: usize,
    limiter: &mut Limiter,
    spoken: impl Fn(usize) -> Option<&'f [i16]>,
    out: &mut [i16],
) {
    let mut sum = Sum::new(out.len());
    matrix.mix(listener, spoken, &mut sum);
    sum.finish(limiter, out);
}
