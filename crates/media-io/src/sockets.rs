//! The UDP sockets of one leg's sound, or of its text: RTP on an even port, and RTCP on the odd one
//! above it, unless it shares that of RTP (RFC 5761). The odd port is the leg's in any case.
//!
//! # Assumptions
//! - Whether the peer of our own offer shares RTP's port is known when both have been promised to
//!   it. Where some other program holds the odd one then, the leg has no reports, and its sound all
//!   the same.
//! - A datagram that the kernel was about to queue while a socket was locked is there when that is
//!   read next, a wake-up later; those queued before are told from the peer's by where they came
//!   from.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::sync::{Arc, OnceLock};

use media::Channel;
use os::Held;
use socket2::{Domain, Protocol, Socket, Type};

use crate::ports::PortPair;

/// A leg's sockets, non-blocking, bound for the leg's whole life: the control task keeps them while
/// a shard uses them, so that they outlive its thread.
pub(crate) struct Bound {
    pub(crate) pair: PortPair,
    address: IpAddr,
    rtp: UdpSocket,
    /// From when it was wanted.
    rtcp: OnceLock<UdpSocket>,
}

/// A shard's use of a leg's sockets. What a packet of sound needs of them lies here and not with
/// their owner, who is in another page of memory for each leg.
pub(crate) struct LegSockets {
    /// The RTP socket.
    rtp: Held<Bound>,
    /// Whom alone the RTP socket hears.
    peer: Option<SocketAddr>,
    /// Whether strangers' datagrams may still wait there, from before it was so.
    is_unsure: bool,
}

impl Bound {
    /// Binds the port of `pair` for RTP at `address`.
    pub(crate) fn new(address: IpAddr, pair: PortPair) -> io::Result<Self> {
        let rtp = bind(SocketAddr::new(address, pair.rtp()))?;
        Ok(Self { pair, address, rtp, rtcp: OnceLock::new() })
    }

    /// Binds the port for RTCP, if it is not bound already.
    pub(crate) fn open_rtcp(&self) -> io::Result<()> {
        if self.rtcp.get().is_none() {
            let rtcp = bind(SocketAddr::new(self.address, self.pair.rtcp()))?;
            // The control task alone binds.
            let _ = self.rtcp.set(rtcp);
        }
        Ok(())
    }

    /// Lets the sockets hear everybody, whomever they heard.
    pub(crate) fn disconnect(&self) {
        for socket in [Some(&self.rtp), self.rtcp.get()].into_iter().flatten() {
            // One that was never connected stays so.
            let _ = os::socket::disconnect(socket);
        }
    }

    /// The socket of `channel`, if it has one.
    pub(crate) fn socket(&self, channel: Channel) -> Option<&UdpSocket> {
        match channel {
            Channel::Rtp | Channel::Text => Some(&self.rtp),
            Channel::Rtcp | Channel::TextRtcp => self.rtcp.get(),
        }
    }
}

impl LegSockets {
    /// Sockets that hear everybody.
    pub(crate) fn new(bound: Arc<Bound>) -> Self {
        Self { rtp: Held::new(bound, |bound| bound.rtp.as_fd()), peer: None, is_unsure: false }
    }

    /// Both sockets, for nobody's use any more.
    pub(crate) fn into_bound(self) -> Arc<Bound> {
        self.rtp.into_owner()
    }

    /// The socket of `channel`, for a poller.
    pub(crate) fn socket(&self, channel: Channel) -> io::Result<&UdpSocket> {
        self.rtp.owner().socket(channel).ok_or_else(|| ErrorKind::NotConnected.into())
    }

    /// One datagram and where it came from; `WouldBlock` if there is none.
    pub(crate) fn receive(
        &mut self,
        channel: Channel,
        datagram: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        match self.peer.filter(|_| channel == Channel::Rtp) {
            // The kernel need not say who it was.
            Some(peer) if !self.is_unsure => Ok((self.rtp.receive(datagram)?, peer)),
            peer => {
                let received = self.socket(channel)?.recv_from(datagram);
                let is_empty = received.as_ref().is_err_and(|e| e.kind() == ErrorKind::WouldBlock);
                self.is_unsure &= !(peer.is_some() && is_empty);
                received
            }
        }
    }

