//! Change of sample rate, offline.

/// `samples` at `from_hz`, resampled to `to_hz`. Allocates.
pub fn resample(_samples: &[i16], _from_hz: u32, _to_hz: u32) -> Vec<i16> {
    unimplemented!()
}
