//! AES in counter mode (RFC 3711 §4.1.1) with HMAC-SHA1 (§4.2.1).

use aes::Aes128;
use aes::cipher::{
    BlockCipherEncrypt, BlockSizeUser, InnerIvInit, KeyInit, KeySizeUser, StreamCipher,
    StreamCipherCoreWrapper, consts::U16,
};
use ctr::CtrCore;
use ctr::flavors::Ctr128BE;
use hmac::{Hmac, Mac};
use sha1::Sha1;

use super::SrtpError;
use super::derivation::SessionKeys;
use super::transform::{LONGEST_TAG, Parts, Tag};

/// One kind of packet in one direction.
pub(super) struct Counter {
    cipher: Aes128,
    salt: [u8; 16],
    mac: Hmac<Sha1>,
    /// Bytes of the tag.
    pub(super) tag: usize,
}

impl Counter {
    pub(super) fn new(keys: &SessionKeys, tag: usize) -> Self {
        let mut salt = [0; 16];
        salt[..keys.salt.len()].copy_from_slice(&keys.salt[..]);
        let cipher = Aes128::new_from_slice(&keys.cipher[..Aes128::key_size()]);
        let mac = Hmac::new_from_slice(&keys.authentication[..]);
        Self {
            cipher: cipher.expect("the key was cut to its size"),
            salt,
            mac: mac.expect("HMAC takes a key of any length"),
            tag,
        }
    }

    /// Encrypts, then authenticates what will be sent.
    pub(super) fn seal(&self, parts: &mut Parts<'_>) -> Tag {
        apply(&self.cipher, &self.block(parts), parts.body);
        let full = self.authenticate(parts).finalize().into_bytes();
        std::array::from_fn(|at| full[at])
    }

    pub(super) fn open(&self, parts: &mut Parts<'_>, tag: &Tag) -> Result<(), SrtpError> {
        let mac = self.authenticate(parts);
        mac.verify_truncated_left(&tag[..self.tag]).map_err(|_| SrtpError::Forged)?;
        apply(&self.cipher, &self.block(parts), parts.body);
        Ok(())
    }

    fn authenticate(&self, parts: &Parts<'_>) -> Hmac<Sha1> {
        let mut mac = self.mac.clone();
        mac.update(parts.clear);
        mac.update(parts.body);
        mac.update(&parts.word);
        mac
    }

    /// The first counter block: `salt * 2^16 XOR SSRC * 2^64 XOR index * 2^16`.
    fn block(&self, parts: &Parts<'_>) -> [u8; 16] {
        let of_packet = u128::from(parts.ssrc) << 64 | u128::from(parts.index) << 16;
        (u128::from_be_bytes(self.salt) ^ of_packet).to_be_bytes()
    }
}

/// Adds the key stream from the counter block `iv` on to `bytes`.
pub(super) fn apply<C>(cipher: &C, iv: &[u8; 16], bytes: &mut [u8])
where
    C: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16>,
{
    let core = CtrCore::<_, Ctr128BE>::inner_iv_init(cipher, iv.into());
    StreamCipherCoreWrapper::from_core(core).apply_keystream(bytes);
}

const _: () = assert!(LONGEST_TAG <= 20, "the hash is longer than every tag");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srtp::tests::hex;

    #[test]
    fn the_key_stream_is_that_of_rfc_3711_appendix_b_2() {
        let key = hex("2B7E151628AED2A6ABF7158809CF4F3C");
        let cipher = Aes128::new_from_slice(&key).expect("16 bytes");
        let iv = hex("F0F1F2F3F4F5F6F7F8F9FAFBFCFD0000").try_into().expect("16 bytes");
        let mut stream = [0; 48];
        apply(&cipher, &iv, &mut stream);
        let expected = "E03EAD0935C95E80E166B16DD92B4EB4 D23513162B02D0F72A43A2FE4A5F97AB \
                        41E95B3BB0A2E8DD477901E4FCA894C0";
        assert_eq!(stream.to_vec(), hex(expected));
    }
}
