//! One advocate's state; the table is in the crate's documentation.

use model::{CallId, Instant};
use serde::{Deserialize, Serialize};

use crate::entry::Entry;
use crate::{Advocate, QueueName};

/// What an advocate is doing, as a board shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Standing {
    /// Takes no calls.
    Away,
    /// Waits for a call.
    Ready,
    /// Is being rung.
    Offered,
    /// Talks with a caller.
    Talking,
    /// Finishes what a call left to do.
    WrapUp,
}

/// An advocate's state with its timers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum State {
    Away,
    /// `paused` is set while the last ready advocate rests before she is rung again.
    Ready {
        idle_since: Instant,
        paused: Option<Instant>,
    },
    Offered {
        entry: CallId,
        idle_since: Instant,
        until: Instant,
    },
    /// Owns the caller: nobody else can have her.
    Talking {
        caller: Entry,
        away_after: bool,
    },
    WrapUp {
        until: Instant,
    },
}

impl State {
    /// Ready, and idle from `now` on.
    pub(crate) const fn ready(now: Instant) -> Self {
        Self::Ready { idle_since: now, paused: None }
    }

    /// The state without its timers.
    pub(crate) const fn standing(&self) -> Standing {
        match self {
            Self::Away => Standing::Away,
            Self::Ready { .. } => Standing::Ready,
            Self::Offered { .. } => Standing::Offered,
            Self::Talking { .. } => Standing::Talking,
            Self::WrapUp { .. } => Standing::WrapUp,
        }
    }

    /// When this state ends by itself.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Offered { until, .. } | Self::WrapUp { until } => Some(*until),
            Self::Ready { paused, .. } => *paused,
            Self::Away | Self::Talking { .. } => None,
        }
    }
}

/// An advocate with her state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Desk {
    pub(crate) advocate: Advocate,
    pub(crate) reachable: bool,
    /// Whether she could read a caller who writes.
    pub(crate) reads: bool,
    pub(crate) state: State,
}

impl Desk {
    /// An advocate who has not come yet.
    pub(crate) const fn new(advocate: Advocate) -> Self {
        Self { advocate, reachable: false, reads: false, state: State::Away }
    }

    /// Whether she takes calls from `queue`.
    pub(crate) fn serves(&self, queue: &QueueName) -> bool {
        self.advocate.queues.contains(queue)
    }

    /// Since when she could take a call; `None` if she cannot now.
    pub(crate) const fn free_since(&self) -> Option<Instant> {
        match self.state {
            State::Ready { idle_since, paused: None } if self.reachable => Some(idle_since),
            _ => None,
        }
    }

    /// Whether she is ready or being rung: one who would take the next caller.
    pub(crate) const fn stands_ready(&self) -> bool {
        self.reachable && matches!(self.state, State::Ready { .. } | State::Offered { .. })
    }

    /// Whether she could read a caller within moments: nobody knows when one who talks is free.
    pub(crate) const fn reads_soon(&self) -> bool {
        let is_soon = match self.state {
            State::Ready { .. } | State::Offered { .. } | State::WrapUp { .. } => self.reachable,
            State::Away | State::Talking { .. } => false,
        };
        self.reads && is_soon
    }

    /// Whether a caller may be told that somebody is there: a leg that talks needs no contact.
    pub(crate) const fn on_shift(&self) -> bool {
        match self.state {
            State::Away => false,
            State::Talking { .. } => true,
            State::Ready { .. } | State::Offered { .. } | State::WrapUp { .. } => self.reachable,
        }
    }

    /// Whom she is being offered.
    pub(crate) const fn offered(&self) -> Option<CallId> {
        match self.state {
            State::Offered { entry, .. } => Some(entry),
            _ => None,
        }
    }

    /// Whom she talks with.
    pub(crate) const fn talks_with(&self) -> Option<CallId> {
        match &self.state {
            State::Talking { caller, .. } => Some(caller.id),
            _ => None,
        }
    }

    /// Whether she talks with a caller of `queue`.
    pub(crate) fn talks_in(&self, queue: &QueueName) -> bool {
        matches!(&self.state, State::Talking { caller, .. } if caller.queue == *queue)
    }
}
