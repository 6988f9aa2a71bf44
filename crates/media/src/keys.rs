//! The keys of an encrypted leg: made by the negotiator, taken over by the shard.

use rtp::srtp::{Protector, SrtpError, Unprotector};
use sdp::Keys;

/// What an exchange changes of a leg's keys. Boxed, since the shard neither makes nor frees it.
pub struct Rekey {
    pub(crate) ours: Change<Protector>,
    pub(crate) theirs: Change<Unprotector>,
}

/// What becomes of one direction.
pub(crate) enum Change<Cipher> {
    /// It goes on with the key it has.
    Keep,
    /// It goes on with this one, or in plain.
    To(Option<Box<Cipher>>),
}

/// What a packet is for SRTP (RFC 3711 §3.1, §3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rtp,
    Rtcp,
}

impl Rekey {
    /// What leads from `before` to `after`; `None` if nothing changes. Allocates.
    pub(crate) fn between(before: Option<&Keys>, after: Option<&Keys>) -> Option<Box<Self>> {
        let ours = |keys: &Keys| keys.ours.clone();
        let theirs = |keys: &Keys| keys.theirs.clone();
        let is_kept = before.map(ours) == after.map(ours);
        let is_kept_by_peer = before.map(theirs) == after.map(theirs);
        let protector = || after.map(|keys| Box::new(Protector::new(&keys.ours)));
        let unprotector = || after.map(|keys| Box::new(Unprotector::new(&keys.theirs)));
        let rekey = || Self {
            ours: if is_kept { Change::Keep } else { Change::To(protector()) },
            theirs: if is_kept_by_peer { Change::Keep } else { Change::To(unprotector()) },
        };
        (!(is_kept && is_kept_by_peer)).then(|| Box::new(rekey()))
    }
}

impl Rekey {
    /// What a leg goes on with that has neither of its ciphers any more. Allocates.
    pub(crate) fn anew(keys: &Keys) -> Box<Self> {
        let ours = Change::To(Some(Box::new(Protector::new(&keys.ours))));
        let theirs = Change::To(Some(Box::new(Unprotector::rejoining(&keys.theirs))));
        Box::new(Self { ours, theirs })
    }
}

impl<Cipher> Change<Cipher> {
    /// Puts the change in force; what was in force before stays here, to be freed elsewhere.
    pub(crate) fn apply(&mut self, held: &mut Option<Box<Cipher>>) {
        if let Self::To(cipher) = self {
            std::mem::swap(cipher, held);
        }
    }
}

impl Kind {
    /// Protects the packet in `buffer[..length]`; returns its new length.
    pub(crate) fn protect(
        self,
        protector: &mut Protector,
        buffer: &mut [u8],
        length: usize,
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Rtp => protector.rtp(buffer, length),
            Self::Rtcp => protector.rtcp(buffer, length),
        }
    }

    /// Decrypts the packet where it lies, if it is the peer's; returns its new length.
    pub(crate) fn unprotect(
        self,
        unprotector: &mut Unprotector,
        packet: &mut [u8],
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Rtp => unprotector.rtp(packet),
            Self::Rtcp => unprotector.rtcp(packet),
        }
    }
}

/// Hides the keys.
impl std::fmt::Debug for Rekey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Rekey(..)")
    }
}
