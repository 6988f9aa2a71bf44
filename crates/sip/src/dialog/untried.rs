//! The other addresses of the server we dial, and when the next one is tried (RFC 3263 §4.3).
//!
//! # Assumptions
//! - A server that says nothing at all for a while is not waited for until Timer B: somebody waits
//!   for this call. Its INVITE stays out, and what it still brings is declined.

use std::collections::VecDeque;
use std::time::Duration;

use model::Instant;

use super::calling::Calling;
use super::leg::{Errand, Leg, Phase, Purpose, renumbered};
use crate::endpoint::{Core, Flow, Task};
use crate::transaction::TransactionId;
use crate::wire::{Request, Response};

/// An INVITE with the ways it has not gone yet.
pub(crate) struct Untried {
    request: Request,
    flows: VecDeque<Flow>,
    /// When the next way is taken, if nothing came back until then.
    pub(super) until: Instant,
}

impl Untried {
    /// What is left to try of `request`, if anything is.
    pub(crate) fn new(now: Instant, flows: Vec<Flow>, request: &Request) -> Option<Self> {
        let (flows, until) = (VecDeque::from(flows), now + FIRST_SIGN);
        (!flows.is_empty()).then(|| Self { request: request.clone(), flows, until })
    }
}

impl Leg {
    /// No response came, or a 503: the next address gets the INVITE. Says whether there is one.
    pub(super) fn try_next_address(&mut self, now: Instant, core: &mut Core) -> bool {
        let Phase::Calling(calling) = &mut self.phase else { return false };
        core.did_not_answer(now, self.dialog.flow);
        let Some(mut untried) = calling.untried.take() else { return false };
        let Some(flow) = untried.flows.pop_front() else { return false };
        self.dialog.flow = flow;
        self.dialog.local_cseq += 1;
        untried.request = renumbered(&untried.request, self.dialog.local_cseq);
        let purpose = Purpose { leg: self.id, errand: Errand::Invite, attempt: 0 };
        let transaction = core.ask(now, &self.dialog, untried.request.clone(), purpose);
        untried.until = now + FIRST_SIGN;
        let untried = Some(untried).filter(|untried| !untried.flows.is_empty());
        *calling = Calling::new(now, transaction).with(untried);
        true
    }

    /// The address has said nothing for too long: the next one is tried beside it.
    pub(super) fn untried_timeout(&mut self, now: Instant, core: &mut Core) {
        let Phase::Calling(calling) = &self.phase else { return };
        let silent = calling.transaction;
        if calling.tries_next_at().is_some_and(|at| at <= now) && self.try_next_address(now, core) {
            let errand = Errand::Forsaken(silent);
            core.clients.give_to(silent, Task::Leg(Purpose { leg: self.id, errand, attempt: 0 }));
        }
    }

    /// An address that was given up has something to say after all.
    pub(super) fn forsaken_answered(
        &mut self,
        now: Instant,
        core: &mut Core,
        invite: TransactionId,
        response: &Response,
    ) {
        match response.status {
            ..=199 => {
                let purpose = Purpose { leg: self.id, errand: Errand::Formality, attempt: 0 };
                core.cancel(now, invite, purpose);
            }
            200..=299 if !self.repeat_ack(core, response) => self.decline_fork(now, core, response),
            _ => {}
        }
    }
}

/// How long an address may say nothing at all: by UDP it has had the INVITE four times by then.
const FIRST_SIGN: Duration = Duration::from_secs(4);
