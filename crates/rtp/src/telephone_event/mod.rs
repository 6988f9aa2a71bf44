//! Digits as telephone-events (RFC 4733).

mod receiver;
mod sender;

pub use receiver::Receiver;
pub use sender::{Sender, Sent};

/// One event packet's payload (§2.3).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) code: u8,
    pub(crate) end: bool,
    /// 0–63 dBm0 below zero.
    pub(crate) volume: u8,
    /// Samples since the event's timestamp.
    pub(crate) duration: u16,
}

impl Event {
    pub(crate) const LENGTH: usize = 4;

    /// The first event of a payload; anything shorter is none.
    pub(crate) fn parse(payload: &[u8]) -> Option<Self> {
        let bytes = payload.first_chunk::<{ Self::LENGTH }>()?;
        Some(Self {
            code: bytes[0],
            end: bytes[1] & 0x80 != 0,
            volume: bytes[1] & 0x3f,
            duration: u16::from_be_bytes([bytes[2], bytes[3]]),
        })
    }

    pub(crate) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let [high, low] = self.duration.to_be_bytes();
        [self.code, u8::from(self.end) << 7 | self.volume & 0x3f, high, low]
    }
}
