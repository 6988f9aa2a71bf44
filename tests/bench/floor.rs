//! The floor: what this machine asks for receiving and sending the same packets and nothing else.
//!
//! One thread with a shard's place, one connected socket per leg, the same poller woken at most
//! once a millisecond, one packet out for each one in. An engine that moves packets through the
//! kernel's UDP sockets can hardly be cheaper: receiving all that is there before any is sent saves
//! some 7 % of this, and `io_uring` no more.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use media_io::{Cores, Place, Priority};
use os::scheduling::Scheduling;
use os::{Poller, Ready, clock};

use crate::cpu::ThreadClock;
use crate::server::{Reading, Server};

/// The bare loop at work.
pub(crate) struct Floor {
    targets: Vec<SocketAddr>,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
    clock: ThreadClock,
}

/// What the thread and its owner both touch.
#[derive(Default)]
struct Shared {
    is_over: AtomicBool,
    received: AtomicU64,
    scheduling: std::sync::OnceLock<Scheduling>,
}

/// The thread's own.
struct Echo {
    sockets: Vec<UdpSocket>,
    poller: Poller,
    shared: Arc<Shared>,
}

impl Floor {
    /// A loop with a leg for each of the generator's addresses.
    pub(crate) fn start(peers: &[SocketAddr]) -> io::Result<Self> {
        let sockets = peers.iter().map(|&peer| connected(peer)).collect::<io::Result<Vec<_>>>()?;
        let targets = sockets.iter().map(UdpSocket::local_addr).collect::<io::Result<Vec<_>>>()?;
        let poller = Poller::new()?;
        for (token, socket) in sockets.iter().enumerate() {
            poller.add(socket, token as u64)?;
        }
        let shared = Arc::<Shared>::default();
        let echo = Echo { sockets, poller, shared: Arc::clone(&shared) };
        let thread = std::thread::Builder::new().name(NAME.to_owned()).spawn(move || echo.run())?;
        shared.scheduling.wait(); // by then the thread has its name
        let clock = ThreadClock::named(NAME).ok_or(io::ErrorKind::NotFound)?;
        Ok(Self { targets, shared, thread: Some(thread), clock })
    }
}

impl Echo {
    fn run(self) {
        let place = Place { index: 0, priority: Priority::Raised, cores: Cores::Pinned };
        let _ = self.shared.scheduling.set(place.take());
        let mut ready = Ready::with_capacity(READY_AT_ONCE);
        while !self.shared.is_over.load(Ordering::Relaxed) {
            // Fails only on a closed descriptor, and then there is nothing left to serve.
            if self.poller.wait(&mut ready, Some(LOOK_UP)).is_err() {
                return;
            }
            let woke = clock::now();
            ready.tokens().for_each(|token| self.echo(token as usize));
            std::thread::sleep((woke + QUANTUM).since(clock::now()));
        }
    }

    fn echo(&self, leg: usize) {
        let mut datagram = [0; 2048];
        let socket = &self.sockets[leg];
        if let Ok(length) = socket.recv(&mut datagram) {
            self.shared.received.fetch_add(1, Ordering::Relaxed);
            // What is not sent is missed at the other end.
            let _ = socket.send(&datagram[..length]);
        }
    }
}

impl Server for Floor {
    fn targets(&self) -> &[SocketAddr] {
        &self.targets
    }

    fn echoes(&self) -> bool {
        true
    }

    fn reading(&self) -> Reading {
        let received = Some(self.shared.received.load(Ordering::Relaxed));
        Reading { cpu: self.clock.used(), received, late: 0 }
    }

    fn scheduling(&self) -> Option<Scheduling> {
        self.shared.scheduling.get().copied()
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It has panicked or ended; either way it is gone.
            let _ = thread.join();
        }
    }
}

fn connected(peer: SocketAddr) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((ADDRESS, 0))?;
    socket.set_nonblocking(true)?;
    socket.connect(peer)?;
    Ok(socket)
}

const NAME: &str = "floor-0";
const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 250, 0, 2);
/// As in a shard's loop.
const READY_AT_ONCE: usize = 256;
const QUANTUM: Duration = Duration::from_millis(1);
/// How soon it sees that it is over.
const LOOK_UP: Duration = Duration::from_millis(50);
