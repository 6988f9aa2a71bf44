//! Where a thread of real time runs, and how it competes there.

use os::scheduling::{self, Scheduling};

use crate::settings::{Cores, Priority};

/// The place of one thread among those of its kind.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// Its number, from 0 on: each gets a core of its own while there are enough.
    pub index: usize,
    /// How it competes.
    pub priority: Priority,
    /// Where it may run.
    pub cores: Cores,
}

impl Place {
    /// Puts the calling thread there, and returns what it was granted. Neither core nor priority
    /// is needed for being right, only for being on time.
    pub fn take(self) -> Scheduling {
        if self.cores == Cores::Pinned {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            // Counted from the last core: interrupts and the signalling prefer the first ones.
            let core = (cores - 1).saturating_sub(self.index % cores);
            let _ = scheduling::pin_to_core(core);
        }
        let _ = scheduling::sharpen_timers();
        match self.priority {
            Priority::Raised => scheduling::ask(),
            Priority::Ordinary => Scheduling::Ordinary,
        }
    }
}
