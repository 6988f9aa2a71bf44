//! a=crypto lines (RFC 4568 §9): a suite and a master key for one direction of a stream.
//!
//! # Assumptions
//! - Only lines that can be used are read. One with an MKI, with several keys, with a derivation
//!   rate, or with anything left unencrypted or unauthenticated is read over like one of an unknown
//!   suite (§6.1, §6.3); if no other is left, the stream cannot be served.
//! - A lifetime is read and accepted: `rtp::srtp` says why it is not watched. WSH is a hint.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, general_purpose};
use model::{CryptoSuite, MasterKey};
use zeroize::Zeroizing;

/// One a=crypto line. It has no `Debug`: what its key protects is a caller's voice.
#[derive(Clone, PartialEq, Eq)]
pub struct Crypto {
    /// Its number among the offer's, which the answer repeats (§4.1).
    pub tag: u32,
    /// What its writer sends with.
    pub key: MasterKey,
}

impl Crypto {
    /// `<tag> <suite> inline:<key>[|<lifetime>] [<session parameters>]`; `None` for a line that
    /// cannot be used.
    pub(crate) fn parse(value: &str) -> Option<Self> {
        let mut fields = value.split_ascii_whitespace();
        let (tag, suite, key) = (fields.next()?, fields.next()?, fields.next()?);
        let is_number = (1..=9).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_digit());
        let tag = tag.parse().ok().filter(|_| is_number)?;
        let suite = SUITES.iter().find(|(name, _)| name.eq_ignore_ascii_case(suite))?.1;
        let key = inline(suite, key)?;
        fields.all(is_harmless).then_some(Self { tag, key })
    }

    /// The line's value.
    pub(crate) fn to_text(&self) -> String {
        let named = SUITES.iter().find(|(_, suite)| *suite == self.key.suite());
        let (name, _) = named.expect("every suite has a name");
        let key = general_purpose::STANDARD.encode(self.key.bytes());
        format!("{} {name} inline:{key}", self.tag)
    }
}

/// `inline:<key and salt>[|<lifetime>]`, and nothing after it.
fn inline(suite: CryptoSuite, parameters: &str) -> Option<MasterKey> {
    let (method, information) = parameters.split_once(':')?;
    let mut parts = information.split('|');
    let key = parts.next().filter(|_| method.eq_ignore_ascii_case("inline"))?;
    let lifetime = parts.next();
    // With an MKI there are two or more parts, or the only one has a colon.
    let is_usable = lifetime.is_none_or(is_lifetime) && parts.next().is_none();
    let mut bytes = Zeroizing::new([0; CryptoSuite::LONGEST + 4]);
    let length = TOLERANT.decode_slice(key, &mut bytes[..]).ok().filter(|_| is_usable)?;
    MasterKey::new(suite, &bytes[..length])
}

/// `2^<exponent>` or a number of packets (§6.1).
fn is_lifetime(text: &str) -> bool {
    let number = text.strip_prefix("2^").unwrap_or(text);
    !number.is_empty() && number.len() <= 15 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a session parameter asks for nothing: a window size is a hint (§6.3.6), and so is what
/// begins with a dash (§6.3.7).
fn is_harmless(parameter: &str) -> bool {
    parameter.starts_with('-') || parameter.starts_with("WSH=") || parameter == "KDR=0"
}

/// The names of RFC 4568 §6.2 and RFC 7714 §14.1.
const SUITES: [(&str, CryptoSuite); 4] = [
    ("AES_CM_128_HMAC_SHA1_80", CryptoSuite::AesCm128HmacSha1_80),
    ("AES_CM_128_HMAC_SHA1_32", CryptoSuite::AesCm128HmacSha1_32),
    ("AEAD_AES_128_GCM", CryptoSuite::AeadAes128Gcm),
    ("AEAD_AES_256_GCM", CryptoSuite::AeadAes256Gcm),
];
/// Keys of 28 and 44 bytes come with and without `=` at their end.
const TOLERANT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

    fn check(line: &str, expected: Option<(u32, CryptoSuite)>) {
        let read = Crypto::parse(line);
        assert_eq!(read.map(|crypto| (crypto.tag, crypto.key.suite())), expected, "{line}");
    }

    #[test]
    fn lines_of_rfc_4568_are_read_or_read_over() {
        let counter = Some((1, CryptoSuite::AesCm128HmacSha1_80));
        check(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}"), counter);
        check(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}|2^20"), counter);
        check(&format!("1 aes_cm_128_hmac_sha1_80 {KEY}|1048576 KDR=0 WSH=64 -x=1"), counter);
        let short = Some((90, CryptoSuite::AesCm128HmacSha1_32));
        check(&format!("90 AES_CM_128_HMAC_SHA1_32 {KEY}"), short);
        check(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}|2^20|1:4"), None);
        check(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}|1:4"), None);
        check(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY}|2^20|1:4;{KEY}|2^20|2:4"), None);
        check(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY};{KEY}"), None);
        for parameter in ["UNENCRYPTED_SRTP", "UNENCRYPTED_SRTCP", "UNAUTHENTICATED_SRTP", "KDR=1"]
        {
            check(&format!("1 AES_CM_128_HMAC_SHA1_80 {KEY} {parameter}"), None);
        }
        check(&format!("1 F8_128_HMAC_SHA1_80 {KEY}"), None);
        check(&format!("x AES_CM_128_HMAC_SHA1_80 {KEY}"), None);
        check(&format!("1234567890 AES_CM_128_HMAC_SHA1_80 {KEY}"), None);
        check("1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVB", None);
        check("1 AES_CM_128_HMAC_SHA1_80 uri:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR", None);
        check("1 AES_CM_128_HMAC_SHA1_80", None);
    }

    #[test]
    fn a_key_of_28_bytes_comes_with_and_without_its_filling() {
        let written = "1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==";
        let read = Crypto::parse(written).expect("28 bytes");
        assert!(read.key.bytes().iter().copied().eq(0..28));
        assert_eq!(read.to_text(), written);
        assert!(Crypto::parse(written.trim_end_matches('=')) == Some(read));
    }
}
