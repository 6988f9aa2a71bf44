//! AES-GCM over a packet (RFC 7714).

use aes::cipher::{BlockCipherEncrypt, BlockSizeUser, KeyInit, consts::U12, consts::U16};
use aes_gcm::AesGcm;
use aes_gcm::aead::AeadInOut;
use aes_gcm::aead::inout::InOutBuf;

use super::derivation::{Kind, SessionKeys};
use super::transform::{Parts, Tag};
use super::{RTCP_CLEAR, SrtpError, WORD};

/// One kind of packet in one direction.
pub(super) struct Gcm<Aes> {
    cipher: AesGcm<Aes, U12>,
    salt: [u8; 12],
}

impl<Aes> Gcm<Aes>
where
    Aes: BlockCipherEncrypt + BlockSizeUser<BlockSize = U16> + KeyInit,
{
    pub(super) fn new(keys: &SessionKeys) -> Self {
        let mut salt = [0; 12];
        salt.copy_from_slice(&keys.salt[..12]);
        let key = &keys.cipher[..Aes::key_size()];
        let cipher = AesGcm::new_from_slice(key).expect("the key was cut to its size");
        Self { cipher, salt }
    }

    pub(super) fn seal(&self, parts: &mut Parts<'_>) -> Result<Tag, SrtpError> {
        let nonce = self.nonce(parts).into();
        let mut held = [0; RTCP_CLEAR + WORD];
        let associated = parts.associated(&mut held);
        let body = InOutBuf::from(&mut *parts.body);
        let sealed = self.cipher.encrypt_inout_detached(&nonce, associated, body);
        sealed.map(Into::into).map_err(|_| SrtpError::NoRoom)
    }

    pub(super) fn open(&self, parts: &mut Parts<'_>, tag: &Tag) -> Result<(), SrtpError> {
        let nonce = self.nonce(parts).into();
        let mut held = [0; RTCP_CLEAR + WORD];
        let associated = parts.associated(&mut held);
        let body = InOutBuf::from(&mut *parts.body);
        let opened = self.cipher.decrypt_inout_detached(&nonce, associated, body, tag.into());
        opened.map_err(|_| SrtpError::Forged)
    }

    /// `salt XOR (SSRC * 2^48 + index)` (§8.1, §9.1).
    fn nonce(&self, parts: &Parts<'_>) -> [u8; 12] {
        let of_packet = u128::from(parts.ssrc) << 48 | u128::from(parts.index);
        let mut nonce = self.salt;
        for (byte, part) in nonce.iter_mut().zip(&of_packet.to_be_bytes()[4..]) {
            *byte ^= part;
        }
        nonce
    }
}

impl<'p> Parts<'p> {
    /// What is authenticated beside the body: the header, and after it the index word of RTCP
    /// (§8.2, §9.2).
    fn associated<'h>(&self, held: &'h mut [u8; RTCP_CLEAR + WORD]) -> &'h [u8]
    where
        'p: 'h,
    {
        if self.kind == Kind::Rtp {
            return self.clear;
        }
        let (clear, word) = held.split_at_mut(RTCP_CLEAR);
        clear.copy_from_slice(self.clear);
        word.copy_from_slice(&self.word);
        held
    }
}
