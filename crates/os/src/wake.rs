//! Waking a thread that sleeps in a [`crate::Poller`]: `eventfd`.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use rustix::event::{EventfdFlags, eventfd};

/// The sleeper's end: readable once somebody has called [`Waker::wake`].
#[derive(Debug)]
pub struct Wake {
    descriptor: Arc<OwnedFd>,
}

/// The other end; cheap to clone, usable from any thread, never blocks.
#[derive(Clone, Debug)]
pub struct Waker {
    descriptor: Arc<OwnedFd>,
}

impl Wake {
    /// A wake-up that nobody has asked for yet.
    pub fn new() -> io::Result<Self> {
        let flags = EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC;
        Ok(Self { descriptor: Arc::new(eventfd(0, flags)?) })
    }

    /// The end to wake it by.
    pub fn waker(&self) -> Waker {
        Waker { descriptor: Arc::clone(&self.descriptor) }
    }

    /// The same end once more, for a runtime that wants a descriptor of its own; reading 8 bytes
    /// from it takes all wake-ups so far.
    pub fn descriptor(&self) -> io::Result<OwnedFd> {
        self.descriptor.try_clone()
    }

    /// Takes all wake-ups so far; no longer readable until the next one.
    pub fn clear(&self) {
        let mut count = [0; 8];
        // Nothing to read means nobody has woken us: that is what was wanted.
        let _ = rustix::io::read(&*self.descriptor, &mut count);
    }
}

impl Waker {
    /// Makes the sleeper's end readable.
    pub fn wake(&self) {
        // Full means that 2⁶⁴-2 wake-ups wait: the sleeper will wake all the same.
        let _ = rustix::io::write(&*self.descriptor, &1_u64.to_ne_bytes());
    }
}

impl AsFd for Wake {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Poller, Ready};

    #[test]
    fn many_wake_ups_before_a_look_are_one() {
        let (poller, mut ready) = (Poller::new().unwrap(), Ready::with_capacity(1));
        let wake = Wake::new().unwrap();
        poller.add(&wake, 3).unwrap();
        let waker = wake.waker();
        std::thread::spawn(move || {
            waker.wake();
            waker.wake();
        })
        .join()
        .unwrap();
        poller.wait(&mut ready, Some(Duration::from_secs(5))).unwrap();
        assert_eq!(ready.tokens().collect::<Vec<_>>(), [3]);
        wake.clear();
        poller.wait(&mut ready, Some(Duration::ZERO)).unwrap();
        assert!(ready.is_empty());
    }
}
