//! One frame in the making.

use model::Gain;

use crate::{Limiter, Ramp};

/// The longest frame: 20 ms at 48 kHz.
pub const MAX_FRAME: usize = 960;

/// The sum of several frames, before it is limited to 16 bits.
///
/// The samples are `i32` in units of one `i16` step: 65 535 legs at unity fit, and within that the
/// order of adding never matters. A source at gain `g` counts as `g` legs, so a thousand legs at
/// the highest gain there is fit too. Plain wrapping addition: the saturating one has no vector
/// instruction, and costs four times as much.
#[derive(Clone)]
pub struct Sum {
    samples: [i32; MAX_FRAME],
    length: usize,
}

impl Sum {
    /// Silence of `length` samples, at most [`MAX_FRAME`]. In place: no heap.
    pub const fn new(length: usize) -> Self {
        assert!(length <= MAX_FRAME, "a frame is at most 960 samples");
        Self { samples: [0; MAX_FRAME], length }
    }

    /// Silence again, of `length` samples, at most [`MAX_FRAME`]. O(n), no heap.
    pub fn clear(&mut self, length: usize) {
        self.length = length.min(MAX_FRAME);
        self.samples_mut().fill(0);
    }

    /// Becomes a copy of another sum, length and all. O(n), no heap.
    pub fn copy(&mut self, other: &Self) {
        self.length = other.length;
        self.samples_mut().copy_from_slice(other.samples());
    }

    /// The samples summed so far, in units of one `i16` step.
    pub fn samples(&self) -> &[i32] {
        &self.samples[..self.length]
    }

    /// Adds a frame as spoken, full scale ±32 767; a shorter frame counts as silent after its end.
    /// O(n), no heap.
    pub fn add(&mut self, frame: &[i16]) {
        simd::add(self.samples_mut(), frame);
    }

    /// Takes a frame out of the sum again: the N-1 of its speaker. Exact; O(n), no heap.
    pub fn subtract(&mut self, frame: &[i16]) {
        simd::subtract(self.samples_mut(), frame);
    }

    /// Adds a frame at the gain of `ramp`, each product rounded to the nearest step. O(n), no heap.
    pub fn add_ramped(&mut self, frame: &[i16], ramp: Ramp) {
        match ramp.constant() {
            Some(Gain::SILENT) => {}
            Some(Gain::UNITY) => self.add(frame),
            _ => self.add_scaled(frame, ramp),
        }
    }

    /// Changes the gain of everything summed so far: the room ducked under a prompt. O(n), no heap.
    pub fn scale(&mut self, ramp: Ramp) {
        if ramp.constant() == Some(Gain::UNITY) {
            return;
        }
        let slope = ramp.slope(self.length);
        simd::scale(self.samples_mut(), slope);
    }

    /// Limits the sum into `out`, of the same length, full scale ±32 767. O(n), no heap.
    pub fn finish(&self, limiter: &mut Limiter, out: &mut [i16]) {
        limiter.limit(self.samples(), out);
    }

    fn add_scaled(&mut self, frame: &[i16], ramp: Ramp) {
        let slope = ramp.slope(self.length);
        simd::add_scaled(self.samples_mut(), frame, slope);
    }

    fn samples_mut(&mut self) -> &mut [i32] {
        &mut self.samples[..self.length]
    }
}
