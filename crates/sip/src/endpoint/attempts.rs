//! Wrong passwords by source: who tries too many is not listened to for a while.
//!
//! # Assumptions
//! - A source is an IPv4 address or an IPv6 network of 64 bits, which one host can have to itself.
//! - A refused source gets the answer a wrong password gets, so that it learns nothing.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use model::{Agenda, Instant};

/// The sources of wrong passwords of the last minute.
pub(super) struct Attempts {
    failures: BTreeMap<IpAddr, u32>,
    agenda: Agenda<IpAddr>,
}

impl Attempts {
    pub(super) const fn new() -> Self {
        Self { failures: BTreeMap::new(), agenda: Agenda::new() }
    }

    /// Whether a source is not to be listened to.
    pub(super) fn are_too_many(&self, source: IpAddr) -> bool {
        self.failures.get(&network(source)).is_some_and(|failures| *failures >= MOST)
    }

    /// Notes a wrong password, for a minute from now.
    pub(super) fn failed(&mut self, now: Instant, source: IpAddr) {
        let source = network(source);
        if self.failures.len() < SOURCES || self.failures.contains_key(&source) {
            *self.failures.entry(source).or_default() += 1;
            self.agenda.set(source, Some(now + MEMORY));
        }
    }

    /// Forgets what a source did before it knew the password.
    pub(super) fn succeeded(&mut self, source: IpAddr) {
        let source = network(source);
        self.failures.remove(&source);
        self.agenda.set(source, None);
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.agenda.next()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        while let Some(source) = self.agenda.take_due(now) {
            self.failures.remove(&source);
        }
    }
}

fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        ip => ip,
    }
}

/// How many wrong passwords a source may send before it is not listened to.
const MOST: u32 = 10;
/// For how long, after the last one that was looked at.
const MEMORY: Duration = Duration::from_secs(60);
/// The most sources remembered.
const SOURCES: usize = 10_000;
