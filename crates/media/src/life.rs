//! Whether anything is heard of a leg's peer.

use std::time::Duration;

use model::Instant;

/// The life signs of one leg.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Life {
    after: Duration,
    last: Instant,
    /// When silence is next reported; `None` on hold and before the first exchange.
    report_at: Option<Instant>,
    is_heard: bool,
}

impl Life {
    /// An exchange has settled. A peer on hold owes no packets; one that comes back has the whole
    /// time again.
    pub(crate) fn settle(&mut self, now: Instant, after: Duration, is_held: bool) {
        self.after = after;
        if is_held {
            self.report_at = None;
        } else if self.report_at.is_none() {
            self.last = now;
            self.report_at = Some(now + after);
        }
    }

    /// An RTP packet came; returns whether it is the first, or the first after a report.
    pub(crate) fn rtp(&mut self, now: Instant) -> bool {
        self.sign(now);
        !std::mem::replace(&mut self.is_heard, true)
    }

    /// Any packet of the peer's came.
    pub(crate) fn sign(&mut self, now: Instant) {
        self.last = now;
        if self.report_at.is_some() {
            self.report_at = Some(now + self.after);
        }
    }

    /// For how long nothing came, whenever that is due to be said.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<Duration> {
        self.report_at.filter(|&at| at <= now)?;
        self.report_at = Some(now + self.after);
        self.is_heard = false;
        Some(now.since(self.last))
    }

    /// When silence is next reported.
    pub(crate) const fn deadline(&self) -> Option<Instant> {
        self.report_at
    }
}
