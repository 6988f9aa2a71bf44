//! What a suite does to one packet: encrypts and authenticates, or checks and decrypts.
//!
//! RTP and RTCP differ in what surrounds the body, not in this: the index of both is taken as 48
//! bits, of which RTCP uses 31.

use aes::{Aes128, Aes256};
use model::{CryptoSuite, MasterKey};

use super::SrtpError;
use super::counter::Counter;
use super::derivation::{Kind, SessionKeys};
use super::gcm::Gcm;

/// One kind of packet in one direction.
pub(super) enum Transform {
    Counter(Counter),
    Gcm128(Gcm<Aes128>),
    Gcm256(Gcm<Aes256>),
}

/// A packet in parts.
pub(super) struct Parts<'p> {
    pub(super) kind: Kind,
    pub(super) ssrc: u32,
    pub(super) index: u64,
    /// Stays readable.
    pub(super) clear: &'p [u8],
    pub(super) body: &'p mut [u8],
    /// Is authenticated after them where the suite asks for it: the rollover counter of RTP
    /// (RFC 3711 §4.2), the index word of RTCP (§3.4).
    pub(super) word: [u8; 4],
}

/// An authentication tag, of which as many bytes count as the transform says.
pub(super) type Tag = [u8; LONGEST_TAG];

impl Transform {
    pub(super) fn new(master: &MasterKey, kind: Kind) -> Self {
        let keys = SessionKeys::derive(master, kind);
        match master.suite() {
            CryptoSuite::AesCm128HmacSha1_80 => Self::Counter(Counter::new(&keys, 10)),
            // RFC 4568 §6.2: RTCP keeps 80 bits.
            CryptoSuite::AesCm128HmacSha1_32 => {
                Self::Counter(Counter::new(&keys, if kind == Kind::Rtp { 4 } else { 10 }))
            }
            CryptoSuite::AeadAes128Gcm => Self::Gcm128(Gcm::new(&keys)),
            CryptoSuite::AeadAes256Gcm => Self::Gcm256(Gcm::new(&keys)),
        }
    }

    /// Bytes of the tag.
    pub(super) const fn tag(&self) -> usize {
        match self {
            Self::Counter(counter) => counter.tag,
            Self::Gcm128(_) | Self::Gcm256(_) => LONGEST_TAG,
        }
    }

    /// Whether the tag of an RTCP packet stands before the index word (RFC 7714 §9.2) or after it
    /// (RFC 3711 §3.4).
    pub(super) const fn puts_tag_first(&self) -> bool {
        matches!(self, Self::Gcm128(_) | Self::Gcm256(_))
    }

    /// Encrypts the body; returns the tag. Real-time safe: O(n), no heap.
    pub(super) fn seal(&self, parts: &mut Parts<'_>) -> Result<Tag, SrtpError> {
        match self {
            Self::Counter(counter) => Ok(counter.seal(parts)),
            Self::Gcm128(gcm) => gcm.seal(parts),
            Self::Gcm256(gcm) => gcm.seal(parts),
        }
    }

    /// Checks `tag`, of which [`Self::tag`] bytes count, and decrypts the body if it is right. The
    /// body of a forged packet is as it was. Real-time safe: O(n), no heap.
    pub(super) fn open(&self, parts: &mut Parts<'_>, tag: &Tag) -> Result<(), SrtpError> {
        match self {
            Self::Counter(counter) => counter.open(parts, tag),
            Self::Gcm128(gcm) => gcm.open(parts, tag),
            Self::Gcm256(gcm) => gcm.open(parts, tag),
        }
    }
}

/// Bytes of the longest tag.
pub(super) const LONGEST_TAG: usize = 16;
