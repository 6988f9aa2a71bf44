//! A session description as a value (RFC 8866).
//!
//! Only what one audio stream needs is kept: origin, addresses, direction, the m= lines with the
//! attributes of RTP audio. Everything else (names, e-mail, bandwidth, unknown attributes) is read
//! over, and so can never come out again (requirements I8, D1).

use std::net::IpAddr;

use model::Direction;

use crate::Crypto;

/// A session description.
///
/// It has no `Debug`: it names addresses and keys. `parse(to_bytes())` gives the same value back.
#[derive(Clone, PartialEq, Eq)]
pub struct Description {
    /// The o= line (§5.2).
    pub origin: Origin,
    /// The session's c= line (§5.7), for streams without their own.
    pub connection: Option<Address>,
    /// The session's direction (§6.7), for streams without their own; seen from its writer.
    pub direction: Option<Direction>,
    /// The m= lines in order (§5.14), at most [`MAX_MEDIA`].
    pub media: Vec<Media>,
}

/// The o= line: its six fields as written, since a peer's are only ever compared.
#[derive(Clone, PartialEq, Eq)]
pub struct Origin {
    /// Before the version: user name and session id.
    pub identity: String,
    /// The session version.
    pub version: String,
    /// After the version: network type, address type and address.
    pub host: String,
}

/// The address of a c= or a=rtcp line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// A literal one.
    Ip(IpAddr),
    /// A name, or a network that is not IP: nothing we send to.
    Other,
}

/// One m= line with what belongs to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Media {
    /// `audio`, `video`, `image` ...
    pub kind: String,
    /// The transport port; 0 refuses the stream (RFC 3264 §6).
    pub port: u16,
    /// `RTP/AVP` ...
    pub protocol: String,
    /// The formats; payload type numbers where the protocol is RTP's.
    pub formats: Vec<String>,
    /// The stream's c= line.
    pub connection: Option<Address>,
    /// The stream's direction, seen from its writer.
    pub direction: Option<Direction>,
    /// a=rtpmap of the listed formats.
    pub mappings: Vec<Mapping>,
    /// a=fmtp of the listed formats: payload type and parameters.
    pub parameters: Vec<(u8, String)>,
    /// a=ptime in milliseconds (§6.4), whole and 1–255.
    pub ptime_ms: Option<u8>,
    /// a=maxptime in milliseconds (§6.5).
    pub maxptime_ms: Option<u8>,
    /// The a=crypto lines that can be used (RFC 4568), at most [`MAX_CRYPTO`].
    pub crypto: Vec<Crypto>,
    /// a=rtcp (RFC 3605).
    pub rtcp: Option<RtcpAddress>,
    /// a=rtcp-mux (RFC 5761).
    pub rtcp_mux: bool,
}

/// a=rtpmap (RFC 8866 §6.6).
#[derive(Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The payload type number, 0–127.
    pub payload_type: u8,
    /// The encoding name as written; compared without case.
    pub encoding: String,
    /// The clock rate in hertz.
    pub rate_hz: u32,
    /// The number of channels; 1 where none is named.
    pub channels: u8,
}

/// a=rtcp: where RTCP goes (RFC 3605).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RtcpAddress {
    /// The port.
    pub port: u16,
    /// The address, where it is not the stream's.
    pub address: Option<Address>,
}

impl Media {
    /// The payload types listed, in order of preference.
    pub fn payload_types(&self) -> impl Iterator<Item = u8> {
        self.formats.iter().filter_map(|format| format.parse().ok()).filter(|&number| number < 128)
    }

    /// The stream refused: port 0 and nothing but the m= line (RFC 3264 §6).
    pub fn refused(&self) -> Self {
        Self::new(&self.kind, 0, &self.protocol, self.formats.clone())
    }

    /// A stream without attributes.
    pub(crate) fn new(kind: &str, port: u16, protocol: &str, formats: Vec<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            port,
            protocol: protocol.to_owned(),
            formats,
            connection: None,
            direction: None,
            mappings: Vec::new(),
            parameters: Vec::new(),
            ptime_ms: None,
            maxptime_ms: None,
            crypto: Vec::new(),
            rtcp: None,
            rtcp_mux: false,
        }
    }
}

/// The longest body that is read.
pub const MAX_BYTES: usize = 65_536;
/// The most a=crypto lines of a stream.
pub const MAX_CRYPTO: usize = 16;
/// The most m= lines of a description.
pub const MAX_MEDIA: usize = 20;
/// The most formats of all m= lines together.
pub const MAX_FORMATS: usize = 256;
