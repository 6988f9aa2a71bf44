//! One leg's signalling: its dialog, and what the leg is doing in it.

use std::mem;

use bytes::Bytes;
use model::{
    AdvocateId, EndReason, Instant, LegCommand, LegEvent, LegId, SessionDescription, TrunkId,
};

use super::calling::Calling;
use super::closing::Closing;
use super::identity::Dialog;
use super::invited::Invited;
use super::referring::Transfer;
use super::session::Session;
use super::session_timer::INTERVAL;
use super::talking::Talking;
use crate::endpoint::{Core, Flow, Received, check_within, reply_within};
use crate::transaction::{ClientEvent, TransactionId};
use crate::wire::{CSeq, Headers, Method, Request, Response};

/// What a request of ours is for; it comes back with every response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Purpose {
    pub(crate) leg: LegId,
    pub(crate) errand: Errand,
    /// How often it was sent anew with credentials.
    pub(crate) attempt: u8,
}

/// Kinds of requests we send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    Invite,
    /// An INVITE to an address that was given up.
    Forsaken(TransactionId),
    Reinvite,
    Update,
    Prack,
    Bye,
    Probe,
    Digit,
    Notify,
    /// Whose answer changes nothing: CANCEL, and the BYE of a fork.
    Formality,
}

/// One leg. Its owner finds it by id or dialog, and removes it once it is over.
pub(crate) struct Leg {
    pub(crate) id: LegId,
    pub(crate) dialog: Dialog,
    /// Whose credentials answer challenges.
    pub(crate) trunk: Option<TrunkId>,
    /// The advocate whose phone it is.
    pub(crate) owner: Option<AdvocateId>,
    pub(crate) phase: Phase,
    /// The dialog this leg had until now, for its owner to find it by the new one (RFC 3891).
    pub(crate) replaced: Option<Dialog>,
    /// The dialog of our INVITE that another phone picked up: a 2xx may still cross our CANCEL.
    pub(super) rang: Option<Dialog>,
    pub(super) transfer: Option<Transfer>,
    pub(super) session: Session,
    /// The ACKs we sent, to be repeated with each repetition of a 2xx (§13.2.2.4).
    pub(super) acks: Vec<Acknowledged>,
}

/// The ACK of a 2xx, which is known by the number of its INVITE and its To tag.
pub(super) struct Acknowledged {
    pub(super) cseq: u32,
    pub(super) tag: Option<String>,
    pub(super) flow: Flow,
    pub(super) ack: Bytes,
}

/// What a leg is doing.
pub(crate) enum Phase {
    /// The peer's INVITE waits for the switchboard.
    Offered(Invited),
    /// Our INVITE waits for the peer.
    Calling(Calling),
    /// Established, or accepted by us and not yet acknowledged.
    Talking(Talking),
    /// Ended for the switchboard; the peer is still being told.
    Closing(Closing),
    /// Nothing is left to do.
    Over,
}

impl Leg {
    pub(crate) fn new(id: LegId, dialog: Dialog, trunk: Option<TrunkId>, phase: Phase) -> Self {
        Self {
            id,
            dialog,
            trunk,
            owner: None,
            phase,
            replaced: None,
            rang: None,
            transfer: None,
            session: Session::default(),
            acks: Vec::new(),
        }
    }

    /// The same with the descriptions that its INVITE brought.
    pub(crate) fn describing(
        mut self,
        own: Option<SessionDescription>,
        theirs: Option<SessionDescription>,
    ) -> Self {
        if let Phase::Offered(invited) = &self.phase {
            self.session.learn(invited.headers());
        }
        (self.session.own, self.session.theirs) = (own, theirs);
        self
    }

    /// Whether both sides have said yes.
    pub(crate) const fn is_established(&self) -> bool {
        matches!(self.phase, Phase::Talking(_))
    }

