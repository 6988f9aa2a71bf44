//! Our provisional responses, reliable ones included (RFC 3262 §3), and the PRACKs for them.
//!
//! # Assumptions
//! - A response without a description goes reliably only to a peer that insists on it.
//! - One reliable response is open at a time, not only at the beginning (§3 allows more).

use std::collections::VecDeque;

use bytes::Bytes;
use model::{EndReason, Instant, LegEvent, SessionDescription};

use super::invited::Invited;
use super::leg::{Leg, Phase};
use crate::endpoint::{Core, Received, describe, description, push_capabilities, reply_within};
use crate::transaction::{Backoff, LIFETIME, TransactionId};
use crate::wire::{Headers, Method, RAck};

/// What the provisional responses to one INVITE have come to.
pub(super) struct Provisionals {
    reliability: Reliability,
    /// The RSeq of the next reliable response, once there was one.
    next: Option<u32>,
    open: Option<Reliable>,
    /// What waits for the PRACK of the one that is open.
    waiting: VecDeque<(u16, Option<SessionDescription>)>,
    /// How far offer and answer came before the final response.
    pub(super) described: Described,
    /// The answer that waits for a PRACK (§5).
    pub(super) held: Option<SessionDescription>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reliability {
    Unknown,
    Supported,
    Required,
}

/// How far offer and answer came before the final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Described {
    /// Nothing was described.
    No,
    /// Our description was sent, and nobody knows whether it arrived.
    Sent,
    /// The exchange is complete: the final response needs no description (RFC 6337 §3.1.1).
    Settled,
}

/// A provisional response that is repeated until its PRACK.
struct Reliable {
    rseq: u32,
    response: Bytes,
    described: bool,
    repeat: Backoff,
    until: Instant,
}

impl Provisionals {
    pub(super) fn new(invite: &Headers) -> Self {
        let reliability = if invite.has_token("Require", "100rel") {
            Reliability::Required
        } else if invite.has_token("Supported", "100rel") {
            Reliability::Supported
        } else {
            Reliability::Unknown
        };
        Self {
            reliability,
            next: None,
            open: None,
            waiting: VecDeque::new(),
            described: Described::No,
            held: None,
        }
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.open.as_ref().map(|open| open.repeat.at().min(open.until))
    }

    /// Whether a 2xx has to wait: a description is not yet acknowledged (§5).
    pub(super) fn holds_answer(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.described)
    }

    fn is_reliable(&self, described: bool) -> bool {
        match self.reliability {
            Reliability::Unknown => false,
            Reliability::Supported => described,
            Reliability::Required => true,
        }
    }

    /// §3: the first number is chosen at random below 2³¹.
    fn number(&mut self, core: &mut Core) -> u32 {
        let first = || u32::try_from(1 + core.chance.below((1 << 31) - 1)).unwrap_or(1);
        let rseq = self.next.unwrap_or_else(first);
        self.next = Some(rseq + 1);
        rseq
    }

    /// Takes the response that `rack` acknowledges.
    fn acknowledge(&mut self, rack: &RAck, cseq: u32) -> Option<Reliable> {
        let names = |open: &mut Reliable| {
            open.rseq == rack.rseq && rack.cseq.number == cseq && rack.cseq.method == Method::Invite
        };
        self.open.take_if(names)
    }
}

