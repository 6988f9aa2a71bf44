//! Answers to challenges (RFC 7616 §3.4, RFC 8760 §2.6).
//!
//! The caller limits how often it answers: once, and once more when the challenge is stale, so that
//! a peer with a new nonce each time cannot keep it busy.

use std::fmt::Write as _;

use model::Chance;

use super::Secret;
use super::algorithm::{Algorithm, Facts};
use crate::wire::{Challenge, Method, quote};

/// The value of Authorization or Proxy-Authorization that answers the best of `challenges`, or
/// `None` when none can be answered. SHA comes before MD5, whatever order a peer writes them in.
///
/// `uri` is the Request-URI as on the wire; `nc` counts the requests made with this nonce, from 1.
pub fn answer(
    challenges: &[Challenge],
    username: &str,
    password: &Secret,
    method: &Method,
    uri: &str,
    chance: &mut Chance,
    nc: u32,
) -> Option<String> {
    let mut usable: Vec<_> = challenges.iter().filter_map(Usable::read).collect();
    usable.sort_by_key(|usable| usable.algorithm == Algorithm::Md5);
    let usable = usable.first()?;
    let (count, cnonce) = (format!("{nc:08x}"), chance.token());
    let facts = Facts {
        username,
        realm: usable.realm,
        method: method.as_str(),
        uri,
        nonce: usable.nonce,
        auth: usable.with_qop.then_some((count.as_str(), cnonce.as_str())),
    };
    Some(usable.write(&facts, &usable.algorithm.response(&facts, password)))
}

/// Whether a challenge says that only the nonce was too old, not the password wrong.
pub fn is_stale(challenges: &[Challenge]) -> bool {
    challenges.iter().any(|c| c.value("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")))
}

/// A challenge that we can answer.
struct Usable<'a> {
    algorithm: Algorithm,
    realm: &'a str,
    nonce: &'a str,
    opaque: Option<&'a str>,
    with_qop: bool,
}

impl<'a> Usable<'a> {
    fn read(challenge: &'a Challenge) -> Option<Self> {
        let qop = challenge.value("qop");
        let auth = |list: &str| list.split(',').any(|q| q.trim().eq_ignore_ascii_case("auth"));
        if !challenge.0.is_digest() || qop.is_some_and(|list| !auth(list)) {
            return None;
        }
        Some(Self {
            algorithm: Algorithm::named(challenge.value("algorithm"))?,
            realm: challenge.value("realm")?,
            nonce: challenge.value("nonce")?,
            opaque: challenge.value("opaque"),
            with_qop: qop.is_some(),
        })
    }

    fn write(&self, facts: &Facts<'_>, response: &str) -> String {
        let mut value = format!(
            "Digest username={}, realm={}, nonce={}, uri={}, response=\"{response}\", algorithm={}",
            quote(facts.username),
            quote(facts.realm),
            quote(facts.nonce),
            quote(facts.uri),
            self.algorithm.name(),
        );
        if let Some((count, cnonce)) = facts.auth {
            let _ = write!(value, ", qop=auth, nc={count}, cnonce=\"{cnonce}\"");
        }
        if let Some(opaque) = self.opaque {
            let _ = write!(value, ", opaque={}", quote(opaque));
        }
        value
    }
}
