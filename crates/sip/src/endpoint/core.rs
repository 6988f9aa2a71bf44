//! What legs and the registrar act through: the transactions, the way out, and our own names.

use std::collections::VecDeque;
use std::net::IpAddr;

use bytes::Bytes;
use model::{Chance, ContactId, Instant, LegEvent, TrunkId};

use super::addresses::Addresses;
use super::counters::Counters;
use super::flow::Flow;
use super::names::Names;
use super::settings::Settings;
use super::streams::Streams;
use super::{Output, credentials};
use crate::dialog::{Dialog, Purpose};
use crate::transaction::{COOKIE, Clients, Servers, TransactionId, Way};
use crate::wire::{CSeq, Method, NameAddr, Request, Response, Uri, Via};

/// What began a client transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// A leg.
    Leg(Purpose),
    /// The question whether a contact is alive.
    Contact(ContactId),
}

/// Everything of the endpoint but the legs and the registrar.
pub(crate) struct Core {
    pub(crate) settings: Settings,
    pub(crate) chance: Chance,
    pub(crate) servers: Servers,
    pub(crate) clients: Clients<Task>,
    pub(crate) counters: Counters,
    pub(super) addresses: Addresses,
    pub(super) names: Names,
    pub(super) streams: Streams,
    outputs: VecDeque<Output>,
}

impl Core {
    pub(crate) fn new(settings: Settings, chance: Chance) -> Self {
        let trunks = settings.trunks.iter().filter_map(|trunk| trunk.address.as_ref());
        let names = Names::new(trunks.chain(&settings.servers));
        Self {
            settings,
            chance,
            servers: Servers::new(),
            clients: Clients::new(),
            counters: Counters {
                unreadable: 0,
                malformed: 0,
                stray_responses: 0,
                stray_acks: 0,
                strangers: 0,
                challenged: 0,
                overloaded: 0,
            },
            addresses: Addresses::new(),
            names,
            streams: Streams::new(),
            outputs: VecDeque::new(),
        }
    }

    /// The trunk that sends from `source`, by its ranges or by its name.
    pub(super) fn trunk_of(&self, source: IpAddr) -> Option<TrunkId> {
        self.settings.trunk_of(source, |server| self.names.has_address(server, source))
    }

    /// Notes that the server at the other end of `flow` did not answer.
    pub(crate) fn did_not_answer(&mut self, now: Instant, flow: Flow) {
        self.names.did_not_answer(now, flow.remote);
    }

    /// Asks the resolver what is due.
    pub(super) fn look_up(&mut self, now: Instant) {
        while let Some(server) = self.names.take_due(now) {
            self.outputs.push_back(Output::LookUp(server));
        }
    }

    /// Says what happened.
    pub(crate) fn say(&mut self, event: LegEvent) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Answers outside any transaction: over the way that is there, or not at all.
    pub(crate) fn respond_statelessly(&mut self, flow: Flow, response: &Response) {
        let bytes = response.to_bytes();
        self.outputs.push_back(Output::Respond { flow, otherwise: None, bytes });
    }

    /// Sends an ACK, which has no transaction.
    pub(crate) fn transmit(&mut self, flow: Flow, bytes: Bytes) {
        self.outputs.push_back(Output::Transmit { flow, bytes });
    }

    /// Answers within a transaction.
    pub(crate) fn respond(&mut self, now: Instant, id: TransactionId, response: &Response) {
        drop(self.respond_with(now, id, response));
    }

    /// The same; returns the response's bytes, for whoever repeats it.
    pub(crate) fn respond_with(
        &mut self,
        now: Instant,
        id: TransactionId,
        response: &Response,
    ) -> Bytes {
        let bytes = response.to_bytes();
        self.servers.respond(now, id, response.status, bytes.clone());
        bytes
    }

    /// Sends a request of `dialog` in a transaction of its own.
    pub(crate) fn ask(
        &mut self,
        now: Instant,
        dialog: &Dialog,
        mut request: Request,
        purpose: Purpose,
    ) -> TransactionId {
        let flow = dialog.flow;
        let branch = self.stamp(flow, &mut request);
        // A phone behind a NAT that registered by datagrams has it open for nothing else.
        let may_stream = dialog.is_where_it_says() && self.streams.may_try(now, flow);
        let way = if may_stream { Way::BySize(flow) } else { Way::Fixed(flow) };
        self.clients.open(now, way, request, branch, Task::Leg(purpose))
    }

