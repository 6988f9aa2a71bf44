//! One early dialog of our INVITE (RFC 3261 §12.1.2), with its reliable provisional responses
//! (RFC 3262 §4).

use model::SessionDescription;

use super::identity::Dialog;
use crate::wire::{RAck, Response};

/// An early dialog.
pub(super) struct Fork {
    pub(super) dialog: Dialog,
    /// The RSeq of the last response that was taken.
    rseq: Option<u32>,
    /// The first description it brought.
    pub(super) answer: Option<SessionDescription>,
    /// Whether that came reliably, so that it is the answer.
    settled: bool,
    pub(super) takes_update: bool,
}

/// What a provisional response is in the order of its dialog.
pub(super) enum Order {
    /// It is not to be acknowledged.
    Unreliable,
    /// The next one: to be acknowledged with this.
    Next(RAck),
    /// A repetition, or one whose predecessor is missing: the peer sends that again first.
    Other,
}

impl Fork {
    pub(super) fn new(dialog: &Dialog, response: &Response) -> Self {
        let mut dialog = dialog.clone();
        dialog.confirm(response);
        Self { dialog, rseq: None, answer: None, settled: false, takes_update: false }
    }

    pub(super) fn tag(&self) -> Option<&str> {
        self.dialog.remote.tag()
    }

    pub(super) const fn is_settled(&self) -> bool {
        self.settled
    }

    /// Puts a response into its order (RFC 3262 §4).
    pub(super) fn order(&mut self, response: &Response) -> Order {
        let headers = &response.headers;
        let (true, Ok(Some(rseq)), Ok(cseq)) =
            (headers.has_token("Require", "100rel"), headers.rseq(), headers.cseq())
        else {
            return Order::Unreliable;
        };
        if self.rseq.is_some_and(|last| last.checked_add(1) != Some(rseq)) {
            return Order::Other;
        }
        self.rseq = Some(rseq);
        Order::Next(RAck { rseq, cseq })
    }

    /// Takes over what a response says.
    pub(super) fn hear(&mut self, response: &Response, description: Option<SessionDescription>) {
        let headers = &response.headers;
        self.dialog.retarget(headers);
        if headers.get("Allow").is_some() {
            self.takes_update = headers.has_token("Allow", "UPDATE");
        }
        let reliable = headers.has_token("Require", "100rel");
        self.settled |= reliable && description.is_some();
        self.answer = self.answer.take().or(description);
    }
}
