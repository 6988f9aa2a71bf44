//! The server transaction of every method but INVITE and ACK (RFC 3261 §17.2.2), and the
//! vocabulary both server machines share.
//!
//! # Assumptions
//! The transaction user answers within the input that brought the request, so *Trying* and
//! *Proceeding* have no timer.

use model::Instant;

use super::timers::LIFETIME;

/// What a server transaction is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Input {
    /// The request came again.
    Request,
    /// The ACK for a refusal came.
    Ack,
    /// The transaction user responds with this status.
    Respond(u16),
    /// Its deadline passed.
    Timeout,
}

/// What a server transaction wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// Send the transaction user's response.
    Send,
    /// Send the last response again, if there is one.
    Repeat,
}

/// Where the transaction is; each state holds its own timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// No final response yet.
    Proceeding,
    /// Answered: Timer J absorbs repetitions of the request.
    Completed { until: Instant },
    /// Over.
    Terminated,
}

impl Server {
    /// Applies one input at `now`. `reliable` transports have no Timer J to wait for.
    pub(crate) fn handle_input(
        &mut self,
        now: Instant,
        reliable: bool,
        input: Input,
    ) -> Option<Output> {
        match (*self, input) {
            (Self::Proceeding, Input::Respond(status)) => {
                if status >= 200 {
                    let rest = Self::Completed { until: now + LIFETIME };
                    *self = if reliable { Self::Terminated } else { rest };
                }
                Some(Output::Send)
            }
            (Self::Proceeding | Self::Completed { .. }, Input::Request) => Some(Output::Repeat),
            (Self::Completed { until }, Input::Timeout) if until <= now => {
                *self = Self::Terminated;
                None
            }
            _ => None,
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Completed { until } => Some(*until),
            Self::Proceeding | Self::Terminated => None,
        }
    }
}
