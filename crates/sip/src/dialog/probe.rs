//! A question whether the peer is alive: OPTIONS within the dialog (RFC 3261 §11), until any answer
//! comes or the time is over.
//!
//! # Assumptions
//! - Over UDP, a question that must be answered sooner than a transaction gives up is asked anew
//!   several times: too few repetitions of one fit, and a lost datagram must not end a call.

use std::time::Duration;

use model::Instant;

use crate::endpoint::Transport;

/// One question, unanswered so far.
pub(super) struct Probe {
    until: Instant,
    every: Duration,
    /// When it is asked anew; `None` when the transaction's own repetition serves.
    again: Option<Instant>,
}

impl Probe {
    /// A question asked at `now`, to be answered `within` that time.
    pub(super) fn new(now: Instant, within: Duration, transport: Transport) -> Self {
        let every = within / TIMES;
        let is_short = within < TIMER_F && !transport.is_reliable();
        let again = is_short.then(|| now + every);
        Self { until: now + within, every, again }
    }

    /// When it is asked anew or is over.
    pub(super) fn deadline(&self) -> Instant {
        self.again.map_or(self.until, |again| again.min(self.until))
    }

    /// Whether nobody will answer any more.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until <= now
    }

    /// Whether it is to be asked anew at `now`.
    pub(super) fn asks_again(&mut self, now: Instant) -> bool {
        let due = self.again.is_some_and(|again| again <= now);
        if due {
            self.again = Some(now + self.every);
        }
        due
    }
}

const TIMES: u32 = 5;
/// RFC 3261 §17.1.2.2: 64·T1.
const TIMER_F: Duration = Duration::from_secs(32);
