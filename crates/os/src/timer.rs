//! A timer that fires at an absolute instant: `timerfd` on `CLOCK_MONOTONIC`.
//!
//! Exact to microseconds where the thread's timer slack is small (see
//! [`crate::scheduling::sharpen_timers`]); a runtime's timer wheel is late by a millisecond and more.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use model::Instant;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

/// One absolute timer, readable in a [`crate::Poller`] once it has fired.
#[derive(Debug)]
pub struct Timer {
    descriptor: OwnedFd,
    set_for: Option<Instant>,
}

impl Timer {
    /// A timer that is not set.
    pub fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let descriptor = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        Ok(Self { descriptor, set_for: None })
    }

    /// Fires at `at`, at once if that has passed, never if `None`; replaces the former setting.
    /// No system call when nothing changes.
    pub fn set(&mut self, at: Option<Instant>) -> io::Result<()> {
        if self.set_for == at {
            return Ok(());
        }
        let setting = Itimerspec { it_interval: NEVER, it_value: at.map_or(NEVER, timespec) };
        timerfd_settime(&self.descriptor, TimerfdTimerFlags::ABSTIME, &setting)?;
        self.set_for = at;
        Ok(())
    }

    /// Notes that the timer has fired, so that it is no longer readable.
    pub fn clear(&mut self) -> io::Result<()> {
        self.set_for = None;
        let setting = Itimerspec { it_interval: NEVER, it_value: NEVER };
        timerfd_settime(&self.descriptor, TimerfdTimerFlags::ABSTIME, &setting)?;
        Ok(())
    }
}

impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

/// An instant as the kernel counts it; all zero would mean "never", so it is at least 1 ns.
fn timespec(at: Instant) -> Timespec {
    let nanos = at.as_nanos().max(1);
    let part = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    Timespec { tv_sec: part(nanos / 1_000_000_000), tv_nsec: part(nanos % 1_000_000_000) }
}

const NEVER: Timespec = Timespec { tv_sec: 0, tv_nsec: 0 };

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Poller, Ready, clock};

    #[test]
    fn it_fires_at_its_instant_and_never_before() {
        let (poller, mut ready) = (Poller::new().unwrap(), Ready::with_capacity(1));
        let mut timer = Timer::new().unwrap();
        poller.add(&timer, 1).unwrap();
        let at = clock::now() + Duration::from_millis(5);
        timer.set(Some(at)).unwrap();
        poller.wait(&mut ready, Some(Duration::from_secs(5))).unwrap();
        assert_eq!(ready.len(), 1);
        assert!(clock::now() >= at);
    }

    #[test]
    fn an_instant_that_has_passed_fires_at_once_and_a_cleared_timer_is_silent() {
        let (poller, mut ready) = (Poller::new().unwrap(), Ready::with_capacity(1));
        let mut timer = Timer::new().unwrap();
        poller.add(&timer, 1).unwrap();
        timer.set(Some(Instant::ZERO)).unwrap();
        poller.wait(&mut ready, Some(Duration::from_secs(5))).unwrap();
        assert_eq!(ready.len(), 1);
        timer.clear().unwrap();
        poller.wait(&mut ready, Some(Duration::ZERO)).unwrap();
        assert!(ready.is_empty());
    }
}
