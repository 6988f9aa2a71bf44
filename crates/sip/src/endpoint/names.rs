//! The addresses of servers that are named (RFC 3263 §4), as a resolver found them.
//!
//! Names of the configuration are asked for before a call needs them, and again before an answer
//! grows old; the last good answer is kept while no new one comes. Nothing waits here but a leg that
//! is to be dialled to a name of which nothing is known yet. Not here: the questions themselves.
//!
//! # Assumptions
//! - A server that did not answer is the last choice for a minute, whoever calls it then.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use model::Instant;

use super::next_hop::NextHop;

/// What a resolver found.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// The addresses with their ports, the preferred one first.
    pub addresses: Vec<SocketAddr>,
    /// How long this is true.
    pub fresh_for: Duration,
}

/// What is known of names, and of servers that do not answer.
pub(super) struct Names {
    known: BTreeMap<NextHop, Name>,
    silent: BTreeMap<SocketAddr, Instant>,
}

struct Name {
    /// The last good answer.
    addresses: Vec<SocketAddr>,
    /// Whether a question is out; then `due` is when it is given up.
    is_asked: bool,
    due: Instant,
    /// When it is forgotten, unless it is needed again; names of the configuration never are.
    needed_until: Option<Instant>,
}

impl Names {
    /// The names of the configuration, to be asked for at once.
    pub(super) fn new<'a>(configured: impl Iterator<Item = &'a NextHop>) -> Self {
        let named = configured.filter(|hop| hop.address().is_none());
        let name = |hop: &NextHop| (hop.clone(), Name::new(Instant::ZERO, None));
        Self { known: named.map(name).collect(), silent: BTreeMap::new() }
    }

    /// The addresses of a server, one that did not answer lately last; `None` while a resolver has
    /// never said.
    pub(super) fn addresses(&self, now: Instant, server: &NextHop) -> Option<Vec<SocketAddr>> {
        let named = || self.known.get(server).map(|name| name.addresses.clone());
        let literal = server.address().map(|address| vec![address]);
        let mut addresses = literal.or_else(named).filter(|addresses| !addresses.is_empty())?;
        addresses.sort_by_key(|address| self.is_silent(now, *address));
        Some(addresses)
    }

    /// Whether `source` is an address of this server, as far as it is known by name.
    pub(super) fn has_address(&self, hop: &NextHop, source: IpAddr) -> bool {
        let name = self.known.get(hop);
        name.is_some_and(|name| name.addresses.iter().any(|a| a.ip() == source.to_canonical()))
    }

    /// A leg needs this server: what is not known is asked for now, not when it is due.
    pub(super) fn need(&mut self, now: Instant, hop: &NextHop) {
        if hop.address().is_some() {
            return;
        }
        if !self.known.contains_key(hop) {
            self.forget_unneeded(now);
            if self.known.len() >= MOST {
                return;
            }
            self.known.insert(hop.clone(), Name::new(now, Some(now)));
        }
        let Some(name) = self.known.get_mut(hop) else { return };
        name.needed_until = name.needed_until.map(|_| now + NEEDED);
        if name.addresses.is_empty() && !name.is_asked {
            name.due = now;
        }
    }

    /// Takes what became of a question; `None` keeps the last good answer.
    pub(super) fn looked_up(&mut self, now: Instant, hop: &NextHop, found: Option<Found>) {
        let Some(name) = self.known.get_mut(hop) else { return };
        name.is_asked = false;
        match found.filter(|found| !found.addresses.is_empty()) {
            Some(found) => {
                name.addresses = found.addresses;
                name.addresses.truncate(MOST_ADDRESSES);
                name.due = now + found.fresh_for.clamp(SHORTEST, LONGEST);
            }
            None => name.due = now + SHORTEST,
        }
    }

    /// Takes one question that is due.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<NextHop> {
        self.forget_unneeded(now);
        let (hop, name) = self.known.iter_mut().find(|(_, name)| name.due <= now)?;
        name.is_asked = true;
        name.due = now + PATIENCE;
        Some(hop.clone())
    }

    /// When a question is due.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.known.values().map(|name| name.due).min()
    }

    /// Notes that a server did not answer.
    pub(super) fn did_not_answer(&mut self, now: Instant, server: SocketAddr) {
        self.silent.retain(|_, at| now.since(*at) < MEMORY);
        if self.silent.len() < MOST {
            self.silent.insert(server, now);
        }
    }

    fn is_silent(&self, now: Instant, server: SocketAddr) -> bool {
        self.silent.get(&server).is_some_and(|at| now.since(*at) < MEMORY)
    }

    fn forget_unneeded(&mut self, now: Instant) {
        self.known.retain(|_, name| name.needed_until.is_none_or(|until| until >= now));
    }
}

impl Name {
    const fn new(due: Instant, needed_until: Option<Instant>) -> Self {
        Self { addresses: Vec::new(), is_asked: false, due, needed_until }
    }
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Found({})", self.addresses.len())
    }
}

/// The most names and silent servers remembered at one time.
const MOST: usize = 256;
/// The most addresses of one name.
const MOST_ADDRESSES: usize = 16;
/// How soon a name is asked for again, whatever its records say, and after no answer.
const SHORTEST: Duration = Duration::from_secs(30);
/// How late.
const LONGEST: Duration = Duration::from_secs(600);
/// When a question without any answer is asked again.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a server that did not answer is the last choice.
const MEMORY: Duration = Duration::from_secs(60);
/// How long a name that is not in the configuration is kept fresh after its last use.
const NEEDED: Duration = Duration::from_secs(900);