    /// Whether `channel` is to be read until it is empty, so as to know whom it hears.
    pub(crate) fn is_unsure(&self, channel: Channel) -> bool {
        self.is_unsure && channel == Channel::Rtp
    }

    /// Sends one datagram; to the connected peer over the route the kernel has cached.
    pub(crate) fn send(&self, channel: Channel, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let is_connected = channel == Channel::Rtp && self.peer == Some(to);
        let sent = if is_connected {
            self.rtp.send(bytes)
        } else {
            self.socket(channel)?.send_to(bytes, to)
        };
        sent.map(drop)
    }

    /// Hears only `peer` at the RTP socket from now on, or everybody again if `None`.
    pub(crate) fn lock(&mut self, peer: Option<SocketAddr>) -> io::Result<()> {
        if self.peer == peer {
            return Ok(());
        }
        match peer {
            Some(peer) => self.rtp.owner().rtp.connect(peer)?,
            None => os::socket::disconnect(&self.rtp)?,
        }
        (self.peer, self.is_unsure) = (peer, peer.is_some());
        Ok(())
    }
}

fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let kind = Type::DGRAM.nonblocking();
    let socket = Socket::new(Domain::for_address(address), kind, Some(Protocol::UDP))?;
    // Best effort: a network that ignores or forbids the mark still carries the call.
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
        let _ = socket.set_tclass_v6(EXPEDITED_FORWARDING);
    } else {
        let _ = socket.set_tos_v4(EXPEDITED_FORWARDING);
    }
    socket.bind(&address.into())?;
    Ok(socket.into())
}

/// DSCP EF (RFC 3246) in the upper six bits of the octet.
const EXPEDITED_FORWARDING: u32 = 46 << 2;

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use model::{Chance, Instant};

    use super::*;
    use crate::ports::Ports;

    fn bound() -> Bound {
        let mut ports = Ports::new(33_000..=33_999, crate::Settings::REST, Chance::from_number(5));
        let mut pairs = std::iter::from_fn(|| ports.take(Instant::ZERO));
        let bound = pairs.find_map(|pair| Bound::new([127, 0, 0, 1].into(), pair).ok());
        bound.expect("one of many pairs is free")
    }

    #[test]
    fn what_a_stranger_sent_before_a_socket_was_locked_is_not_taken_for_the_peers() {
        let mut sockets = LegSockets::new(Arc::new(bound()));
        let engine = sockets.socket(Channel::Rtp).expect("bound").local_addr().expect("bound");
        let [peer, stranger] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").expect("loopback"));
        let [peer_at, stranger_at] = [&peer, &stranger].map(|one| one.local_addr().expect("bound"));
        let send = |from: &UdpSocket| from.send_to(b"x", engine).expect("loopback");
        let receive = |sockets: &mut LegSockets| {
            let received = sockets.receive(Channel::Rtp, &mut [0; 8]);
            received.map(|(_, source)| source).map_err(|error| error.kind())
        };
        for _ in 0..2 {
            send(&stranger);
            send(&peer);
            sockets.lock(Some(peer_at)).expect("an address of this machine");
            send(&stranger);
            let expected = [Ok(stranger_at), Ok(peer_at), Err(ErrorKind::WouldBlock)];
            for source in expected {
                assert!(sockets.is_unsure(Channel::Rtp));
                assert_eq!(receive(&mut sockets), source);
            }
            assert!(!sockets.is_unsure(Channel::Rtp));
            send(&peer);
            assert_eq!(receive(&mut sockets), Ok(peer_at));
            sockets.lock(None).expect("it was connected");
            send(&stranger);
            assert_eq!(receive(&mut sockets), Ok(stranger_at));
        }
    }

    #[test]
    fn audio_is_marked_for_routers() {
        let socket = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("on loopback");
        assert_eq!(SockRef::from(&socket).tos_v4().expect("read back"), 0xb8);
        if let Ok(six) = bind("[::1]:0".parse().expect("an address")) {
            assert_eq!(SockRef::from(&six).tclass_v6().expect("read back"), 0xb8);
        }
    }
}
