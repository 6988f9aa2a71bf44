//! RFC 3261's timer values, and the doubling of a retransmission.

use std::time::Duration;

use model::Instant;

/// The estimated round trip (RFC 3261 §17.1.1.1).
pub(crate) const T1: Duration = Duration::from_millis(500);
/// The longest pause between retransmissions of anything but an INVITE.
pub(crate) const T2: Duration = Duration::from_secs(4);
/// How long a message may stay in the network.
pub(crate) const T4: Duration = Duration::from_secs(5);
/// 64 · T1: Timers B, F, H, J, L and M, and at least Timer D.
pub(crate) const LIFETIME: Duration = Duration::from_secs(32);
/// Timer C: how long a peer may ring without a further word (§16.6).
pub(crate) const TIMER_C: Duration = Duration::from_secs(180);

/// A retransmission whose pause doubles up to a ceiling (Timers A, E, G, and the 2xx of §13.3.1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Backoff {
    at: Instant,
    pause: Duration,
    ceiling: Duration,
}

impl Backoff {
    /// First due T1 after `now`; the pause never exceeds `ceiling`.
    pub(crate) fn new(now: Instant, ceiling: Duration) -> Self {
        Self { at: now + T1, pause: T1, ceiling }
    }

    /// When it is next due.
    pub(crate) const fn at(&self) -> Instant {
        self.at
    }

    /// The one after this, if it is due. A late call yields one retransmission, not a burst.
    pub(crate) fn due(self, now: Instant) -> Option<Self> {
        let pause = (self.pause * 2).min(self.ceiling);
        (self.at <= now).then_some(Self { at: now + pause, pause, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_doubles_up_to_its_ceiling() {
        let mut backoff = Backoff::new(Instant::ZERO, T2);
        let mut fired = Vec::new();
        for millis in 0..16_000_u64 {
            let now = Instant::from_nanos(millis * 1_000_000);
            if let Some(next) = backoff.due(now) {
                fired.push(millis);
                backoff = next;
            }
        }
        assert_eq!(fired, [500, 1500, 3500, 7500, 11_500, 15_500]);
    }
}
