//! The offer/answer state of one leg (RFC 3264).

use model::SessionDescription;

use crate::{Agreed, AnswerError, Local};

/// The offer/answer state of one leg.
pub struct Session {
    local: Local,
}

impl Session {
    /// A leg before its first exchange.
    pub const fn new(local: Local) -> Self {
        Self { local }
    }

    /// Our side.
    pub const fn local(&self) -> &Local {
        &self.local
    }

    /// What the last completed exchange settled.
    pub const fn agreed(&self) -> Option<&Agreed> {
        None
    }

    /// Our offer, open until its answer is accepted or [`Session::abandon_offer`].
    ///
    /// # Errors
    /// `OutOfOrder` while an offer of ours is open.
    pub fn make_offer(&mut self) -> Result<SessionDescription, AnswerError> {
        unimplemented!()
    }

    /// Our last committed description, byte for byte: what a refresh sends.
    pub fn refresh(&self) -> Option<SessionDescription> {
        unimplemented!()
    }

    /// The peer refused our offer, or never answered: what was settled before stays.
    pub fn abandon_offer(&mut self) {}

    /// Answers the peer's offer.
    ///
    /// # Errors
    /// Why there is no answer; the old session stays.
    pub fn accept_offer(
        &mut self,
        _offer: &SessionDescription,
    ) -> Result<(SessionDescription, Agreed), AnswerError> {
        unimplemented!()
    }

    /// Completes our offer with the peer's answer. A further answer to the same offer (a fork, or
    /// the 200 after an early answer) replaces the earlier one.
    ///
    /// # Errors
    /// Why the answer cannot be served; the offer is then closed and the old session stays.
    pub fn accept_answer(&mut self, _answer: &SessionDescription) -> Result<Agreed, AnswerError> {
        unimplemented!()
    }
}