    pub(crate) const fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over)
    }

    /// Does what the switchboard wants; what no longer fits changes nothing.
    pub(crate) fn handle_command(&mut self, now: Instant, core: &mut Core, command: LegCommand) {
        match command {
            LegCommand::Ring { .. } => self.ring(now, core),
            LegCommand::Progress { description, .. } => {
                self.provide(now, core, 183, Some(description));
            }
            LegCommand::Answer { answer, .. } => self.answer(now, core, answer),
            LegCommand::Refuse { status, retry_after, .. } => {
                self.refuse(now, core, status, retry_after);
            }
            LegCommand::Accept { answer, .. } => self.accept(now, core, &answer),
            LegCommand::RefuseOffer { .. } => self.refuse_offer(now, core, 488),
            LegCommand::Probe { within, .. } => self.probe(now, core, within),
            LegCommand::SendDigit { digit, .. } => self.send_digit(now, core, digit),
            LegCommand::End { .. } => self.end(now, core, EndReason::Released),
            LegCommand::Reoffer { offer, .. } => self.reoffer(now, core, offer),
            LegCommand::TransferResult { status, .. } => self.transferred(now, core, status),
            // The endpoint serves them, and makes this leg from the second.
            LegCommand::Locate { .. } | LegCommand::Dial { .. } => {}
        }
    }

    /// Serves a request of the peer within the dialog, which is neither ACK nor CANCEL.
    pub(crate) fn handle_request(
        &mut self,
        now: Instant,
        core: &mut Core,
        id: TransactionId,
        received: &Received,
    ) {
        let request = &received.request;
        let Some(dialog) = self.dialog_of(received.from.tag()) else {
            return core.respond(now, id, &reply_within(&request.headers, 481));
        };
        if !dialog.advance(received.cseq.number) {
            // §12.2.2, and a moment to let the newer one finish.
            return refuse_for_now(now, core, id, request);
        }
        if let Err(refusal) = check_within(request) {
            return core.respond(now, id, &refusal);
        }
        match (&self.phase, &request.method) {
            (Phase::Talking(_), _) => self.serve(now, core, id, received),
            (Phase::Offered(_) | Phase::Closing(_), Method::Bye) => {
                core.respond(now, id, &reply_within(&request.headers, 200));
                self.hung_up(now, core);
            }
            // §14.2: an INVITE of our own is under way.
            (Phase::Calling(_), Method::Invite) => {
                core.respond(now, id, &reply_within(&request.headers, 491));
            }
            (Phase::Offered(_), Method::Invite) => {
                refuse_for_now(now, core, id, request);
            }
            // §15: the called side ends an early dialog by refusing the INVITE, never by BYE.
            (Phase::Calling(_), Method::Bye) => {
                core.respond(now, id, &reply_within(&request.headers, 403));
            }
            (Phase::Offered(_) | Phase::Calling(_), _) => {
                self.serve_anytime(now, core, id, received);
            }
            _ => core.respond(now, id, &reply_within(&request.headers, 481)),
        }
    }

    /// Takes what became of a request of ours.
    pub(crate) fn handle_answer(
        &mut self,
        now: Instant,
        core: &mut Core,
        event: ClientEvent<Purpose>,
    ) {
        if let ClientEvent::Answered { purpose, response, request: Some(request) } = &event
            && self.asks_again(now, core, *purpose, request, response)
        {
            return;
        }
        match event {
            ClientEvent::Answered { purpose, response, .. } => match purpose.errand {
                Errand::Invite => self.invite_answered(now, core, &response),
                Errand::Forsaken(invite) => {
                    self.forsaken_answered(now, core, invite, &response);
                }
                Errand::Reinvite | Errand::Update => self.offer_answered(now, core, &response),
                Errand::Bye => self.bye_answered(response.status),
                Errand::Probe => self.probe_answered(core, response.status),
                Errand::Digit => self.digit_answered(now, core, response.status),
                Errand::Notify | Errand::Prack | Errand::Formality => {}
            },
            ClientEvent::Failed { purpose, why } => match purpose.errand {
                Errand::Invite => self.invite_failed(now, core, why),
                Errand::Bye => self.phase = Phase::Over,
                Errand::Reinvite | Errand::Update => self.offer_failed(now, core, why),
                Errand::Forsaken(_)
                | Errand::Probe
                | Errand::Digit
                | Errand::Notify
                | Errand::Prack
                | Errand::Formality => {}
            },
        }
    }

    /// When the leg next wants to be told the time.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        let session = self.session.deadline();
        let phase = match &self.phase {
            Phase::Offered(invited) => Some(invited.deadline()),
            Phase::Calling(calling) => Some(calling.deadline()),
            Phase::Talking(talking) => talking.deadline(),
            Phase::Closing(closing) => return closing.deadline(),
            Phase::Over => return None,
        };
        let transfer = self.transfer.as_ref().map(|transfer| transfer.until);
        [phase, session, transfer].into_iter().flatten().min()
    }

    /// Lets what is due at `now` happen.
    pub(crate) fn handle_timeout(&mut self, now: Instant, core: &mut Core) {
        match &self.phase {
            Phase::Offered(invited) if invited.until <= now => {
                self.end(now, core, EndReason::NoAnswer)
            }
            Phase::Offered(_) => {
                self.remind(now, core);
                self.provisional_timeout(now, core);
            }
            // Timer C.
            Phase::Calling(calling) if calling.until <= now => {
                self.end(now, core, EndReason::NoAnswer);
            }
            Phase::Calling(_) => self.untried_timeout(now, core),
            Phase::Talking(_) => self.talking_timeout(now, core),
            Phase::Closing(_) => self.closing_timeout(now, core),
            Phase::Over => {}
        }
        if matches!(self.phase, Phase::Offered(_) | Phase::Calling(_) | Phase::Talking(_)) {
            self.asked_timeout(now, core);
            self.offering_timeout(now, core);
            self.transfer_timeout(now, core);
            self.timer_timeout(now, core);
        }
    }

    /// Ends the leg: says so once, and tells the peer as its phase asks (§15).
    pub(crate) fn end(&mut self, now: Instant, core: &mut Core, reason: EndReason) {
        self.drop_exchanges(now, core);
        self.drop_pick_up(now, core, 487);
        let phase = mem::replace(&mut self.phase, Phase::Over);
        self.phase = match phase {
            Phase::Offered(invited) => {
                invited.respond(now, core, &self.dialog, 480);
                Phase::Over
            }
            Phase::Calling(calling) => Phase::Closing(self.give_up(now, core, &calling)),
            Phase::Talking(talking) => Phase::Closing(self.leave(now, core, talking)),
            ended @ (Phase::Closing(_) | Phase::Over) => {
                self.phase = ended;
                return;
            }
        };
        core.say(LegEvent::Ended { leg: self.id, reason });
    }

    /// Notes that the peer ended the leg: nothing more is owed but the answers to its INVITEs.
    pub(super) fn hung_up(&mut self, now: Instant, core: &mut Core) {
        self.drop_exchanges(now, core);
        let pending = match mem::replace(&mut self.phase, Phase::Over) {
            Phase::Offered(invited) => Some(invited),
            Phase::Talking(talking) => talking.reinvite,
            Phase::Closing(_) | Phase::Over => return,
            Phase::Calling(_) => None,
        };
        if let Some(invited) = pending {
            invited.respond(now, core, &self.dialog, 487);
        }
        core.say(LegEvent::Ended { leg: self.id, reason: EndReason::HungUp });
    }

    /// The dialog in which the sender with this From tag speaks.
    pub(super) fn dialog_of(&mut self, tag: Option<&str>) -> Option<&mut Dialog> {
        let dialog = match &mut self.phase {
            Phase::Calling(calling) => calling.dialog_with(tag?)?,
            _ => &mut self.dialog,
        };
        (dialog.remote.tag() == tag).then_some(dialog)
    }

    /// The dialog in which we sent a request with these header fields.
    fn dialog_towards(&mut self, headers: &Headers) -> Option<&mut Dialog> {
        let to = headers.to().ok()?;
        match (&mut self.phase, to.tag()) {
            (Phase::Calling(calling), Some(tag)) => calling.dialog_with(tag),
            _ => Some(&mut self.dialog),
        }
    }

    /// The dialog whose media count.
    pub(super) fn speaking_dialog(&mut self) -> Option<&mut Dialog> {
        match &mut self.phase {
            Phase::Calling(calling) => calling.speaking_dialog(),
            _ => Some(&mut self.dialog),
        }
    }

    /// §15.1.2: what the peer still asks at the end is answered with 487; what we asked is of no
    /// interest any more.
    fn drop_exchanges(&mut self, now: Instant, core: &mut Core) {
        self.session.offering = None;
        if let Some(asked) = self.session.asked.take() {
            core.respond(now, asked.transaction, &reply_within(&asked.headers, 487));
        }
    }

    /// Ends the leg where the peer is not to be told anything.
    pub(super) fn lost(&mut self, core: &mut Core, reason: EndReason) {
        let ended = matches!(self.phase, Phase::Closing(_) | Phase::Over);
        self.session.offering = None;
        self.phase = Phase::Over;
        if !ended {
            core.say(LegEvent::Ended { leg: self.id, reason });
        }
    }

    /// Sends a request within the dialog.
    pub(super) fn ask(&mut self, now: Instant, core: &mut Core, request: Request, errand: Errand) {
        let purpose = Purpose { leg: self.id, errand, attempt: 0 };
        core.ask(now, &self.dialog, request, purpose);
    }

    /// Sends a request again, with what the response asks for.
    fn asks_again(
        &mut self,
        now: Instant,
        core: &mut Core,
        purpose: Purpose,
        request: &Request,
        response: &Response,
    ) -> bool {
        match response.status {
            401 | 407 => self.answer_challenge(now, core, purpose, request, response),
            422 if purpose.errand == Errand::Invite => {
                self.lengthen(now, core, purpose, request, response)
            }
            _ => false,
        }
    }

    /// Sends the INVITE again with the session interval the peer wants at least (RFC 4028 §7.1).
    fn lengthen(
        &mut self,
        now: Instant,
        core: &mut Core,
        purpose: Purpose,
        request: &Request,
        response: &Response,
    ) -> bool {
        let Ok(Some(least)) = response.headers.min_se() else { return false };
        let Phase::Calling(calling) = &mut self.phase else { return false };
        if purpose.attempt >= MOST_ATTEMPTS {
            return false;
        }
        let again = self.dialog.request(Method::Invite);
        let number = again.headers.cseq().map(|cseq| cseq.number).unwrap_or_default();
        let mut again = renumbered(request, number);
        again.headers.set("Session-Expires", least.max(INTERVAL).to_string());
        again.headers.set("Min-SE", least.to_string());
        let purpose = Purpose { attempt: purpose.attempt + 1, ..purpose };
        *calling = Calling::new(now, core.ask(now, &self.dialog, again, purpose));
        true
    }

    /// Sends a challenged request again with the trunk's credentials; `false` if there are none to
    /// give, or no reason to: the leg was ended, or nothing depends on the request.
    fn answer_challenge(
        &mut self,
        now: Instant,
        core: &mut Core,
        purpose: Purpose,
        request: &Request,
        response: &Response,
    ) -> bool {
        let invites = matches!(purpose.errand, Errand::Invite);
        let is_calling = matches!(self.phase, Phase::Calling(_));
        let acknowledges = purpose.errand == Errand::Prack;
        if purpose.errand == Errand::Formality || (is_calling && !invites && !acknowledges) {
            return false;
        }
        if invites && !is_calling {
            return false;
        }
        // A PRACK belongs to one of the early dialogs, each of which counts for itself.
        let trunk = self.trunk;
        let Some(dialog) = self.dialog_towards(&request.headers) else { return false };
        let number = dialog.local_cseq + 1;
        let again = renumbered(request, number);
        let asked = core.ask_again(now, dialog, trunk, again, response, purpose);
        let Some(transaction) = asked else { return false };
        dialog.local_cseq = number;
        if !invites {
            return true;
        }
        if let Phase::Calling(calling) = &mut self.phase {
            *calling = Calling::new(now, transaction);
        }
        true
    }
}

/// How often an INVITE is sent anew with another session interval.
const MOST_ATTEMPTS: u8 = 4;

/// The same request for a new transaction.
pub(super) fn renumbered(request: &Request, number: u32) -> Request {
    let mut request = request.clone();
    request.headers.remove("Via");
    request.headers.set("CSeq", CSeq { number, method: request.method.clone() }.to_wire());
    request
}

/// 500 with Retry-After (§14.2, §12.2.2).
pub(super) fn refuse_for_now(now: Instant, core: &mut Core, id: TransactionId, request: &Request) {
    let mut response = reply_within(&request.headers, 500);
    // §14.2: a random number of seconds from 0 to 10.
    response.headers.push("Retry-After", core.chance.below(11).to_string());
    core.respond(now, id, &response);
}
