//! A caller handed from one advocate to another, who is rung like for any other offer; or taken over
//! by one who is with her already.

use model::{AdvocateId, CallId, Instant};

use crate::desk::State;
use crate::entry::Entry;
use crate::{Output, Queue, QueueName, Standing};

impl Queue {
    /// Whether the advocate could be offered a colleague's caller now, whatever her queues.
    pub fn may_take(&self, advocate: AdvocateId) -> bool {
        let desk = self.desks.iter().find(|desk| desk.advocate.id == advocate);
        desk.is_some_and(|desk| desk.reachable && matches!(desk.state, State::Ready { .. }))
    }

    /// Whether anybody but this advocate is on shift for `queue`.
    pub fn is_staffed_beside(&self, queue: &QueueName, advocate: AdvocateId) -> bool {
        let others = self.desks.iter().filter(|desk| desk.advocate.id != advocate);
        others.into_iter().any(|desk| desk.on_shift() && desk.serves(queue))
    }

    /// Offers the caller of `from` to `to`.
    pub(crate) fn hand_over(&mut self, now: Instant, from: AdvocateId, to: AdvocateId) {
        let caller = self.desks.iter().find_map(|desk| match &desk.state {
            State::Talking { caller, .. } if desk.advocate.id == from => Some(caller.clone()),
            _ => None,
        });
        let Some(caller) = caller else { return };
        if self.may_take(to) && self.desk_offered(caller.id).is_none() {
            self.with(to, |queue, desk| queue.offer(now, desk, &caller));
        }
    }

    /// Gives the caller to an advocate who was not offered her; whoever is rung for her stops.
    pub(crate) fn take_over(&mut self, now: Instant, advocate: AdvocateId, entry: CallId) {
        let desk = self.desks.iter().position(|desk| desk.advocate.id == advocate);
        let Some(desk) = desk.filter(|&desk| self.desks[desk].talks_with().is_none()) else {
            return;
        };
        if self.caller(entry).is_none() {
            return;
        }
        self.withdraw_from_all(entry);
        self.withdraw(desk);
        let Some(caller) = self.release_caller(now, entry) else { return };
        let away_after = self.desks[desk].state.standing() == Standing::Away;
        self.enter(desk, State::Talking { caller, away_after });
        self.outputs.push_back(Output::Connected { advocate, entry });
    }

    /// Takes the offer of her caller back.
    pub(crate) fn keep(&mut self, desk: usize) {
        if let Some(caller) = self.desks[desk].talks_with() {
            self.withdraw_from_all(caller);
        }
    }

    /// The caller out of the line, or out of the hands of the advocate who hands her over.
    pub(crate) fn release_caller(&mut self, now: Instant, id: CallId) -> Option<Entry> {
        match self.desk_talking(id) {
            Some(desk) => self.take_caller(now, desk),
            None => self.line.remove(id),
        }
    }

    /// The caller, in the line or with an advocate.
    pub(crate) fn caller(&self, id: CallId) -> Option<&Entry> {
        let talking = self.desks.iter().find_map(|desk| match &desk.state {
            State::Talking { caller, .. } if caller.id == id => Some(caller),
            _ => None,
        });
        talking.or_else(|| self.line.find(id))
    }

    /// The same, to be changed; place and wait must not be.
    pub(crate) fn caller_mut(&mut self, id: CallId) -> Option<&mut Entry> {
        let talking = self.desks.iter_mut().find_map(|desk| match &mut desk.state {
            State::Talking { caller, .. } if caller.id == id => Some(caller),
            _ => None,
        });
        talking.or_else(|| self.line.find_mut(id))
    }

    /// The advocate who has the caller.
    pub(crate) fn desk_talking(&self, id: CallId) -> Option<usize> {
        self.desks.iter().position(|desk| desk.talks_with() == Some(id))
    }
}
