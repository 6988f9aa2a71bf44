//! The client transaction of every method but INVITE and ACK (RFC 3261 §17.1.2), and the
//! vocabulary both client machines share.

use model::Instant;

use super::timers::{Backoff, LIFETIME, T2, T4};

/// What a client transaction is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// A response with this status matched it.
    Response(u16),
    /// Its deadline passed.
    Timeout,
}

/// What a client transaction wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Send the request again.
    Retransmit,
    /// Hand the response to the transaction user.
    Deliver,
    /// Hand the response to the transaction user, and send the ACK for it.
    DeliverAndAcknowledge,
    /// Send the ACK again, and nothing else.
    Acknowledge,
    /// Tell the transaction user that no final response came.
    TimedOut,
}

/// Where the transaction is; each state holds its own timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// Sent and without a final response: Timer E (over UDP) and Timer F.
    Waiting { retransmit: Option<Backoff>, until: Instant },
    /// A final response came; Timer K absorbs its repetitions.
    Completed { until: Instant },
    /// Over.
    Terminated,
}

impl Client {
    pub(crate) fn new(now: Instant, reliable: bool) -> Self {
        let retransmit = (!reliable).then(|| Backoff::new(now, T2));
        Self::Waiting { retransmit, until: now + LIFETIME }
    }

    /// Applies one input at `now`. `reliable` transports have no Timer K to wait for.
    pub(crate) fn handle_input(
        &mut self,
        now: Instant,
        reliable: bool,
        input: Input,
    ) -> Option<Output> {
        match (*self, input) {
            (Self::Waiting { .. }, Input::Response(..=199)) => Some(Output::Deliver),
            (Self::Waiting { .. }, Input::Response(_)) => {
                let rest = Self::Completed { until: now + T4 };
                *self = if reliable { Self::Terminated } else { rest };
                Some(Output::Deliver)
            }
            (Self::Waiting { until, .. }, Input::Timeout) if until <= now => {
                *self = Self::Terminated;
                Some(Output::TimedOut)
            }
            (Self::Waiting { retransmit, until }, Input::Timeout) => {
                let retransmit = Some(retransmit?.due(now)?);
                *self = Self::Waiting { retransmit, until };
                Some(Output::Retransmit)
            }
            (Self::Completed { until }, Input::Timeout) if until <= now => {
                *self = Self::Terminated;
                None
            }
            _ => None,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Waiting { retransmit, until } => {
                Some(retransmit.map_or(*until, |retransmit| retransmit.at().min(*until)))
            }
            Self::Completed { until } => Some(*until),
            Self::Terminated => None,
        }
    }
}
