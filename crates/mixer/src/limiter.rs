//! The limiter.

/// Keeps one listener's sum within 16 bits.
#[derive(Clone, Debug, Default)]
pub struct Limiter {}

impl Limiter {
    /// Writes `sum` limited to `out`, of the same length.
    pub fn limit(&mut self, sum: &[i32], out: &mut [i16]) {
        for (out, &total) in out.iter_mut().zip(sum) {
            *out = i16::try_from(total).unwrap_or(if total < 0 { i16::MIN } else { i16::MAX });
        }
    }
}
