//! Session keys from the master key (RFC 3711 §4.3, RFC 7714 §11): AES in counter mode as a
//! pseudo-random function, one label for each key.

use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit, consts::U16};
use aes::{Aes128, Aes256};
use model::MasterKey;
use zeroize::{Zeroize, Zeroizing};

use super::counter;

/// The first label of a kind of packet; authentication and salt are the next two (§4.3.1, §4.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Rtp,
    Rtcp,
}

/// The keys of one kind of packet in one direction.
pub(super) struct SessionKeys {
    /// As long as the master key.
    pub(super) cipher: Zeroizing<[u8; 32]>,
    pub(super) authentication: Zeroizing<[u8; AUTHENTICATION]>,
    /// As long as the master salt, the rest zero.
    pub(super) salt: Zeroizing<[u8; 14]>,
}

impl SessionKeys {
    /// Keys that a test vector names.
    #[cfg(test)]
    pub(super) fn given(cipher: &[u8], salt: &[u8]) -> Self {
        let mut keys = Self {
            cipher: Zeroizing::new([0; 32]),
            authentication: Zeroizing::new([0; AUTHENTICATION]),
            salt: Zeroizing::new([0; 14]),
        };
        keys.cipher[..cipher.len()].copy_from_slice(cipher);
        keys.salt[..salt.len()].copy_from_slice(salt);
        keys
    }

    pub(super) fn derive(master: &MasterKey, kind: Kind) -> Self {
        let first = match kind {
            Kind::Rtp => 0,
            Kind::Rtcp => 3,
        };
        let mut keys = Self {
            cipher: Zeroizing::new([0; 32]),
            authentication: Zeroizing::new([0; AUTHENTICATION]),
            salt: Zeroizing::new([0; 14]),
        };
        let suite = master.suite();
        fill(master, first, &mut keys.cipher[..suite.key_length()]);
        fill(master, first + 1, &mut keys.authentication[..]);
        fill(master, first + 2, &mut keys.salt[..suite.salt_length()]);
        keys
    }
}

/// §4.3.3: the key stream of `(master salt XOR label) * 2^16`, with a master salt of 96 bits on the
/// left of 112.
fn fill(master: &MasterKey, label: u8, out: &mut [u8]) {
    let mut iv = [0; 16];
    iv[..master.salt().len()].copy_from_slice(master.salt());
    iv[7] ^= label;
    match master.key().len() {
        32 => stream::<Aes256>(master.key(), &iv, out),
        _ => stream::<Aes128>(master.key(), &iv, out),
    }
    iv.zeroize();
}

fn stream<Aes>(key: &[u8], iv: &[u8; 16], out: &mut [u8])
where
    Aes: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit,
{
    let cipher = Aes::new_from_slice(key).expect("a master key has 16 or 32 bytes");
    counter::apply(&cipher, iv, out);
}

/// Bytes of the key of HMAC-SHA1 (RFC 3711 §5.2).
pub(super) const AUTHENTICATION: usize = 20;

#[cfg(test)]
mod tests {
    use model::CryptoSuite;

    use super::*;
    use crate::srtp::tests::hex;

    #[test]
    fn the_session_keys_are_those_of_rfc_3711_appendix_b_3() {
        let master = hex("E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6");
        let master = MasterKey::new(CryptoSuite::AesCm128HmacSha1_80, &master).expect("30 bytes");
        let keys = SessionKeys::derive(&master, Kind::Rtp);
        assert_eq!(keys.cipher[..16], hex("C61E7A93744F39EE10734AFE3FF7A087"));
        assert_eq!(keys.salt[..], hex("30CBBC08863D8C85D49DB34A9AE1"));
        assert_eq!(keys.authentication[..], hex("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4"));
    }
}
