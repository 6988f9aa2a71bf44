//! What the configuration says about queues and advocates.

use std::time::Duration;

use model::{AdvocateId, Language};
use serde::{Deserialize, Serialize};

use crate::QueueName;

/// Everything a [`crate::Queue`] is told once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// All queues, in the order of the board.
    pub queues: Vec<QueueName>,
    /// All advocates.
    pub advocates: Vec<Advocate>,
    /// How long an advocate is rung before the next one is (A5: 20 s).
    pub offer_for: Duration,
    /// The pause before the last ready advocate is rung again.
    pub ring_again_after: Duration,
    /// The time after a call in which an advocate is offered nothing.
    pub wrap_up: Duration,
    /// The wait after which staff are alarmed (O7), once for each caller.
    pub long_wait: Duration,
    /// How long a caller who writes is kept for an advocate who can read, at most, when another one
    /// could take her.
    pub kept_for_reader: Duration,
}

/// One advocate of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advocate {
    /// Who.
    pub id: AdvocateId,
    /// What she speaks with callers.
    pub languages: Vec<Language>,
    /// The queues she takes calls from.
    pub queues: Vec<QueueName>,
}

impl Settings {
    /// Offers of 20 s, a pause of 3 s, 2 min of wrap-up, an alarm after 2 min of waiting, and half a
    /// minute for a reader.
    pub const fn new(queues: Vec<QueueName>, advocates: Vec<Advocate>) -> Self {
        Self {
            queues,
            advocates,
            offer_for: Duration::from_secs(20),
            ring_again_after: Duration::from_secs(3),
            wrap_up: Duration::from_secs(120),
            long_wait: Duration::from_secs(120),
            kept_for_reader: Duration::from_secs(30),
        }
    }
}
