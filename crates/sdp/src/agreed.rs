//! What we are on a leg, and what an exchange settled.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use model::{Codec, CryptoSuite, Direction};

use crate::Format;

/// Our side of one leg's audio stream, fixed for the leg's life.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Local {
    /// Where the peer sends to: the advertised address.
    pub address: IpAddr,
    /// Our RTP port.
    pub port: u16,
    /// Our RTCP port; said by `a=rtcp` (RFC 3605) when it is not the one above `port`.
    pub rtcp_port: u16,
    /// Whether RTP and RTCP may share `port` (RFC 5761).
    pub rtcp_mux: bool,
    /// The random session id of our o= line; below 2^63, so that every peer can read it.
    pub session_id: u64,
}

/// What a completed exchange settled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Agreed {
    /// What we send, under the peer's number.
    pub format: Format,
    /// The payload type under which we send telephone-events, `None` when the peer takes none.
    pub telephone_event: Option<u8>,
    /// The payload type under which telephone-events come in: the same but where the answerer
    /// chose another number than the offerer.
    pub telephone_event_in: Option<u8>,
    /// The payload type under which we may describe silence (RFC 3389), `None` where the peer takes
    /// no descriptions or we are to send none.
    pub comfort_noise: Option<u8>,
    /// Where RTP goes; unspecified (`0.0.0.0`, `::`) when the peer holds us the old way.
    pub remote: SocketAddr,
    /// Where RTCP goes; equal to `remote` when both share a port.
    pub remote_rtcp: SocketAddr,
    /// How RTP and RTCP are encrypted, `None` when they are not.
    pub srtp: Option<CryptoSuite>,
    /// Which way audio flows, seen from us.
    pub direction: Direction,
    /// The packet time the peer would like, 10–60 ms; 20 when it has no wish.
    pub ptime_ms: u8,
}

impl Agreed {
    /// Whether RTP and RTCP share a port (RFC 5761).
    pub fn is_muxed(&self) -> bool {
        self.remote == self.remote_rtcp
    }

    /// Whether there is a stream of audio: without one there is text alone, nothing goes to
    /// `remote`, and the format is one like any other.
    pub const fn has_sound(&self) -> bool {
        self.remote.port() != 0
    }

    /// What an exchange settles of audio that has none.
    pub(crate) const fn without_sound(local: &Local) -> Self {
        let nowhere = match local.address {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let nowhere = SocketAddr::new(nowhere, 0);
        Self {
            format: Format::new(0, Codec::Pcmu),
            telephone_event: None,
            telephone_event_in: None,
            comfort_noise: None,
            remote: nowhere,
            remote_rtcp: nowhere,
            srtp: None,
            direction: Direction::Inactive,
            ptime_ms: 20,
        }
    }
}

/// Hides the addresses.
impl fmt::Debug for Agreed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agreed")
            .field("format", &self.format)
            .field("telephone_event", &self.telephone_event)
            .field("comfort_noise", &self.comfort_noise)
            .field("srtp", &self.srtp)
            .field("direction", &self.direction)
            .field("ptime_ms", &self.ptime_ms)
            .finish_non_exhaustive()
    }
}

/// Hides the addresses.
impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}
