//! The INVITE client transaction (RFC 3261 §17.1.1 with RFC 6026 §7.2).
//!
//! # Assumptions
//! *Proceeding* is bounded: the leg cancels at Timer C (§16.6), and a transaction whose owner is gone
//! must not live for ever. Every provisional response starts the bound anew.

use model::Instant;

use super::client::{Input, Output};
use super::timers::{Backoff, LIFETIME, TIMER_C};

/// Where the transaction is; each state holds its own timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientInvite {
    /// Sent and unanswered: Timer A (over UDP) and Timer B.
    Calling { retransmit: Option<Backoff>, until: Instant },
    /// A provisional response came; the bound is beyond Timer C.
    Proceeding { until: Instant },
    /// A failure came and was acknowledged: Timer D.
    Completed { until: Instant },
    /// A 2xx came; its repetitions belong to the dialog: Timer M.
    Accepted { until: Instant },
    /// Over.
    Terminated,
}

impl ClientInvite {
    pub(crate) fn new(now: Instant, reliable: bool) -> Self {
        // Timer A doubles without a ceiling; Timer B ends it.
        let retransmit = (!reliable).then(|| Backoff::new(now, LIFETIME));
        Self::Calling { retransmit, until: now + LIFETIME }
    }

    /// Applies one input at `now`. `reliable` transports have no Timer D to wait for.
    pub(crate) fn handle_input(
        &mut self,
        now: Instant,
        reliable: bool,
        input: Input,
    ) -> Option<Output> {
        match (*self, input) {
            (Self::Calling { .. } | Self::Proceeding { .. }, Input::Response(status)) => {
                Some(self.answered(now, reliable, status))
            }
            (Self::Completed { .. }, Input::Response(300..)) => Some(Output::Acknowledge),
            (Self::Accepted { .. }, Input::Response(200..=299)) => Some(Output::Deliver),
            (Self::Calling { retransmit, until }, Input::Timeout) => {
                self.call_again(now, retransmit, until)
            }
            (Self::Proceeding { until }, Input::Timeout) if until <= now => {
                *self = Self::Terminated;
                Some(Output::TimedOut)
            }
            (Self::Completed { until } | Self::Accepted { until }, Input::Timeout)
                if until <= now =>
            {
                *self = Self::Terminated;
                None
            }
            _ => None,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Calling { retransmit, until } => {
                Some(retransmit.map_or(*until, |retransmit| retransmit.at().min(*until)))
            }
            Self::Proceeding { until } | Self::Completed { until } | Self::Accepted { until } => {
                Some(*until)
            }
            Self::Terminated => None,
        }
    }

    fn answered(&mut self, now: Instant, reliable: bool, status: u16) -> Output {
        match status {
            ..=199 => {
                *self = Self::Proceeding { until: now + TIMER_C + LIFETIME };
                Output::Deliver
            }
            200..=299 => {
                *self = Self::Accepted { until: now + LIFETIME };
                Output::Deliver
            }
            300.. => {
                // Timer D is zero where the transport does not lose the ACK.
                let rest = Self::Completed { until: now + LIFETIME };
                *self = if reliable { Self::Terminated } else { rest };
                Output::DeliverAndAcknowledge
            }
        }
    }

    fn call_again(
        &mut self,
        now: Instant,
        retransmit: Option<Backoff>,
        until: Instant,
    ) -> Option<Output> {
        if until <= now {
            *self = Self::Terminated;
            return Some(Output::TimedOut);
        }
        let next = retransmit?.due(now)?;
        *self = Self::Calling { retransmit: Some(next), until };
        Some(Output::Retransmit)
    }
}
