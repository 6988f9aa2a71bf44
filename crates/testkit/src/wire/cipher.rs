//! The encryption of one leg from the party's side (SDES, RFC 4568; SRTP, RFC 3711), as a strict phone
//! does it: a new key begins with nothing known of its packets.

use std::borrow::Cow;
use std::fmt;

use model::MasterKey;
use rtp::srtp::{OVERHEAD, Protector, Unprotector};
use sdp::Keys;

/// Both directions; neither, of a leg in plain.
#[derive(Default)]
pub(crate) struct Cipher {
    says: Option<(MasterKey, Protector)>,
    hears: Option<(MasterKey, Unprotector)>,
    /// How many keys the hotline has sent with so far.
    pub(crate) keys_heard: usize,
    /// Packets that were none of the hotline's.
    pub(crate) refused: usize,
}

impl Cipher {
    /// Goes on with the keys of an exchange; one that is still the same keeps its count.
    pub(crate) fn settle(&mut self, keys: Option<&Keys>) {
        let Some(keys) = keys else { return drop(std::mem::take(self)) };
        if self.says.as_ref().is_none_or(|(key, _)| *key != keys.ours) {
            self.says = Some((keys.ours.clone(), Protector::new(&keys.ours)));
        }
        if self.hears.as_ref().is_none_or(|(key, _)| *key != keys.theirs) {
            self.hears = Some((keys.theirs.clone(), Unprotector::new(&keys.theirs)));
            self.keys_heard += 1;
        }
    }

    /// An RTP packet as it goes out.
    pub(crate) fn seal(&mut self, mut packet: Vec<u8>) -> Vec<u8> {
        let Some((_, protector)) = &mut self.says else { return packet };
        let length = packet.len();
        packet.resize(length + OVERHEAD, 0);
        let sealed = protector.rtp(&mut packet, length).expect("there is room");
        packet.truncate(sealed);
        packet
    }

    /// An RTP packet in plain, if it is the hotline's.
    pub(crate) fn open<'p>(&mut self, packet: &'p [u8]) -> Option<Cow<'p, [u8]>> {
        let Some((_, unprotector)) = &mut self.hears else { return Some(packet.into()) };
        let mut packet = packet.to_vec();
        let Ok(length) = unprotector.rtp(&mut packet) else {
            self.refused += 1;
            return None;
        };
        packet.truncate(length);
        Some(packet.into())
    }
}

/// Hides the keys.
impl fmt::Debug for Cipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cipher({} keys heard)", self.keys_heard)
    }
}
