//! The two UDP sockets of one leg's sound, or of its text: RTP on an even port, RTCP on the odd one
//! above it.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;

use media::Channel;
use socket2::{Domain, Protocol, Socket, Type};

use crate::ports::PortPair;

/// Both sockets of a leg, non-blocking, bound for the leg's whole life: the control task keeps
/// them while a shard uses them, so that they outlive its thread.
pub(crate) struct Bound {
    pub(crate) pair: PortPair,
    rtp: UdpSocket,
    rtcp: UdpSocket,
}

/// A shard's use of a leg's sockets.
pub(crate) struct LegSockets {
    bound: Arc<Bound>,
    rtp: Option<SocketAddr>,
    rtcp: Option<SocketAddr>,
}

impl Bound {
    /// Binds both ports of `pair` at `address`.
    pub(crate) fn new(address: IpAddr, pair: PortPair) -> io::Result<Self> {
        let rtp = bind(SocketAddr::new(address, pair.rtp()))?;
        let rtcp = bind(SocketAddr::new(address, pair.rtcp()))?;
        Ok(Self { pair, rtp, rtcp })
    }

    /// Lets the sockets hear everybody, whomever they heard.
    pub(crate) fn disconnect(&self) {
        for socket in [&self.rtp, &self.rtcp] {
            // One that was never connected stays so.
            let _ = os::socket::disconnect(socket);
        }
    }

    const fn socket(&self, channel: Channel) -> &UdpSocket {
        match channel {
            Channel::Rtp | Channel::Text => &self.rtp,
            Channel::Rtcp | Channel::TextRtcp => &self.rtcp,
        }
    }
}

impl LegSockets {
    /// Sockets that hear everybody.
    pub(crate) const fn new(bound: Arc<Bound>) -> Self {
        Self { bound, rtp: None, rtcp: None }
    }

    /// The socket of `channel`, for a poller.
    pub(crate) fn descriptor(&self, channel: Channel) -> BorrowedFd<'_> {
        self.bound.socket(channel).as_fd()
    }

    /// One datagram and where it came from; `WouldBlock` if there is none.
    pub(crate) fn receive(
        &self,
        channel: Channel,
        datagram: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        self.bound.socket(channel).recv_from(datagram)
    }

    /// Sends one datagram; to the connected peer over the route the kernel has cached.
    pub(crate) fn send(&self, channel: Channel, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let socket = self.bound.socket(channel);
        let connected = match channel {
            Channel::Rtp | Channel::Text => self.rtp,
            Channel::Rtcp | Channel::TextRtcp => self.rtcp,
        };
        let sent =
            if connected == Some(to) { socket.send(bytes) } else { socket.send_to(bytes, to) };
        sent.map(drop)
    }

    /// Hears only `peer` from now on, or everybody again if `None`.
    pub(crate) fn lock(&mut self, channel: Channel, peer: Option<SocketAddr>) -> io::Result<()> {
        let connected = match channel {
            Channel::Rtp | Channel::Text => &mut self.rtp,
            Channel::Rtcp | Channel::TextRtcp => &mut self.rtcp,
        };
        if *connected == peer {
            return Ok(());
        }
        match peer {
            Some(peer) => self.bound.socket(channel).connect(peer)?,
            None => os::socket::disconnect(self.bound.socket(channel))?,
        }
        *connected = peer;
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

    use super::*;

    #[test]
    fn audio_is_marked_for_routers() {
        let socket = bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("on loopback");
        assert_eq!(SockRef::from(&socket).tos_v4().expect("read back"), 0xb8);
        if let Ok(six) = bind("[::1]:0".parse().expect("an address")) {
            assert_eq!(SockRef::from(&six).tclass_v6().expect("read back"), 0xb8);
        }
    }
}
