//! Keeping a core awake.
//!
//! A core with nothing to do sleeps, and whoever runs on it next finds its caches empty and pays for
//! filling them. At 200 calls a second that is a third of what a call takes in some hours and little
//! of it in others, and says nothing of the calls.

use std::io;
use std::process::{Child, Command};

/// A process of the idle class that never sleeps: it gives way to any other at once, and none gets
/// less of the core for it. Ends when dropped.
pub(crate) struct Vigil(Child);

impl Vigil {
    /// Begins on `core`.
    pub(crate) fn on(core: usize) -> io::Result<Self> {
        let mut command = Command::new("taskset");
        command.args(["-c", &core.to_string(), "chrt", "--idle", "0", "sh", "-c", FOREVER]);
        command.spawn().map(Self)
    }
}

impl Drop for Vigil {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two minutes at most, should nobody be left to end it.
const FOREVER: &str = "ulimit -t 120; while :; do :; done";
