//! What travels between machines: bytes with two addresses. Not what they mean.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;

/// One datagram.
#[derive(Clone)]
pub(crate) struct Datagram {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) bytes: Bytes,
}

impl Datagram {
    /// Whether it is signalling; everything else is media.
    pub(crate) const fn is_signalling(&self) -> bool {
        self.to.port() == SIP_PORT
    }

    /// Whether it goes to the hotline; everything else comes from it.
    pub(crate) fn is_inbound(&self) -> bool {
        self.to.ip() == HOTLINE
    }
}

impl fmt::Debug for Datagram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Datagram({} bytes)", self.bytes.len())
    }
}

/// The hotline's address.
pub(crate) const HOTLINE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
/// Where every machine takes signalling.
pub(crate) const SIP_PORT: u16 = 5060;

/// Where a machine takes signalling.
pub(crate) const fn signalling(machine: IpAddr) -> SocketAddr {
    SocketAddr::new(machine, SIP_PORT)
}
