//! When a thread runs: real-time priority for the media shards, exact timers, a core of its own.
//!
//! All calls concern the calling thread only.

use std::io;
use std::num::NonZeroU64;

pub use model::Scheduling;
use rustix::process::{getpriority_process, setpriority_process};
use rustix::thread::{CpuSet, gettid, sched_getaffinity, sched_setaffinity};

/// Asks for the best the system grants this thread: `SCHED_FIFO`, else nice, else nothing.
pub fn ask() -> Scheduling {
    if set_policy(libc::SCHED_FIFO, FIFO_PRIORITY).is_ok() { Scheduling::Fifo } else { ask_nice() }
}

/// Gives real-time priority back, so that an overloaded shard cannot starve the signalling;
/// returns what the thread has now.
pub fn give_back_fifo() -> Scheduling {
    match set_policy(libc::SCHED_OTHER, 0) {
        Ok(()) => ask_nice(),
        Err(_) => Scheduling::Fifo,
    }
}

/// Lets this thread's sleeps end within a nanosecond of their time instead of 50 µs
/// (`PR_SET_TIMERSLACK`).
pub fn sharpen_timers() -> io::Result<()> {
    Ok(rustix::thread::set_current_timer_slack(NonZeroU64::new(1))?)
}

/// Keeps this thread on the `index`-th of the cores it may use, counted round.
pub fn pin_to_core(index: usize) -> io::Result<()> {
    let allowed = sched_getaffinity(None)?;
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|&core| allowed.is_set(core)).collect();
    let mut one = CpuSet::new();
    if let Some(&core) = cores.get(index.checked_rem(cores.len()).unwrap_or_default()) {
        one.set(core);
        sched_setaffinity(None, &one)?;
    }
    Ok(())
}

fn ask_nice() -> Scheduling {
    // On Linux a nice value belongs to one thread, named by its thread id (NPTL departs from
    // POSIX here).
    let thread = Some(gettid());
    let granted = setpriority_process(thread, NICE).is_ok()
        && getpriority_process(thread).is_ok_and(|nice| nice <= NICE);
    if granted { Scheduling::Nice } else { Scheduling::Ordinary }
}

fn set_policy(policy: libc::c_int, priority: libc::c_int) -> io::Result<()> {
    let parameters = libc::sched_param { sched_priority: priority };
    // SAFETY: 0 names the calling thread, and `parameters` is a valid sched_param that outlives
    // the call, which only reads it.
    let result = unsafe { libc::sched_setscheduler(0, policy, &raw const parameters) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

const FIFO_PRIORITY: libc::c_int = 50;
const NICE: i32 = -15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifo_is_given_back() {
        std::thread::spawn(|| {
            let granted = ask();
            let after = give_back_fifo();
            assert_ne!(after, Scheduling::Fifo, "granted {granted} at first");
        })
        .join()
        .unwrap();
    }

    #[test]
    fn a_thread_pins_itself_to_one_core_and_sharpens_its_timers() {
        std::thread::spawn(|| {
            pin_to_core(5).unwrap();
            assert_eq!(sched_getaffinity(None).unwrap().count(), 1);
            sharpen_timers().unwrap();
            assert_eq!(rustix::thread::current_timer_slack().unwrap(), 1);
        })
        .join()
        .unwrap();
    }
}
