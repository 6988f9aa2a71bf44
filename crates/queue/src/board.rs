//! What a board, an announcement and the sentinel may ask: counts and waits, never who (O9).

use std::time::Duration;

use model::{AdvocateId, CallId, Instant};
use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::{Medium, Queue, QueueName, Standing};

/// One queue's row of the live board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Board {
    /// The queue.
    pub queue: QueueName,
    /// Callers in line, those being offered included.
    pub waiting: usize,
    /// Those of them who have nothing but text.
    pub by_text: usize,
    /// How long the longest of them has waited.
    pub longest_wait: Option<Duration>,
    /// Callers of this queue who talk with an advocate.
    pub talking: usize,
    /// Reachable advocates of this queue who are ready or being rung.
    pub ready: usize,
    /// Reachable advocates of this queue who are not away.
    pub on_shift: usize,
    /// Those of them who could read a caller who writes.
    pub readers: usize,
}

/// A state that outlived its deadline; an [`crate::Input::Timeout`] heals it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overdue {
    /// The advocate's offer, pause or wrap-up.
    Advocate(AdvocateId, Standing),
    /// The alarm about a caller's wait, or her keeping for a reader.
    Entry(CallId),
}

impl Queue {
    /// The caller's place from 1, among all who wait before her and could take an advocate of her
    /// queue: those of the same queue, and those of queues that share an advocate on shift.
    /// `None` if she does not wait.
    pub fn position(&self, entry: CallId) -> Option<usize> {
        let own = self.line.find(entry)?;
        let before = self.line.iter().take_while(|other| other.id != entry);
        Some(1 + before.filter(|other| self.compete(other, own)).count())
    }

    /// How long the caller has waited; `None` if she does not wait.
    pub fn waited(&self, now: Instant, entry: CallId) -> Option<Duration> {
        self.line.find(entry).map(|entry| now.since(entry.since))
    }

    /// The longest wait of all queues.
    pub fn longest_wait(&self, now: Instant) -> Option<Duration> {
        self.line.iter().map(|entry| now.since(entry.since)).max()
    }

    /// What the advocate is doing; `None` for an unknown one.
    pub fn standing(&self, advocate: AdvocateId) -> Option<Standing> {
        let desk = self.desks.iter().find(|desk| desk.advocate.id == advocate)?;
        Some(desk.state.standing())
    }

    /// What every advocate is doing.
    pub fn standings(&self) -> impl Iterator<Item = (AdvocateId, Standing)> {
        self.desks.iter().map(|desk| (desk.advocate.id, desk.state.standing()))
    }

    /// Whether the advocate could read a caller who writes; `false` for an unknown one.
    pub fn reads(&self, advocate: AdvocateId) -> bool {
        self.desks.iter().any(|desk| desk.advocate.id == advocate && desk.reads)
    }

    /// Every caller in line, those being offered included.
    pub fn waiting(&self) -> impl Iterator<Item = CallId> {
        self.line.iter().map(|entry| entry.id)
    }

    /// One row for each queue, in the order of the settings.
    pub fn board(&self, now: Instant) -> Vec<Board> {
        self.staffing.iter().map(|staffing| self.row(now, &staffing.queue)).collect()
    }

    /// All states whose deadline lies more than `grace` behind `now`.
    pub fn overdue(&self, now: Instant, grace: Duration) -> Vec<Overdue> {
        let late = |at: Option<Instant>| at.is_some_and(|at| now.since(at) > grace);
        let desks = self.desks.iter().filter(|desk| late(desk.state.deadline()));
        let entries =
            self.line.iter().filter(|entry| late(entry.alarm_at) || late(entry.kept_until()));
        desks
            .map(|desk| Overdue::Advocate(desk.advocate.id, desk.state.standing()))
            .chain(entries.map(|entry| Overdue::Entry(entry.id)))
            .collect()
    }

    fn row(&self, now: Instant, queue: &QueueName) -> Board {
        let line = || self.line.iter().filter(|entry| entry.queue == *queue);
        let staff = || self.desks.iter().filter(|desk| desk.serves(queue));
        Board {
            queue: queue.clone(),
            waiting: line().count(),
            by_text: line().filter(|entry| entry.medium == Medium::Text).count(),
            longest_wait: line().map(|entry| now.since(entry.since)).max(),
            talking: self.desks.iter().filter(|desk| desk.talks_in(queue)).count(),
            ready: staff().filter(|desk| desk.stands_ready()).count(),
            on_shift: staff().filter(|desk| desk.on_shift()).count(),
            readers: staff().filter(|desk| desk.on_shift() && desk.reads).count(),
        }
    }

    fn compete(&self, one: &Entry, other: &Entry) -> bool {
        one.queue == other.queue
            || self
                .desks
                .iter()
                .any(|desk| desk.on_shift() && desk.serves(&one.queue) && desk.serves(&other.queue))
    }
}
