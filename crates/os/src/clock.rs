//! The one clock of the outside crates: `CLOCK_MONOTONIC` as [`Instant`], the calendar as
//! [`WallTime`].

use model::{Instant, WallTime};
use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of `CLOCK_MONOTONIC`: the same clock as [`crate::Timer`], and as tokio's.
pub fn now() -> Instant {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    Instant::from_nanos(seconds * 1_000_000_000 + nanos)
}

/// Whole seconds since 1970-01-01 UTC.
pub fn wall() -> WallTime {
    WallTime(clock_gettime(ClockId::Realtime).tv_sec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_monotonic_clock_never_steps_back() {
        let first = now();
        assert!(now() >= first && first > Instant::ZERO);
    }

    #[test]
    fn the_calendar_is_later_than_this_source() {
        assert!(wall() > WallTime(1_760_000_000));
    }
}