    /// Asks a contact for a sign of life, outside any dialog (§11.1).
    pub(crate) fn ask_contact(&mut self, now: Instant, flow: Flow, uri: &Uri, id: ContactId) {
        let from = NameAddr::new(self.own_uri(flow, OWN_USER)).with_tag(&self.chance.token());
        let mut request = Request::new(Method::Options, uri.clone());
        let headers = &mut request.headers;
        headers.push("Max-Forwards", "70");
        headers.push("From", from.to_wire());
        headers.push("To", NameAddr::new(uri.clone()).to_wire());
        headers.push("Call-ID", self.chance.token());
        headers.push("CSeq", CSeq { number: 1, method: Method::Options }.to_wire());
        let branch = self.stamp(flow, &mut request);
        self.clients.open(now, Way::Fixed(flow), request, branch, Task::Contact(id));
    }

    /// Takes an INVITE of a leg back (§9.1).
    pub(crate) fn cancel(&mut self, now: Instant, invite: TransactionId, purpose: Purpose) {
        self.clients.cancel(now, invite, Task::Leg(purpose));
    }

    /// Sends an ACK, which has no transaction (§13.2.2.4), and returns its bytes.
    pub(crate) fn acknowledge(&mut self, flow: Flow, mut ack: Request) -> Bytes {
        self.stamp(flow, &mut ack);
        let bytes = ack.to_bytes();
        self.transmit(flow, bytes.clone());
        bytes
    }

    /// Sends `request` once more with a trunk's credentials, if `response` challenges it and the
    /// trunk has an account.
    pub(crate) fn ask_again(
        &mut self,
        now: Instant,
        dialog: &Dialog,
        trunk: Option<TrunkId>,
        request: Request,
        response: &Response,
        purpose: Purpose,
    ) -> Option<TransactionId> {
        let account = self.settings.trunk(trunk?)?.account.as_ref()?;
        let request =
            credentials::answer(account, request, response, purpose.attempt, &mut self.chance)?;
        let purpose = Purpose { attempt: purpose.attempt + 1, ..purpose };
        Some(self.ask(now, dialog, request, purpose))
    }

    /// Our address on the way `flow`, as a Contact.
    pub(crate) fn contact(&self, flow: Flow) -> String {
        let (address, transport) = (self.own_address(flow), flow.transport.parameter());
        format!("<sip:{OWN_USER}@{address};transport={transport}>")
    }

    /// `user` at our address on the way `flow`.
    pub(crate) fn own_uri(&self, flow: Flow, user: &str) -> Uri {
        Uri::sip(Some(user), self.own_address(flow).ip(), None)
    }

    /// What is to be sent or was said, oldest first.
    pub(crate) fn poll_output(&mut self) -> Option<Output> {
        let output = self.outputs.pop_front().or_else(|| self.servers.poll_output());
        output.or_else(|| {
            let sent = self.clients.poll_transmission()?;
            Some(Output::Transmit { flow: sent.flow, bytes: sent.bytes })
        })
    }

    /// Puts our Via on top and returns its branch.
    fn stamp(&mut self, flow: Flow, request: &mut Request) -> String {
        let branch = format!("{COOKIE}{}", self.chance.token());
        let address = self.own_address(flow);
        let via = Via::new(flow.transport.name(), address.ip().into(), address.port(), &branch);
        request.headers.push_front("Via", via.to_wire());
        branch
    }
}

/// The user part of our own address.
pub(crate) const OWN_USER: &str = "northline";

/// What we serve, for Allow (RFC 3261 §20.5).
pub(crate) const ALLOW: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, REFER";

/// Whether `method` is one of [`ALLOW`].
pub(crate) const fn is_served(method: &Method) -> bool {
    use Method::{Ack, Bye, Cancel, Info, Invite, Options, Prack, Refer, Update};
    matches!(method, Invite | Ack | Cancel | Bye | Options | Info | Prack | Update | Refer)
}
