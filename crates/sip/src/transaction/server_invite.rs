//! The INVITE server transaction (RFC 3261 §17.2.1 with RFC 6026 §7.1).
//!
//! The repetition of a 2xx until its ACK belongs to the dialog (§13.3.1.4), not to this machine.
//! *Proceeding* has no timer: its owner, the leg, has one.

use model::Instant;

use super::server::{Input, Output};
use super::timers::{Backoff, LIFETIME, T2, T4};

/// Where the transaction is; each state holds its own timers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerInvite {
    /// No final response yet.
    Proceeding,
    /// Refused, and not acknowledged: Timer G (over UDP) and Timer H.
    Completed { retransmit: Option<Backoff>, until: Instant },
    /// The refusal was acknowledged: Timer I absorbs further ACKs.
    Confirmed { until: Instant },
    /// Accepted: Timer L absorbs repetitions of the INVITE.
    Accepted { until: Instant },
    /// Over.
    Terminated,
}

impl ServerInvite {
    /// Applies one input at `now`. `reliable` transports have no Timer G and no Timer I.
    pub(crate) fn handle_input(
        &mut self,
        now: Instant,
        reliable: bool,
        input: Input,
    ) -> Option<Output> {
        match (*self, input) {
            (Self::Proceeding, Input::Respond(status)) => {
                self.respond(now, reliable, status);
                Some(Output::Send)
            }
            (Self::Accepted { .. }, Input::Respond(200..=299)) => Some(Output::Send),
            (Self::Proceeding | Self::Completed { .. }, Input::Request) => Some(Output::Repeat),
            (Self::Completed { .. }, Input::Ack) => {
                let rest = Self::Confirmed { until: now + T4 };
                *self = if reliable { Self::Terminated } else { rest };
                None
            }
            (Self::Completed { until, .. }, Input::Timeout) if until <= now => {
                *self = Self::Terminated;
                None
            }
            (Self::Completed { retransmit, until }, Input::Timeout) => {
                let retransmit = Some(retransmit?.due(now)?);
                *self = Self::Completed { retransmit, until };
                Some(Output::Repeat)
            }
            (Self::Confirmed { until } | Self::Accepted { until }, Input::Timeout)
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
            Self::Completed { retransmit, until } => {
                Some(retransmit.map_or(*until, |retransmit| retransmit.at().min(*until)))
            }
            Self::Confirmed { until } | Self::Accepted { until } => Some(*until),
            Self::Proceeding | Self::Terminated => None,
        }
    }

    fn respond(&mut self, now: Instant, reliable: bool, status: u16) {
        let until = now + LIFETIME;
        match status {
            ..=199 => {}
            200..=299 => *self = Self::Accepted { until },
            300.. => {
                let retransmit = (!reliable).then(|| Backoff::new(now, T2));
                *self = Self::Completed { retransmit, until };
            }
        }
    }
}
