//! Nonces and verdicts of a server (RFC 7616 §3.3, §3.4.6, §5).
//!
//! A nonce carries its own birth and source under a key only we know, so a challenge costs no
//! memory and a flood cannot drive out anyone's nonce. Only nonces that were answered rightly are
//! remembered, to see that `nc` strictly grows.
//!
//! # Assumptions
//! - The `uri` of an answer is not compared with the Request-URI: proxies on the way may have
//!   changed that (RFC 3261 §22.4), and `nc` stops a replay to another URI.
//! - An answer without `qop` is taken once for each nonce.
//! - RFC 8760 §2.3 lets a server offer several algorithms, but phones of before it give up when
//!   they see any they do not know (baresip 1.0 wherever SHA-256 stands, SIPp 3.6 when it stands
//!   first). So a listener for such phones offers MD5 alone; it still takes SHA-256. Phones that
//!   know SHA-256 belong on another listener.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use model::{Chance, Instant};
use sha2::{Digest, Sha256};

use super::Secret;
use super::algorithm::{Algorithm, Facts, hex};
use crate::wire::{Credentials, Method, quote};

/// What a listener asks of a client.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The realm of its challenges.
    pub realm: &'a str,
    /// Whether it is for phones that know only MD5.
    pub legacy_md5: bool,
}

/// A request with credentials.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// What the client says.
    pub credentials: &'a Credentials,
    /// The method of its request.
    pub method: &'a Method,
    /// Where it came from.
    pub source: IpAddr,
}

/// What to think of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The client knows the password.
    Accepted,
    /// It does, but its nonce is used up or not for it: challenge it with `stale=true`.
    Stale,
    /// It does not, or there is no such user: challenge it as at first.
    Refused,
}

/// Issues nonces and judges answers to them.
pub struct Nonces {
    chance: Chance,
    key: [u8; 32],
    /// The greatest `nc` of each nonce answered rightly.
    counts: HashMap<String, u32>,
    /// The same nonces by time of death.
    deaths: VecDeque<(Instant, String)>,
}

impl Nonces {
    /// Nonces under a new key.
    pub fn new(mut chance: Chance) -> Self {
        let mut key = [0; 32];
        for part in key.chunks_exact_mut(8) {
            part.copy_from_slice(&chance.next_u64().to_be_bytes());
        }
        Self { chance, key, counts: HashMap::new(), deaths: VecDeque::new() }
    }

    /// The value of WWW-Authenticate. `verdict` is what led here; only after [`Verdict::Stale`] may
    /// the client try again by itself.
    pub fn challenge(
        &mut self,
        now: Instant,
        source: IpAddr,
        policy: Policy<'_>,
        verdict: Verdict,
    ) -> String {
        let nonce = self.issue(now, source);
        let stale = if verdict == Verdict::Stale { ", stale=true" } else { "" };
        let algorithm = if policy.legacy_md5 { Algorithm::Md5 } else { Algorithm::Sha256 };
        let (realm, name) = (quote(policy.realm), algorithm.name());
        format!("Digest realm={realm}, nonce=\"{nonce}\", algorithm={name}, qop=\"auth\"{stale}")
    }

    /// Judges an attempt. `secret` is the password of the user it names, `None` when there is no
    /// such user; both cost the same and lead to the same answer.
    pub fn verify(
        &mut self,
        now: Instant,
        attempt: &Attempt<'_>,
        policy: Policy<'_>,
        secret: Option<&Secret>,
    ) -> Verdict {
        let knows = Answer::read(attempt, policy).filter(|answer| answer.is_right(attempt, secret));
        match knows {
            None => Verdict::Refused,
            Some(answer) if self.count(now, attempt.source, &answer) => Verdict::Accepted,
            Some(_) => Verdict::Stale,
        }
    }

    fn issue(&mut self, now: Instant, source: IpAddr) -> String {
        let birth = format!("{:016x}{}", now.as_nanos(), self.chance.token());
        let seal = self.seal(&birth, source);
        birth + &seal
    }

