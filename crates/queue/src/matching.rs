//! Who is offered whom.
//!
//! # A caller who only writes
//!
//! She is offered to a free advocate who can read, whatever her language, for to the others she is
//! silence. Where none is free, and one could be within moments (she is rung, rests or has
//! wrap-up), the caller is kept for her, and whoever is behind her goes first; once for as long as
//! [`Settings::kept_for_reader`](crate::Settings::kept_for_reader), counted from when another one
//! could have taken her. Then, and where no reader could be soon, anybody is offered her, and a
//! reader instead of that one as soon as one is free while it rings.

use model::{CallId, Instant};

use crate::desk::{Desk, State};
use crate::entry::{Entry, Keeping};
use crate::{Fit, Medium, Output, Queue};

impl Queue {
    /// Offers each waiting caller, from the first on, to the best advocate still free.
    pub(crate) fn match_callers(&mut self, now: Instant) {
        // Who is rung no more may be the best for somebody before.
        while self.match_once(now) {}
    }

    /// The same, in one pass; says whether somebody who was rung is free again.
    fn match_once(&mut self, now: Instant) -> bool {
        let mut free = self.desks.iter().filter(|desk| desk.free_since().is_some()).count();
        let waiting: Vec<CallId> = self.line.iter().map(|entry| entry.id).collect();
        for id in waiting {
            if free == 0 {
                return false;
            }
            match self.desk_offered(id) {
                Some(desk) if self.is_better_read_elsewhere(id, desk) => {
                    self.withdraw(desk);
                    self.offer_to_best(now, id);
                    return true;
                }
                None if self.offer_to_best(now, id) => free -= 1,
                _ => {}
            }
        }
        false
    }

    /// Whether the caller writes and is rung at somebody who cannot read, while one is free who can.
    fn is_better_read_elsewhere(&self, id: CallId, desk: usize) -> bool {
        let Some(entry) = self.line.find(id).filter(|entry| entry.medium == Medium::Text) else {
            return false;
        };
        let is_free = |desk: &Desk| desk.free_since().is_some() && desk.serves(&entry.queue);
        !self.desks[desk].reads && self.desks.iter().any(|other| other.reads && is_free(other))
    }

    /// Whether the advocate at `desk` is the only one left to ring in any of her queues (A5).
    pub(crate) fn is_last_ready(&self, desk: usize) -> bool {
        let others = || self.desks.iter().enumerate().filter(|(other, _)| *other != desk);
        let alone = |queue| !others().any(|(_, other)| other.stands_ready() && other.serves(queue));
        self.desks[desk].advocate.queues.iter().any(alone)
    }

    /// Offers the caller to the best free advocate, and says whether there was one for her.
    fn offer_to_best(&mut self, now: Instant, id: CallId) -> bool {
        let Some(entry) = self.line.find(id).cloned() else { return false };
        let free = self.desks.iter().enumerate().filter(|(_, desk)| desk.serves(&entry.queue));
        let ranked = free.filter_map(|(at, desk)| Some((rank(&entry, desk)?, at)));
        let Some((_, at)) = ranked.min() else { return false };
        if self.keeps_for_reader(now, &entry, at) {
            return false;
        }
        self.offer(now, at, &entry);
        true
    }

    /// Whether the caller writes and is kept for somebody who can read, though the advocate at `desk`
    /// is free.
    fn keeps_for_reader(&mut self, now: Instant, entry: &Entry, desk: usize) -> bool {
        if entry.medium == Medium::Voice || self.desks[desk].reads {
            return false;
        }
        if !self.desks.iter().any(|desk| desk.reads_soon() && desk.serves(&entry.queue)) {
            return false;
        }
        if entry.keeping == Keeping::Whole {
            let until = now + self.settings.kept_for_reader;
            if let Some(caller) = self.line.find_mut(entry.id) {
                caller.keeping = Keeping::Until(until);
            }
        }
        entry.keeping != Keeping::Over
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

/// The smaller, the better: whether she reads whom she could not hear, then fitness, then who has been
/// idle longest; `None` if she is not free.
fn rank(entry: &Entry, desk: &Desk) -> Option<(bool, Option<Fit>, Instant)> {
    let is_silence = entry.medium == Medium::Text && !desk.reads;
    let fit = (!entry.goes_to_anyone()).then(|| entry.fit(&desk.advocate.languages));
    Some((is_silence, fit, desk.free_since()?))
}
