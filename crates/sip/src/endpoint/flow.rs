//! The way to a peer.

use std::fmt;
use std::net::SocketAddr;

/// What carries a message (RFC 3261 §18).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Datagrams: requests and responses are retransmitted.
    Udp,
    /// A connection: nothing is retransmitted.
    Tcp,
}

impl Transport {
    /// Whether the transport itself retransmits.
    pub const fn is_reliable(self) -> bool {
        matches!(self, Self::Tcp)
    }

    /// Its name in a Via (`UDP`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        }
    }

    /// Its name in a URI's `transport` parameter (`udp`).
    pub const fn parameter(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
        }
    }
}

/// One of our sockets' addresses, by position in [`crate::Settings::listeners`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerId(pub u16);

/// A way to a peer: a UDP address, or the TCP connection with that remote address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Flow {
    /// Which of our addresses it uses.
    pub listener: ListenerId,
    /// What carries the messages.
    pub transport: Transport,
    /// The peer's address; a caller's, so `Debug` hides it.
    pub remote: SocketAddr,
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Flow({:?}, {:?}, <redacted>)", self.listener, self.transport)
    }
}
