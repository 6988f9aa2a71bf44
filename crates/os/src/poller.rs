//! Readiness of many descriptors at once: level-triggered `epoll`.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

/// A set of descriptors to wait for, each with a number of the owner's choosing.
///
/// Level-triggered: a descriptor stays ready until it has been read, so one read per wake-up is
/// enough and none is starved.
#[derive(Debug)]
pub struct Poller {
    epoll: OwnedFd,
}

/// The descriptors found ready by one wait; its capacity is fixed, the rest wait for the next one.
pub struct Ready {
    events: Vec<epoll::Event>,
}

impl Poller {
    /// An empty set.
    pub fn new() -> io::Result<Self> {
        Ok(Self { epoll: epoll::create(epoll::CreateFlags::CLOEXEC)? })
    }

    /// Waits for `source` to become readable, from now on, under the name `token`.
    pub fn add(&self, source: &impl AsFd, token: u64) -> io::Result<()> {
        let data = epoll::EventData::new_u64(token);
        Ok(epoll::add(&self.epoll, source, data, epoll::EventFlags::IN)?)
    }

    /// No longer waits for `source`; to be called before it is closed or moved.
    pub fn remove(&self, source: &impl AsFd) -> io::Result<()> {
        Ok(epoll::delete(&self.epoll, source)?)
    }

    /// Sleeps until something is ready or `timeout` has passed (`None`: for ever): by microseconds,
    /// where the thread's timer slack is small (see [`crate::scheduling::sharpen_timers`]), while a
    /// runtime's timer wheel is late by a millisecond and more. A signal ends the wait early with
    /// nothing ready. No heap.
    pub fn wait(&self, ready: &mut Ready, timeout: Option<Duration>) -> io::Result<()> {
        ready.events.clear();
        let timeout = timeout.map(|limit| Timespec {
            tv_sec: i64::try_from(limit.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: i64::from(limit.subsec_nanos()),
        });
        match epoll::wait(&self.epoll, spare_capacity(&mut ready.events), timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Ready {
    /// Room for `capacity` descriptors per wait, at least one.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { events: Vec::with_capacity(capacity.max(1)) }
    }

    /// The tokens of the descriptors that are ready.
    pub fn tokens(&self) -> impl Iterator<Item = u64> + '_ {
        self.events.iter().map(|event| event.data.u64())
    }

    /// The token of one of them.
    pub fn token(&self, index: usize) -> Option<u64> {
        self.events.get(index).map(|event| event.data.u64())
    }

    /// How many descriptors are ready.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether the wait ended without anything ready.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn a_socket_stays_ready_until_it_is_read_and_not_after_removal() {
        let (poller, mut ready) = (Poller::new().unwrap(), Ready::with_capacity(4));
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        poller.add(&socket, 7).unwrap();
        poller.wait(&mut ready, Some(Duration::ZERO)).unwrap();
        assert!(ready.is_empty());

        sender.send_to(b"x", socket.local_addr().unwrap()).unwrap();
        for _ in 0..2 {
            poller.wait(&mut ready, Some(Duration::from_secs(5))).unwrap();
            assert_eq!(ready.tokens().collect::<Vec<_>>(), [7]);
            assert_eq!((ready.token(0), ready.token(1)), (Some(7), None));
        }
        poller.remove(&socket).unwrap();
        poller.wait(&mut ready, Some(Duration::ZERO)).unwrap();
        assert_eq!(ready.len(), 0);
    }
}
