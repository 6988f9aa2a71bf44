//! What is under way between the peers beside the dialog itself: the offers of either side, one at
//! a time (RFC 3264 §4), and the session timer. It is the same in early and established dialogs.

use model::{Instant, SessionDescription};

use super::offering::Offering;
use super::session_timer::SessionTimer;
use crate::endpoint::Flow;
use crate::transaction::TransactionId;
use crate::wire::Headers;

/// Offers and answers of one leg.
#[derive(Default)]
pub(crate) struct Session {
    /// The peer's offer in an UPDATE or PRACK, which waits for the switchboard.
    pub(super) asked: Option<Asked>,
    /// Our own offer or refresh.
    pub(super) offering: Option<Offering>,
    /// Whether the peer takes UPDATE.
    pub(super) takes_update: bool,
    /// What we said last that counts.
    pub(super) own: Option<SessionDescription>,
    /// What the peer said last.
    pub(super) theirs: Option<SessionDescription>,
    /// How long the session lives without a refresh.
    pub(super) timer: Option<SessionTimer>,
}

/// A request with an offer, other than an INVITE.
pub(super) struct Asked {
    pub(super) transaction: TransactionId,
    pub(super) headers: Headers,
    /// Where it came from.
    pub(super) source: Flow,
    /// When it is refused: its sender gives the transaction up soon after.
    pub(super) until: Instant,
}

impl Session {
    pub(super) fn deadline(&self) -> Option<Instant> {
        let asked = self.asked.as_ref().map(|asked| asked.until);
        let offering = self.offering.as_ref().and_then(Offering::deadline);
        let timer = self.timer.as_ref().map(SessionTimer::deadline);
        [asked, offering, timer].into_iter().flatten().min()
    }

    /// Whether a request of ours with an offer is with the peer.
    pub(super) fn offers(&self) -> bool {
        self.offering.as_ref().is_some_and(Offering::is_open)
    }

    /// Notes what a message of the peer says of its abilities.
    pub(super) fn learn(&mut self, headers: &Headers) {
        if headers.get("Allow").is_some() {
            self.takes_update = headers.has_token("Allow", "UPDATE");
        }
    }
}
