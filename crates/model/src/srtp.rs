//! What encrypted media is agreed by: suites, master keys, and how much of it an operator wants.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Chance;

/// How one direction of a leg's media is encrypted and authenticated, by its name in RFC 4568
/// §6.2 or RFC 7714 §14.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CryptoSuite {
    /// AES in counter mode, HMAC-SHA1 of 80 bits.
    AesCm128HmacSha1_80,
    /// The same with 32 bits for RTP; RTCP keeps 80.
    AesCm128HmacSha1_32,
    /// AES-GCM with a key of 128 bits.
    AeadAes128Gcm,
    /// AES-GCM with a key of 256 bits.
    AeadAes256Gcm,
}

/// A master key with its master salt (RFC 3711 §3.2.1).
///
/// It never prints, is no part of anything serialised, and is overwritten when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    suite: CryptoSuite,
    bytes: Zeroizing<[u8; CryptoSuite::LONGEST]>,
}

/// What an operator wants of a peer's media.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SrtpPolicy {
    /// It is never encrypted.
    #[default]
    Off,
    /// It is encrypted if the peer can (RFC 8643).
    Optional,
    /// It is encrypted, or there is none.
    Required,
}

impl CryptoSuite {
    /// Bytes of the longest master key with its salt.
    pub const LONGEST: usize = 32 + 12;

    /// Bytes of the master key.
    pub const fn key_length(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 | Self::AeadAes128Gcm => 16,
            Self::AeadAes256Gcm => 32,
        }
    }

    /// Bytes of the master salt.
    pub const fn salt_length(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 => 14,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 12,
        }
    }

    /// Bytes of both.
    pub const fn length(self) -> usize {
        self.key_length() + self.salt_length()
    }
}

impl MasterKey {
    /// A key and its salt, one after the other; `None` if `bytes` is not as long as they are.
    pub fn new(suite: CryptoSuite, bytes: &[u8]) -> Option<Self> {
        if bytes.len() != suite.length() {
            return None;
        }
        let mut held = Zeroizing::new([0; CryptoSuite::LONGEST]);
        held[..bytes.len()].copy_from_slice(bytes);
        Some(Self { suite, bytes: held })
    }

    /// A new key that nobody can guess.
    pub fn random(suite: CryptoSuite, chance: &mut Chance) -> Self {
        let mut bytes = Zeroizing::new([0; CryptoSuite::LONGEST]);
        chance.fill(&mut bytes[..suite.length()]);
        Self { suite, bytes }
    }

    /// What it is for.
    pub const fn suite(&self) -> CryptoSuite {
        self.suite
    }

    /// The key, then the salt.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[..self.suite.length()]
    }

    /// The key alone.
    pub fn key(&self) -> &[u8] {
        &self.bytes[..self.suite.key_length()]
    }

    /// The salt alone.
    pub fn salt(&self) -> &[u8] {
        &self.bytes[self.suite.key_length()..self.suite.length()]
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({:?}, <redacted>)", self.suite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn robustness_42_a_key_never_prints() {
        let key = MasterKey::new(CryptoSuite::AeadAes128Gcm, &[0xab; 28]).expect("28 bytes");
        let printed = format!("{key:?} {key:#?}");
        assert!(!printed.contains("ab, ab") && !printed.contains("171"), "{printed}");
    }

    #[test]
    fn a_key_is_as_long_as_its_suite_says() {
        let suite = CryptoSuite::AesCm128HmacSha1_80;
        assert!(MasterKey::new(suite, &[1; 29]).is_none());
        assert!(MasterKey::new(suite, &[1; 31]).is_none());
        let key = MasterKey::new(suite, &std::array::from_fn::<u8, 30, _>(|at| at as u8));
        let key = key.expect("16 and 14 bytes");
        assert_eq!((key.key()[15], key.salt()[0], key.salt().len()), (15, 16, 14));
    }

    #[test]
    fn no_two_random_keys_are_alike() {
        let mut chance = Chance::from_number(1);
        let suite = CryptoSuite::AeadAes256Gcm;
        let [one, other] = std::array::from_fn(|_| MasterKey::random(suite, &mut chance));
        assert!(one != other && one.bytes().iter().any(|&byte| byte != 0));
    }
}
