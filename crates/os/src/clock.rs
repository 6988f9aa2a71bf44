//! The one clock of the outside crates: `CLOCK_MONOTONIC` as [`Instant`], the calendar as
//! [`WallTime`].

use std::time::Duration;

use model::{Instant, WallTime};
use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds of `CLOCK_MONOTONIC`: the same clock as tokio's.
pub fn now() -> Instant {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let nanos = u64::try_from(time.tv_nsec).unwrap_or_default();
    Instant::from_nanos(seconds * 1_000_000_000 + nanos)
}

/// What the calling thread has used of its core since it began (`CLOCK_THREAD_CPUTIME_ID`); unlike
/// the clock on the wall, it stands still while others run instead.
pub fn thread_used() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Whole seconds since 1970-01-01 UTC.
pub fn wall() -> WallTime {
    WallTime(since_1970().as_secs().cast_signed())
}

/// The same to the nanosecond: no two starts of a program share it.
pub fn since_1970() -> Duration {
    let time = clock_gettime(ClockId::Realtime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
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
    fn a_thread_that_sleeps_uses_nothing_and_one_that_works_does() {
        let (wall, used) = (now(), thread_used());
        std::thread::sleep(Duration::from_millis(50));
        assert!(thread_used() - used < now().since(wall));
        let used = thread_used();
        while thread_used() == used {}
    }

    #[test]
    fn the_calendar_is_later_than_this_source() {
        assert!(wall() > WallTime(1_760_000_000));
    }
}
