//! The way of a leg that is to be dialled (RFC 3263): known at once, or as soon as a resolver knows.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{EndReason, Instant, LegEvent, LegId, Target};

use super::dial::Way;
use super::machine::Endpoint;
use super::names::Found;
use super::next_hop::NextHop;

/// The legs whose server's name is being looked up.
pub(super) struct Locating(BTreeMap<LegId, Seeking>);

struct Seeking {
    target: Target,
    server: NextHop,
    until: Instant,
}

impl Locating {
    pub(super) const fn new() -> Self {
        Self(BTreeMap::new())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.0.values().map(|seeking| seeking.until).min()
    }

    /// Lets a leg go; says whether it was here.
    pub(super) fn forget(&mut self, leg: LegId) -> bool {
        self.0.remove(&leg).is_some()
    }

    fn take(&mut self, is_meant: impl Fn(&Seeking) -> bool) -> Vec<(LegId, Target)> {
        let taken = self.0.extract_if(.., |_, seeking| is_meant(seeking));
        taken.map(|(leg, seeking)| (leg, seeking.target)).collect()
    }
}

impl Endpoint {
    /// Says how the peer of a leg to come will reach us, or ends the leg where there is no way.
    pub(super) fn locate(&mut self, now: Instant, leg: LegId, target: Target) {
        match self.way(now, &target) {
            Way::To(destination) => {
                let own = self.core.own(destination.flow);
                self.core.say(LegEvent::Located { leg, own });
            }
            Way::Asked(server) if !self.is_full() => {
                self.core.names.need(now, &server);
                let until = now + PATIENCE;
                self.locating.0.insert(leg, Seeking { target, server, until });
            }
            Way::Asked(_) | Way::Nowhere => self.not_located(leg),
        }
    }

    /// Takes an answer of the resolver, and lets the legs go on that waited for it.
    pub(super) fn looked_up(&mut self, now: Instant, server: &NextHop, found: Option<Found>) {
        self.core.names.looked_up(now, server, found);
        for (leg, target) in self.locating.take(|seeking| seeking.server == *server) {
            match self.way(now, &target) {
                Way::Asked(_) => self.not_located(leg),
                Way::To(_) | Way::Nowhere => self.locate(now, leg, target),
            }
        }
    }

    /// Ends the legs that have waited long enough.
    pub(super) fn locating_timeout(&mut self, now: Instant) {
        for (leg, _) in self.locating.take(|seeking| seeking.until <= now) {
            self.not_located(leg);
        }
    }

    fn not_located(&mut self, leg: LegId) {
        self.core.say(LegEvent::Ended { leg, reason: EndReason::Unreachable });
    }
}

/// How long a leg waits for a name: somebody waits for that leg.
const PATIENCE: Duration = Duration::from_secs(4);
