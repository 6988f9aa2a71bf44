//! The two UDP sockets of one leg: RTP on an even port, RTCP on the odd one above it.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::os::fd::{AsFd, BorrowedFd};

use media::Channel;
use socket2::{Domain, Protocol, Socket, Type};

use crate::ports::PortPair;

/// A leg's sockets, bound for the leg's whole life.
pub(crate) struct LegSockets {
    pub(crate) pair: PortPair,
    rtp: Port,
    rtcp: Port,
}

/// One non-blocking socket, and the only peer it hears, once there is one.
struct Port {
    socket: UdpSocket,
    connected: Option<SocketAddr>,
}

impl LegSockets {
    /// Binds both ports of `pair` at `address`.
    pub(crate) fn bind(address: IpAddr, pair: PortPair) -> io::Result<Self> {
        let rtp = Port::bind(SocketAddr::new(address, pair.rtp()))?;
        let rtcp = Port::bind(SocketAddr::new(address, pair.rtcp()))?;
        Ok(Self { pair, rtp, rtcp })
    }

    /// The socket of `channel`, for a poller.
    pub(crate) fn descriptor(&self, channel: Channel) -> BorrowedFd<'_> {
        self.port(channel).socket.as_fd()
    }

    /// One datagram and where it came from; `WouldBlock` if there is none.
    pub(crate) fn receive(
        &self,
        channel: Channel,
        datagram: &mut [u8],
    ) -> io::Result<(usize, SocketAddr)> {
        self.port(channel).socket.recv_from(datagram)
    }

    /// Sends one datagram; to the connected peer over the route the kernel has cached.
    pub(crate) fn send(&self, channel: Channel, to: SocketAddr, bytes: &[u8]) -> io::Result<()> {
        let port = self.port(channel);
        let sent = if port.connected == Some(to) {
            port.socket.send(bytes)
        } else {
            port.socket.send_to(bytes, to)
        };
        sent.map(drop)
    }

    /// Hears only `peer` from now on, or everybody again if `None`.
    pub(crate) fn lock(&mut self, channel: Channel, peer: Option<SocketAddr>) -> io::Result<()> {
        let port = match channel {
            Channel::Rtp => &mut self.rtp,
            Channel::Rtcp => &mut self.rtcp,
        };
        if port.connected == peer {
            return Ok(());
        }
        match peer {
            Some(peer) => port.socket.connect(peer)?,
            None => os::socket::disconnect(&port.socket)?,
        }
        port.connected = peer;
        Ok(())
    }

    const fn port(&self, channel: Channel) -> &Port {
        match channel {
            Channel::Rtp => &self.rtp,
            Channel::Rtcp => &self.rtcp,
        }
    }
}

impl Port {
    fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
        socket.set_nonblocking(true)?;
        // Best effort: a network that ignores or forbids the mark still carries the call.
        if address.is_ipv6() {
            socket.set_only_v6(true)?;
            let _ = socket.set_tclass_v6(EXPEDITED_FORWARDING);
        } else {
            let _ = socket.set_tos_v4(EXPEDITED_FORWARDING);
        }
        socket.bind(&address.into())?;
        Ok(Self { socket: socket.into(), connected: None })
    }
}

/// DSCP EF (RFC 3246) in the upper six bits of the octet.
const EXPEDITED_FORWARDING: u32 = 46 << 2;

#[cfg(test)]
mod tests {
    use socket2::SockRef;

    use super::*;

    #[test]
    fn audio_is_marked_for_routers() {
        let port = Port::bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("on loopback");
        assert_eq!(SockRef::from(&port.socket).tos_v4().expect("read back"), 0xb8);
        if let Ok(six) = Port::bind("[::1]:0".parse().expect("an address")) {
            assert_eq!(SockRef::from(&six.socket).tclass_v6().expect("read back"), 0xb8);
        }
    }
}
