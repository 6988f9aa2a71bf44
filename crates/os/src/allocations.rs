//! Counting what one thread, or one piece of work, allocates: for the tests that prove a shard free
//! of the heap.
//!
//! Not for a running engine: each allocation of the whole process may then cost a system call.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// The system's allocator, with a count of the calls of one watched thread.
#[derive(Debug)]
pub struct CountingAllocator;

impl CountingAllocator {
    /// Counts from 0 what the thread of this process with that `name` allocates and frees from now
    /// on. `false` if there is no such thread.
    pub fn watch(name: &str) -> bool {
        let thread = thread_named(name);
        COUNT.store(0, Ordering::SeqCst);
        WATCHED.store(thread.unwrap_or(NOBODY), Ordering::SeqCst);
        thread.is_some()
    }

    /// How often the watched thread has used the heap since.
    pub fn count() -> u64 {
        COUNT.load(Ordering::SeqCst)
    }

    /// Does `work`, and tells how often it used the heap meanwhile.
    pub fn uses<T>(work: impl FnOnce() -> T) -> (T, u64) {
        let before = USES.get();
        let done = work();
        (done, USES.get() - before)
    }
}

/// The kernel's number of a thread, by the name it was given.
fn thread_named(name: &str) -> Option<i32> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let named = |task: &std::fs::DirEntry| {
        std::fs::read_to_string(task.path().join("comm")).is_ok_and(|comm| comm.trim() == name)
    };
    let task = tasks.flatten().find(named)?;
    task.file_name().to_str()?.parse().ok()
}

fn note() {
    // A thread that ends frees its last things when it has no counter any more.
    let _ = USES.try_with(|uses| uses.set(uses.get() + 1));
    let watched = WATCHED.load(Ordering::Relaxed);
    if watched != NOBODY && rustix::thread::gettid().as_raw_nonzero().get() == watched {
        COUNT.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call is passed to the system's allocator unchanged; counting touches atomics and
// asks for the thread's number only, and neither allocates.
unsafe impl GlobalAlloc for CountingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        note();
        // SAFETY: the caller keeps the contract of `alloc`, which is this one's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        note();
        // SAFETY: `pointer` came from `System` with this `layout`, as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

thread_local! {
    /// Of this thread, since it began. Needs no heap itself: it is made in place and never dropped.
    static USES: Cell<u64> = const { Cell::new(0) };
}

static WATCHED: AtomicI32 = AtomicI32::new(NOBODY);
static COUNT: AtomicU64 = AtomicU64::new(0);
const NOBODY: i32 = 0;
