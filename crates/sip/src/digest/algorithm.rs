//! Hash algorithms and the digest they make (RFC 7616 §3.4.1, RFC 8760 §2).

use md5::Md5;
use sha2::{Digest, Sha256, Sha512_256};

use super::Secret;

/// A hash algorithm of a challenge. The session variants (`-sess`) are not spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Sha512_256,
    Md5,
}

/// What is hashed beside the password.
pub(super) struct Facts<'a> {
    pub(super) username: &'a str,
    pub(super) realm: &'a str,
    pub(super) method: &'a str,
    pub(super) uri: &'a str,
    pub(super) nonce: &'a str,
    /// `nc` and `cnonce` as written, with `qop=auth`; none as in RFC 2069.
    pub(super) auth: Option<(&'a str, &'a str)>,
}

impl Algorithm {
    /// The algorithm of a challenge or answer; MD5 when none is named (RFC 7616 §3.3).
    pub(super) fn named(name: Option<&str>) -> Option<Self> {
        let known = [Self::Sha256, Self::Sha512_256, Self::Md5];
        let Some(name) = name else { return Some(Self::Md5) };
        known.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// As on the wire.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha512_256 => "SHA-512-256",
            Self::Md5 => "MD5",
        }
    }

    /// The `response` in hexadecimal.
    pub(super) fn response(self, facts: &Facts<'_>, password: &Secret) -> String {
        let Facts { username, realm, method, uri, nonce, auth } = facts;
        let who = self.hash(&format!("{username}:{realm}:{}", password.reveal()));
        let what = self.hash(&format!("{method}:{uri}"));
        self.hash(&match auth {
            Some((nc, cnonce)) => format!("{who}:{nonce}:{nc}:{cnonce}:auth:{what}"),
            None => format!("{who}:{nonce}:{what}"),
        })
    }

    fn hash(self, text: &str) -> String {
        match self {
            Self::Sha256 => hex(&Sha256::digest(text)),
            Self::Sha512_256 => hex(&Sha512_256::digest(text)),
            Self::Md5 => hex(&Md5::digest(text)),
        }
    }
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 §3.9.1.
    fn example(algorithm: Algorithm) -> String {
        let facts = Facts {
            username: "Mufasa",
            realm: "http-auth@example.org",
            method: "GET",
            uri: "/dir/index.html",
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
            auth: Some(("00000001", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")),
        };
        algorithm.response(&facts, &Secret::new("Circle of Life"))
    }

    #[test]
    fn the_examples_of_rfc_7616_come_out() {
        let sha = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
        assert_eq!(example(Algorithm::Sha256), sha);
        assert_eq!(example(Algorithm::Md5), "8ca523f5e9506fed4657c9700eebdbec");
    }

    #[test]
    fn sha_512_256_is_known_and_no_name_means_md5() {
        assert_eq!(Algorithm::named(Some("sha-512-256")), Some(Algorithm::Sha512_256));
        assert_eq!(Algorithm::named(None), Some(Algorithm::Md5));
        assert_eq!(Algorithm::named(Some("SHA-256-sess")), None);
        assert_eq!(example(Algorithm::Sha512_256).len(), 64);
    }
}
