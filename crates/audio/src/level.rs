//! Levels.

/// RMS level in dBov.
pub fn level_dbov(_frame: &[i16]) -> i8 {
    unimplemented!()
}

/// Whether a party speaks, by level.
pub struct SpeechDetector {}

impl SpeechDetector {
    /// A party not yet speaking, at `rate_hz` samples a second.
    pub const fn new(_rate_hz: u32) -> Self {
        Self {}
    }

    /// Whether the party speaks now (with hang-over).
    pub const fn is_speaking(&self) -> bool {
        false
    }

    /// Hears a frame of any length; `Some` when the party started or stopped speaking.
    pub fn frame(&mut self, _frame: &[i16]) -> Option<bool> {
        None
    }
}