impl Leg {
    /// Sends a provisional response, or keeps it until the one before is acknowledged.
    pub(super) fn provide(
        &mut self,
        now: Instant,
        core: &mut Core,
        status: u16,
        description: Option<SessionDescription>,
    ) {
        let Phase::Offered(invited) = &mut self.phase else { return };
        // Repeating a description would be a second offer or answer.
        let news = description.filter(|_| invited.provisionals.described == Described::No);
        let reliable = invited.provisionals.is_reliable(news.is_some());
        if reliable && invited.provisionals.open.is_some() {
            if invited.provisionals.waiting.len() < MOST_WAITING {
                invited.provisionals.waiting.push_back((status, news));
            }
            return;
        }
        // An offer of ours goes reliably or not at all (RFC 3261 §13.2.1).
        let news = news.filter(|_| reliable || !invited.is_delayed());
        let mut response = invited.reply(&self.dialog, status);
        response.headers.push("Contact", core.contact(self.dialog.flow));
        push_capabilities(&mut response.headers);
        let rseq = reliable.then(|| invited.provisionals.number(core));
        if let Some(rseq) = rseq {
            response.headers.push("Require", "100rel");
            response.headers.push("RSeq", rseq.to_string());
        }
        if let Some(news) = &news {
            response.body = describe(&mut response.headers, news);
            invited.provisionals.described = Described::Sent;
            self.session.own = Some(news.clone());
        }
        invited.note_provisional(now, status);
        let response = core.respond_with(now, invited.transaction(), &response);
        invited.provisionals.open = rseq.map(|rseq| Reliable {
            rseq,
            response,
            described: news.is_some(),
            repeat: Backoff::new(now, LIFETIME),
            until: now + LIFETIME,
        });
    }

    /// A PRACK (§3, §5).
    pub(super) fn serve_prack(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
    ) {
        let headers = &received.request.headers;
        let Ok(Some(rack)) = headers.rack() else {
            return core.respond(now, id, &reply_within(headers, 400));
        };
        let acknowledged = match &mut self.phase {
            Phase::Offered(invited) => {
                let cseq = invited.cseq();
                invited.provisionals.acknowledge(&rack, cseq).map(|open| open.described)
            }
            // It crossed our 2xx, which ended the repetitions.
            Phase::Talking(talking) if talking.has_accepted(&rack.cseq) => Some(false),
            _ => None,
        };
        let Some(described) = acknowledged else {
            return core.respond(now, id, &reply_within(headers, 481));
        };
        let brought = description(headers, &received.request.body, received.flow);
        let handed_on = self.settle_early(now, core, id, received, described, brought);
        if !handed_on {
            core.respond(now, id, &reply_within(headers, 200));
        }
        self.go_on_offered(now, core);
    }

    /// What a PRACK brings: the answer to our early offer, or a further offer (§5); says whether
    /// the switchboard is to answer it.
    fn settle_early(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
        described: bool,
        brought: Option<SessionDescription>,
    ) -> bool {
        let Phase::Offered(invited) = &mut self.phase else { return false };
        let answers = described && invited.is_delayed();
        if described && (!answers || brought.is_some()) {
            invited.provisionals.described = Described::Settled;
        }
        let settled = invited.is_settled();
        match brought {
            Some(answer) if answers => {
                self.session.theirs = Some(answer.clone());
                core.say(LegEvent::Progress { leg: self.id, answer });
                false
            }
            Some(offer) if settled && self.session.asked.is_none() && !self.session.offers() => {
                self.ask_switchboard(now, core, id, received, offer);
                true
            }
            _ => false,
        }
    }

    /// What waited for a PRACK goes on: the next provisional response, or the answer.
    pub(super) fn go_on_offered(&mut self, now: Instant, core: &mut Core) {
        let Phase::Offered(Invited { provisionals, .. }) = &mut self.phase else { return };
        if provisionals.open.is_some() || self.session.asked.is_some() {
            return;
        }
        if let Some(answer) = provisionals.held.take() {
            self.answer(now, core, answer);
        } else if let Some((status, description)) = provisionals.waiting.pop_front() {
            self.provide(now, core, status, description);
        }
    }

    /// Repeats the reliable response that is open, or refuses a caller that never acknowledges it.
    pub(super) fn provisional_timeout(&mut self, now: Instant, core: &mut Core) {
        let Phase::Offered(invited) = &mut self.phase else { return };
        let transaction = invited.transaction();
        let Some(open) = &mut invited.provisionals.open else { return };
        if open.until <= now {
            // §3: after 64·T1 the INVITE is refused.
            invited.respond(now, core, &self.dialog, 504);
            self.lost(core, EndReason::Lost);
        } else if let Some(next) = open.repeat.due(now) {
            open.repeat = next;
            core.servers.repeat(transaction, open.response.clone());
        }
    }
}

const MOST_WAITING: usize = 4;
