//! What the threads of an engine in another process have used of a core, signalling and media apart.

use std::fs;
use std::ops::{Add, Sub};
use std::path::Path;
use std::time::Duration;

use crate::cpu::ThreadClock;

/// The engine's threads at one moment, or between two.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Usage {
    /// Every thread that is no shard: signalling, the switchboard, the negotiator, ports.
    pub(crate) signalling: Time,
    /// The media shards.
    pub(crate) media: Time,
}

/// Time on a core, and how much of it was the kernel's.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Time {
    pub(crate) all: Duration,
    /// As far as the kernel's ticks tell.
    pub(crate) in_kernel: Duration,
}

impl Usage {
    /// What all threads of a process have used that still run.
    pub(crate) fn of_process(id: u32) -> Self {
        let mut usage = Self::default();
        for task in fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten() {
            let name = fs::read_to_string(task.path().join("comm")).unwrap_or_default();
            let kind = match name.starts_with("shard") {
                true => &mut usage.media,
                false => &mut usage.signalling,
            };
            *kind = *kind + Time::of_task(&task.path());
        }
        usage
    }

    /// Of both together.
    pub(crate) fn total(&self) -> Duration {
        self.signalling.all + self.media.all
    }
}

impl Time {
    fn of_task(task: &Path) -> Self {
        let stat = fs::read_to_string(task.join("stat")).unwrap_or_default();
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let ticks = after_name.split(' ').nth(SYSTEM_TIME).and_then(|ticks| ticks.parse().ok());
        let all = ThreadClock::of_task(task).used();
        Self { all, in_kernel: TICK * ticks.unwrap_or(0_u32) }
    }
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        let (signalling, media) = (self.signalling - before.signalling, self.media - before.media);
        Self { signalling, media }
    }
}

impl Add for Time {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { all: self.all + other.all, in_kernel: self.in_kernel + other.in_kernel }
    }
}

impl Sub for Time {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            all: self.all.saturating_sub(before.all),
            in_kernel: self.in_kernel.saturating_sub(before.in_kernel),
        }
    }
}

/// `USER_HZ`, in which Linux counts towards programs on every machine we run on.
const TICK: Duration = Duration::from_millis(10);
/// Of a task's `stat`, counted behind the name.
const SYSTEM_TIME: usize = 12;
