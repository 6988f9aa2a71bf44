//! RTP packets (RFC 3550 §5.1). Not RTCP, which shares the port at most (RFC 5761).

/// The fixed header, without contributing sources and extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// A talk spurt or telephone-event starts here.
    pub marker: bool,
    /// 0–127.
    pub payload_type: u8,
    /// Grows by one per packet.
    pub sequence: u16,
    /// The first sample's time in units of the codec's clock.
    pub timestamp: u32,
    /// The stream's random name.
    pub ssrc: u32,
}

/// One packet, borrowed from the datagram.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Packet<'d> {
    /// Its header.
    pub header: Header,
    /// What it carries, without padding.
    pub payload: &'d [u8],
}

/// A datagram that is no RTP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RTP packet")]
pub struct PacketError;

impl Header {
    /// Bytes on the wire.
    pub const LENGTH: usize = 12;

    /// The bytes on the wire, in network order.
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = VERSION << 6;
        bytes[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

impl<'d> Packet<'d> {
    /// Reads a datagram; contributing sources, extension and padding are skipped. O(1), no heap.
    ///
    /// # Errors
    /// [`PacketError`] if its version or any of its lengths is wrong.
    pub fn parse(datagram: &'d [u8]) -> Result<Self, PacketError> {
        let fixed = datagram.first_chunk::<{ Header::LENGTH }>().ok_or(PacketError)?;
        let rest = &datagram[header_length(datagram)?..];
        let payload = if fixed[0] & PADDING == 0 { rest } else { before_padding(rest)? };
        let header = Header {
            marker: fixed[1] & 0x80 != 0,
            payload_type: fixed[1] & 0x7f,
            sequence: u16::from_be_bytes([fixed[2], fixed[3]]),
            timestamp: u32::from_be_bytes([fixed[4], fixed[5], fixed[6], fixed[7]]),
            ssrc: u32::from_be_bytes([fixed[8], fixed[9], fixed[10], fixed[11]]),
        };
        Ok(Self { header, payload })
    }
}

/// Hides what is said.
impl std::fmt::Debug for Packet<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Packet").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Whether a datagram on a shared port is RTCP: the payload types 64–95 with the marker bit are
/// RTCP's packet types 192–223 (RFC 5761 §4).
pub fn is_rtcp(datagram: &[u8]) -> bool {
    matches!(datagram.get(1), Some(192..=223))
}

/// Where the payload begins: after contributing sources and extension.
///
/// # Errors
/// The version is wrong, or the datagram ends before.
pub(crate) fn header_length(datagram: &[u8]) -> Result<usize, PacketError> {
    let first = *datagram.first().ok_or(PacketError)?;
    if first >> 6 != VERSION {
        return Err(PacketError);
    }
    let sources_end = Header::LENGTH + usize::from(first & 0x0f) * 4;
    let rest = datagram.get(sources_end..).ok_or(PacketError)?;
    if first & EXTENSION == 0 {
        return Ok(sources_end);
    }
    let head = rest.first_chunk::<4>().ok_or(PacketError)?;
    let words = usize::from(u16::from_be_bytes([head[2], head[3]]));
    let end = sources_end + 4 + words * 4;
    if end > datagram.len() { Err(PacketError) } else { Ok(end) }
}

fn before_padding(rest: &[u8]) -> Result<&[u8], PacketError> {
    let padding = usize::from(*rest.last().ok_or(PacketError)?);
    let length = rest.len().checked_sub(padding).ok_or(PacketError)?;
    if padding == 0 { Err(PacketError) } else { Ok(&rest[..length]) }
}

const VERSION: u8 = 2;
const PADDING: u8 = 0x20;
const EXTENSION: u8 = 0x10;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header() -> Header {
        Header {
            marker: true,
            payload_type: 101,
            sequence: 65_535,
            timestamp: 7,
            ssrc: 0xfeed_0001,
        }
    }

    fn check(flags: u8, after_header: &[u8], payload: Result<&[u8], PacketError>) {
        let mut datagram = header().to_bytes().to_vec();
        datagram[0] |= flags;
        datagram.extend_from_slice(after_header);
        let parsed = Packet::parse(&datagram);
        assert_eq!(parsed, payload.map(|payload| Packet { header: header(), payload }));
    }

    #[test]
    fn the_payload_is_what_remains_of_the_datagram() {
        check(0, b"abc", Ok(b"abc"));
        check(0, b"", Ok(b""));
        check(2, b"ccccddddabc", Ok(b"abc"));
        check(EXTENSION, b"\xbe\xde\0\x01eeeeabc", Ok(b"abc"));
        check(EXTENSION, b"\xbe\xde\0\x01eeee", Ok(b""));
        check(PADDING, b"abc\0\0\x03", Ok(b"abc"));
        check(PADDING | EXTENSION | 1, b"ccccxx\0\0abc\x01", Ok(b"abc"));
    }

    #[test]
    fn a_length_beyond_the_datagram_is_refused() {
        check(2, b"cccc", Err(PacketError));
        check(EXTENSION, b"xx\0\x02eeee", Err(PacketError));
        check(EXTENSION, b"x", Err(PacketError));
        check(PADDING, b"abc\x05", Err(PacketError));
        check(PADDING, b"abc\0", Err(PacketError));
        check(PADDING, b"", Err(PacketError));
        assert_eq!(Packet::parse(&header().to_bytes()[..11]), Err(PacketError));
        assert_eq!(Packet::parse(&[0x40; 20]), Err(PacketError));
    }

    proptest! {
        #[test]
        fn no_datagram_panics(datagram in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = Packet::parse(&datagram);
        }
    }
}
