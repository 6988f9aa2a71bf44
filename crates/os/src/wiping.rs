//! Memory that is given back is overwritten at once: what a caller said of herself is not to be
//! found in a process that has long forgotten her (requirement D4).
//!
//! # Assumptions
//! - Stacks are not wiped. What a deep call left there is overwritten by the next one.

use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, for a process that is told secrets. It costs one pass over what is freed,
/// and a copy where memory grows.
#[derive(Debug)]
pub struct WipingAllocator;

// SAFETY: memory comes from the system's allocator and goes back to it as it came; what lies in it
// then belongs to nobody. `realloc` is the trait's own, by these two.
unsafe impl GlobalAlloc for WipingAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc`, which is this one's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is this one's.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: so many bytes are allocated at `pointer`, as the caller promises. Unlike
        // `write_bytes` it is not left out because nobody reads them any more.
        unsafe { libc::explicit_bzero(pointer.cast(), layout.size()) };
        // SAFETY: `pointer` came from `System` with this `layout`, as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}
