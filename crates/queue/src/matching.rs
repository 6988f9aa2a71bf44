//! Who is offered whom.

use model::{CallId, Instant};

use crate::desk::{Desk, State};
use crate::entry::Entry;
use crate::{Fit, Output, Queue};

impl Queue {
    /// Offers each waiting caller, from the first on, to the best advocate still free.
    pub(crate) fn match_callers(&mut self, now: Instant) {
        let mut free = self.desks.iter().filter(|desk| desk.free_since().is_some()).count();
        let waiting: Vec<CallId> = self.line.iter().map(|entry| entry.id).collect();
        for id in waiting {
            if free == 0 {
                return;
            }
            if self.desk_offered(id).is_none() && self.offer_to_best(now, id) {
                free -= 1;
            }
        }
    }

    /// Whether the advocate at `desk` is the only one left to ring in any of her queues (A5).
    pub(crate) fn is_last_ready(&self, desk: usize) -> bool {
        let others = || self.desks.iter().enumerate().filter(|(other, _)| *other != desk);
        let alone = |queue| !others().any(|(_, other)| other.stands_ready() && other.serves(queue));
        self.desks[desk].advocate.queues.iter().any(alone)
    }

    /// Offers the caller to the best free advocate, and says whether there was one.
    fn offer_to_best(&mut self, now: Instant, id: CallId) -> bool {
        let Some(entry) = self.line.find(id).cloned() else { return false };
        let free = self.desks.iter().enumerate().filter(|(_, desk)| desk.serves(&entry.queue));
        let ranked = free.filter_map(|(at, desk)| Some((rank(&entry, desk)?, at)));
        let Some((_, at)) = ranked.min() else { return false };
        self.offer(now, at, &entry);
        true
    }

    /// Offers the caller to a ready advocate.
    pub(crate) fn offer(&mut self, now: Instant, desk: usize, entry: &Entry) {
        let State::Ready { idle_since, .. } = self.desks[desk].state else { return };
        let advocate = &self.desks[desk].advocate;
        let offer = Output::Offer {
            advocate: advocate.id,
            entry: entry.id,
            fit: entry.fit(&advocate.languages),
            queue: entry.queue.clone(),
            language: entry.language,
            waited: now.since(entry.since),
        };
        let until = now + self.settings.offer_for;
        self.enter(desk, State::Offered { entry: entry.id, idle_since, until });
        self.outputs.push_back(offer);
    }
}

/// The smaller, the better: fitness, then who has been idle longest; `None` if she is not free.
fn rank(entry: &Entry, desk: &Desk) -> Option<(Option<Fit>, Instant)> {
    let fit = (!entry.goes_to_anyone()).then(|| entry.fit(&desk.advocate.languages));
    Some((fit, desk.free_since()?))
}
