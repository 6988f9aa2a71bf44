//! A UDP socket of signalling, which wakes its reader for what arrives and for nothing else.
//!
//! A socket that is also watched for room to send wakes its reader once more for every datagram
//! that leaves it: the kernel tells of the room that it leaves behind.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::sleep;

/// One non-blocking socket.
pub(crate) struct Datagrams(AsyncFd<UdpSocket>);

impl Datagrams {
    /// Watches `socket`, which does not block, on the current runtime.
    #[expect(deprecated, reason = "its heir is unsafe; a UdpSocket's descriptor never changes")]
    pub(crate) fn new(socket: UdpSocket) -> io::Result<Self> {
        AsyncFd::with_interest(socket, Interest::READABLE).map(Self)
    }

    /// Where it listens.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().local_addr()
    }

    /// The next datagram's length and source.
    pub(crate) async fn receive(&self, datagram: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.0.async_io(Interest::READABLE, |socket| socket.recv_from(datagram)).await
    }

    /// Sends one datagram. The kernel's buffer is full only behind a network that takes nothing;
    /// after a while the datagram is lost like any other, and its transaction repeats it.
    pub(crate) async fn send(&self, datagram: &[u8], to: SocketAddr) -> io::Result<()> {
        for _ in 0..WAITS {
            match self.0.get_ref().send_to(datagram, to) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(FOR_ROOM).await,
                sent => return sent.map(drop),
            }
        }
        Err(ErrorKind::WouldBlock.into())
    }
}

/// How long to wait for room at a time, and how often.
const FOR_ROOM: Duration = Duration::from_millis(1);
const WAITS: usize = 20;

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::runtime::Builder;

    use super::*;

    fn socket() -> UdpSocket {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a free port");
        socket.set_nonblocking(true).expect("a flag");
        socket
    }

    /// Sends a datagram that its peer reads, and takes the peer's answer, which comes a little
    /// later, `rounds` times.
    async fn exchange(rounds: u64) {
        let (ours, peer) = (Datagrams::new(socket()).expect("a runtime"), Arc::new(socket()));
        let (from, to) = (ours.local_addr().expect("bound"), peer.local_addr().expect("bound"));
        let mut datagram = [0; 16];
        for _ in 0..rounds {
            ours.send(b"request", to).await.expect("there is room");
            assert_eq!(peer.recv_from(&mut datagram).expect("loopback"), (7, from));
            let peer = Arc::clone(&peer);
            let answer = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(2));
                peer.send_to(b"answer", from)
            });
            assert_eq!(ours.receive(&mut datagram).await.expect("it comes"), (6, to));
            answer.join().expect("no panic").expect("there is room");
        }
    }

    #[test]
    fn what_leaves_the_socket_wakes_nobody() {
        let runtime = Builder::new_current_thread().enable_io().build().expect("a runtime");
        let metrics = runtime.handle().metrics();
        runtime.block_on(exchange(40));
        let sleeps = metrics.worker_park_count(0);
        assert!(sleeps < 60, "one for each answer, and none for what was sent: {sleeps}");
    }

    #[tokio::test]
    async fn datagrams_go_both_ways() {
        let (ours, peer) = (Datagrams::new(socket()).expect("a runtime"), socket());
        peer.send_to(b"hello", ours.local_addr().expect("bound")).expect("loopback");
        let mut datagram = [0; 16];
        let (length, from) = ours.receive(&mut datagram).await.expect("it was sent");
        assert_eq!((&datagram[..length], from), (&b"hello"[..], peer.local_addr().expect("bound")));
        ours.send(b"back", from).await.expect("there is room");
        assert_eq!(peer.recv(&mut datagram).expect("it was sent"), 4);
    }
}