    /// Whether the nonce is ours, alive, for this source, and `nc` greater than ever before.
    fn count(&mut self, now: Instant, source: IpAddr, answer: &Answer<'_>) -> bool {
        self.forget_dead(now);
        let Some(death) = self.death(answer.nonce, source).filter(|death| *death > now) else {
            return false;
        };
        if let Some(last) = self.counts.get_mut(answer.nonce) {
            let grows = answer.count > *last;
            *last = answer.count.max(*last);
            return grows;
        }
        // A nonce is only ever forgotten when it is dead: else it could be replayed.
        if self.counts.len() >= MAX_NONCES {
            return false;
        }
        self.counts.insert(answer.nonce.to_owned(), answer.count);
        self.deaths.push_back((death, answer.nonce.to_owned()));
        true
    }

    /// When a nonce of ours dies; `None` for one that is not ours or not for this source.
    fn death(&self, nonce: &str, source: IpAddr) -> Option<Instant> {
        let (birth, seal) = nonce.split_at_checked(32)?;
        let nanos = u64::from_str_radix(birth.get(..16)?, 16).ok()?;
        let ours = is_same(&self.seal(birth, source), seal);
        ours.then(|| Instant::from_nanos(nanos) + LIFE)
    }

    fn forget_dead(&mut self, now: Instant) {
        // First answers come in another order than births, so a death may wait behind a later one,
        // by at most one life.
        while let Some((_, nonce)) = self.deaths.pop_front_if(|(death, _)| *death <= now) {
            self.counts.remove(&nonce);
        }
    }

    fn seal(&self, birth: &str, source: IpAddr) -> String {
        let source = match source {
            IpAddr::V4(ip) => ip.to_ipv6_mapped(),
            IpAddr::V6(ip) => ip,
        };
        let hash = Sha256::new().chain_update(self.key).chain_update(birth);
        hex(&hash.chain_update(source.octets()).finalize()[..16])
    }
}

impl fmt::Debug for Attempt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attempt({:?})", self.method)
    }
}

impl fmt::Debug for Nonces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nonces({})", self.counts.len())
    }
}

/// The parts of credentials that are needed, all there and allowed.
struct Answer<'a> {
    algorithm: Algorithm,
    username: &'a str,
    realm: &'a str,
    uri: &'a str,
    nonce: &'a str,
    response: &'a str,
    /// `nc` and `cnonce`.
    auth: Option<(&'a str, &'a str)>,
    /// `nc` as a number; the greatest without qop, so that nothing can follow it.
    count: u32,
}

impl<'a> Answer<'a> {
    fn read(attempt: &Attempt<'a>, policy: Policy<'_>) -> Option<Self> {
        let given = attempt.credentials;
        let algorithm = Algorithm::named(given.value("algorithm"))?;
        let offered = match algorithm {
            Algorithm::Sha256 => true,
            Algorithm::Md5 => policy.legacy_md5,
            Algorithm::Sha512_256 => false,
        };
        let auth = match given.value("qop") {
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                Some((given.value("nc")?, given.value("cnonce")?))
            }
            Some(_) => return None,
            None => None,
        };
        let count = auth.map_or(Ok(u32::MAX), |(nc, _)| u32::from_str_radix(nc, 16)).ok()?;
        let realm = given.value("realm").filter(|realm| *realm == policy.realm)?;
        (offered && given.0.is_digest() && count > 0).then_some(())?;
        Some(Self {
            algorithm,
            username: given.value("username")?,
            realm,
            uri: given.value("uri")?,
            nonce: given.value("nonce")?,
            response: given.value("response")?,
            auth,
            count,
        })
    }

    fn is_right(&self, attempt: &Attempt<'_>, secret: Option<&Secret>) -> bool {
        let facts = Facts {
            username: self.username,
            realm: self.realm,
            method: attempt.method.as_str(),
            uri: self.uri,
            nonce: self.nonce,
            auth: self.auth,
        };
        // A stranger's name costs the same hashes as a known one's: timing tells no names.
        let nobody = Secret::new("");
        let response = self.algorithm.response(&facts, secret.unwrap_or(&nobody));
        is_same(&response, &self.response.to_ascii_lowercase()) && secret.is_some()
    }
}

/// Compares in a time that does not tell where the texts differ.
fn is_same(ours: &str, theirs: &str) -> bool {
    let differ = |sum: u8, (a, b): (u8, u8)| sum | (a ^ b);
    ours.len() == theirs.len() && ours.bytes().zip(theirs.bytes()).fold(0, differ) == 0
}

/// How long a nonce lives.
const LIFE: Duration = Duration::from_secs(60);
/// The most nonces remembered: each of them was answered by someone who knows a password.
const MAX_NONCES: usize = 10_000;
