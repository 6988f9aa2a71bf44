//! Who sends a request: a trunk by its address, an advocate by her password, or a stranger.
//!
//! Strangers are answered without a transaction or any other state (RFC 3261 §8.2.7): they cannot
//! fill a table.
//!
//! # Assumptions
//! Whoever is no trunk is challenged, whatever name it gives: 401 for some names and 403 for others
//! would tell which ones exist.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use model::{AdvocateId, Chance, Instant, Peer};

use super::attempts::Attempts;
use super::core::Core;
use super::received::Received;
use super::reply::reply;
use super::settings::{Settings, User};
use crate::digest::{Attempt, Nonces, Policy, Verdict};
use crate::wire::{Headers, NameAddr, Response};

/// Nonces, and the key of the tags of stateless responses.
pub(super) struct Guard {
    nonces: Nonces,
    attempts: Attempts,
    tag_key: u64,
}

impl Guard {
    pub(super) fn new(chance: &mut Chance) -> Self {
        let nonces = Nonces::new(chance.split());
        Self { nonces, attempts: Attempts::new(), tag_key: chance.next_u64() }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.attempts.deadline()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.attempts.handle_timeout(now);
    }

    /// A To tag that is the same for each repetition of a request (§8.2.7).
    pub(super) fn tag(&self, received: &Received) -> String {
        self.tag_of(&received.request.headers, Some(received.key.branch()))
    }

    /// The same of a request of which not everything could be read.
    pub(super) fn tag_of(&self, headers: &Headers, branch: Option<&str>) -> String {
        let mut hasher = DefaultHasher::new();
        self.tag_key.hash(&mut hasher);
        for name in ["Call-ID", "From", "CSeq"] {
            headers.get(name).hash(&mut hasher);
        }
        branch.hash(&mut hasher);
        format!("{:016x}", hasher.finish())
    }

    /// The peer that may send this INVITE, or the refusal.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        core: &mut Core,
        received: &Received,
    ) -> Result<Peer, Response> {
        let headers = &received.request.headers;
        let claims = names_user(&core.settings, &received.from);
        match core.trunk_of(received.flow.remote.ip()) {
            Some(trunk) if !claims => Ok(Peer::Trunk(trunk)),
            None if core.settings.users.is_empty() => {
                core.counters.strangers += 1;
                Err(reply(headers, 403, &self.tag(received)))
            }
            _ => self.authenticate(now, core, received).map(Peer::Advocate),
        }
    }

    /// The advocate whose password the request proves, or the challenge.
    pub(super) fn authenticate(
        &mut self,
        now: Instant,
        core: &mut Core,
        received: &Received,
    ) -> Result<AdvocateId, Response> {
        let headers = &received.request.headers;
        let Ok(given) = headers.authorization() else {
            return Err(reply(headers, 400, &self.tag(received)));
        };
        let source = received.flow.remote.ip();
        let settings = &core.settings;
        let legacy_md5 = settings.legacy_md5(received.flow.listener);
        let policy = Policy { realm: &settings.realm, legacy_md5 };
        // A client may answer several realms at once.
        let own = given.iter().find(|one| one.value("realm") == Some(policy.realm));
        let mut verdict = Verdict::Refused;
        if let Some(credentials) = own
            && !self.attempts.are_too_many(source)
        {
            let user = user_named(settings, credentials.value("username").unwrap_or_default());
            let attempt = Attempt { credentials, method: &received.request.method, source };
            verdict = self.nonces.verify(now, &attempt, policy, user.map(|user| &user.password));
            if let (Verdict::Accepted, Some(user)) = (verdict, user) {
                self.attempts.succeeded(source);
                return Ok(user.advocate);
            }
            if verdict == Verdict::Refused {
                self.attempts.failed(now, source);
            }
        }
        let mut challenge = reply(headers, 401, &self.tag(received));
        let value = self.nonces.challenge(now, source, policy, verdict);
        challenge.headers.push("WWW-Authenticate", value);
        core.counters.challenged += 1;
        Err(challenge)
    }
}

/// The account with this name.
fn user_named<'a>(settings: &'a Settings, username: &str) -> Option<&'a User> {
    settings.users.iter().find(|user| user.username == username)
}

/// Whether an address is that of one of our users.
fn names_user(settings: &Settings, address: &NameAddr) -> bool {
    address.uri.user().is_some_and(|user| user_named(settings, user.reveal()).is_some())
}

/// Whether an address is that of `advocate`.
pub(super) fn is_of(settings: &Settings, address: &NameAddr, advocate: AdvocateId) -> bool {
    let named = |user: model::Pii<String>| user_named(settings, user.reveal()).map(|u| u.advocate);
    address.uri.user().and_then(named) == Some(advocate)
}
