//! What a thread of this process has used of a core, to the nanosecond (`schedstat`): not the time
//! during which it waited for one.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What all threads of a process have used that still run.
pub(crate) fn of_process(id: u32) -> Duration {
    let tasks = fs::read_dir(format!("/proc/{id}/task")).into_iter().flatten().flatten();
    tasks.map(|task| ThreadClock::of_task(&task.path()).used()).sum()
}

/// One thread's clock.
#[derive(Clone, Debug)]
pub(crate) struct ThreadClock(PathBuf);

impl ThreadClock {
    /// The clock of the thread with that name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut tasks = fs::read_dir("/proc/self/task").ok()?.flatten();
        let is_named = |task: &fs::DirEntry| {
            fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name)
        };
        tasks.find(is_named).map(|task| Self::of_task(&task.path()))
    }

    /// The clock of the thread with this folder in `/proc`.
    pub(crate) fn of_task(folder: &Path) -> Self {
        Self(folder.join("schedstat"))
    }

    /// The calling thread's clock.
    pub(crate) fn own() -> Self {
        Self(PathBuf::from("/proc/thread-self/schedstat"))
    }

    /// What the thread has used since it began.
    pub(crate) fn used(&self) -> Duration {
        let text = fs::read_to_string(&self.0).unwrap_or_default();
        let nanos = text.split(' ').next().and_then(|nanos| nanos.parse().ok());
        Duration::from_nanos(nanos.unwrap_or_default())
    }
}
