//! Tones: generators and a power probe.

use model::Digit;

/// A sine that continues from call to call.
pub struct Sine {}

impl Sine {
    /// `level_dbfs` is that of a sine against a full-scale sine (0 dBFS).
    pub fn new(_frequency_hz: f64, _level_dbfs: f64, _rate_hz: u32) -> Self {
        unimplemented!()
    }

    /// Writes the next samples.
    pub fn fill(&mut self, _frame: &mut [i16]) {}
}

/// The two tones of a digit, continuing from call to call.
pub struct Dtmf {}

impl Dtmf {
    /// The tone pair of `digit` (ITU-T Q.23).
    pub fn new(_digit: Digit, _rate_hz: u32) -> Self {
        unimplemented!()
    }

    /// Writes the next samples.
    pub fn fill(&mut self, _frame: &mut [i16]) {}
}

/// The power of `frequency_hz` in `samples`, in dBFS (a full-scale sine is 0).
pub fn power_dbfs(_samples: &[i16], _frequency_hz: f64, _rate_hz: u32) -> f64 {
    unimplemented!()
}
