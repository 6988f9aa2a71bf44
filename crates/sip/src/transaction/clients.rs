//! The client transactions: what we asked, whom, and for what.

use std::collections::{BTreeMap, HashMap, VecDeque};

use bytes::Bytes;
use model::{Agenda, Instant};

use super::client::{Client, Input, Output};
use super::client_invite::ClientInvite;
use super::key::ClientKey;
use super::{TransactionId, Transmission};
use crate::endpoint::{Flow, Transport};
use crate::wire::{CSeq, Essentials, Method, Request, Response};

/// What a client transaction tells the part that began it, by the `purpose` it was begun with.
pub(crate) enum ClientEvent<P> {
    /// A response; `request` is what it answers, given with the first final response.
    Answered { purpose: P, response: Box<Response>, request: Option<Box<Request>> },
    /// No final response came, or the flow broke.
    Failed { purpose: P, why: Failure },
}

/// Why a request has no final response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Nothing, or nothing final, came in time (§8.1.3.1: as if 408).
    TimedOut,
    /// The transport failed (§18.4: as if 503).
    FlowBroken,
}

/// How a request travels.
#[derive(Clone, Copy)]
pub(crate) enum Way {
    /// As the flow says.
    Fixed(Flow),
    /// A long request by TCP instead of UDP, and by UDP again if no connection comes up
    /// (RFC 3261 §18.1.1).
    BySize(Flow),
}

/// All client transactions, found by key and deadline.
pub(crate) struct Clients<P> {
    made: u64,
    entries: BTreeMap<TransactionId, Entry<P>>,
    by_key: HashMap<ClientKey, TransactionId>,
    agenda: Agenda<TransactionId>,
    sent: VecDeque<Transmission>,
}

impl<P: Copy> Clients<P> {
    pub(crate) fn new() -> Self {
        Self {
            made: 0,
            entries: BTreeMap::new(),
            by_key: HashMap::new(),
            agenda: Agenda::new(),
            sent: VecDeque::new(),
        }
    }

    /// Sends `request`, whose top Via has `branch`, and repeats it as its method asks.
    pub(crate) fn open(
        &mut self,
        now: Instant,
        way: Way,
        mut request: Request,
        branch: String,
        purpose: P,
    ) -> TransactionId {
        let id = TransactionId(self.made);
        self.made += 1;
        let (flow, fallback, bytes) = written(way, &mut request);
        let machine = Machine::new(now, flow, &request.method);
        let key = ClientKey::new(branch, request.method.clone());
        self.sent.push_back(Transmission { flow, bytes: bytes.clone() });
        self.by_key.insert(key.clone(), id);
        self.agenda.set(id, machine.deadline());
        let request = Some(request);
        let entry = Entry { key, flow, fallback, machine, purpose, request, bytes, ack: None };
        self.entries.insert(id, entry);
        id
    }

    /// Sends the CANCEL of an INVITE that has no final response yet (§9.1).
    pub(crate) fn cancel(&mut self, now: Instant, invite: TransactionId, purpose: P) {
        let Some(entry) = self.entries.get(&invite) else { return };
        let Some(request) = &entry.request else { return };
        let cancel = follow_up(request, Method::Cancel, None);
        let (flow, branch) = (entry.flow, entry.key.branch().to_owned());
        self.open(now, Way::Fixed(flow), cancel, branch, purpose);
    }

    /// Takes a response. `None` when it repeats one; an error when it belongs to nothing of ours.
    pub(crate) fn receive(
        &mut self,
        now: Instant,
        response: Response,
        read: &Essentials,
    ) -> Result<Option<ClientEvent<P>>, Stray> {
        let key = ClientKey::of(&read.via, &read.cseq).ok_or(Stray)?;
        let id = *self.by_key.get(&key).ok_or(Stray)?;
        let entry = self.entries.get_mut(&id).ok_or(Stray)?;
        let status = response.status;
        let output = entry.handle_input(now, Input::Response(status));
        if output == Some(Output::DeliverAndAcknowledge) {
            entry.acknowledge(&response);
        }
        if let (Some(Output::DeliverAndAcknowledge | Output::Acknowledge), Some(ack)) =
            (output, &entry.ack)
        {
            self.sent.push_back(Transmission { flow: entry.flow, bytes: ack.clone() });
        }
        let delivered = matches!(output, Some(Output::Deliver | Output::DeliverAndAcknowledge));
        let event = delivered.then(|| {
            let request = if status >= 200 { entry.request.take().map(Box::new) } else { None };
            let response = Box::new(response);
            ClientEvent::Answered { purpose: entry.purpose, response, request }
        });
        self.settle(id);
        Ok(event)
    }

    /// Lets one thing that is due at `now` happen; `None` when nothing is left.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<ClientEvent<P>> {
        while let Some(id) = self.agenda.take_due(now) {
            let Some(entry) = self.entries.get_mut(&id) else { continue };
            let output = entry.handle_input(now, Input::Timeout);
            if output == Some(Output::Retransmit) {
                self.sent.push_back(Transmission { flow: entry.flow, bytes: entry.bytes.clone() });
            }
            let purpose = entry.purpose;
            self.settle(id);
            if output == Some(Output::TimedOut) {
                return Some(ClientEvent::Failed { purpose, why: Failure::TimedOut });
            }
        }
        None
    }

    /// Sends what went over a connection for its length alone by UDP, since there is none; says
    /// whether there was such a request.
    pub(crate) fn fall_back(&mut self, now: Instant, flow: Flow) -> bool {
        let ids = self.ids(|entry| entry.flow == flow && entry.may_fall_back());
        for id in &ids {
            let Some(entry) = self.entries.get_mut(id) else { continue };
            if let Some(sent) = entry.fall_back(now) {
                self.sent.push_back(sent);
            }
            self.settle(*id);
        }
        !ids.is_empty()
    }

    /// Ends every transaction that still needs `flow` (§18.4).
    pub(crate) fn break_flow(&mut self, flow: Flow) -> Vec<ClientEvent<P>> {
        let waits = |entry: &Entry<P>| entry.flow == flow && entry.request.is_some();
        let failed = self.ids(waits);
        failed
            .into_iter()
            .filter_map(|id| self.remove(id))
            .map(|entry| ClientEvent::Failed { purpose: entry.purpose, why: Failure::FlowBroken })
            .collect()
    }

    /// Drops the transactions whose purpose is `of` this, whatever their state.
    pub(crate) fn forget(&mut self, of: impl Fn(P) -> bool) {
        for id in self.ids(|entry| of(entry.purpose)) {
            self.remove(id);
        }
    }

    /// Lets another purpose hear what still becomes of a transaction.
    pub(crate) fn give_to(&mut self, id: TransactionId, purpose: P) {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.purpose = purpose;
        }
    }

    /// Drops one transaction (§9.1: an INVITE whose CANCEL led to nothing).
    pub(crate) fn abandon(&mut self, id: TransactionId) {
        self.remove(id);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.agenda.next()
    }

    pub(crate) fn poll_transmission(&mut self) -> Option<Transmission> {
        self.sent.pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    fn ids(&self, wanted: impl Fn(&Entry<P>) -> bool) -> Vec<TransactionId> {
        self.entries.iter().filter(|(_, entry)| wanted(entry)).map(|(id, _)| *id).collect()
    }

    fn settle(&mut self, id: TransactionId) {
        let Some(entry) = self.entries.get(&id) else { return };
        if entry.machine.is_over() {
            self.remove(id);
        } else {
            self.agenda.set(id, entry.machine.deadline());
        }
    }

    fn remove(&mut self, id: TransactionId) -> Option<Entry<P>> {
        let entry = self.entries.remove(&id)?;
        self.agenda.set(id, None);
        self.by_key.remove(&entry.key);
        Some(entry)
    }
}

/// A response that belongs to no transaction of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stray;

struct Entry<P> {
    key: ClientKey,
    flow: Flow,
    /// The flow to use if there is no connection.
    fallback: Option<Flow>,
    machine: Machine,
    purpose: P,
    /// Until the first final response.
    request: Option<Request>,
    bytes: Bytes,
    ack: Option<Bytes>,
}

impl<P> Entry<P> {
    fn handle_input(&mut self, now: Instant, input: Input) -> Option<Output> {
        self.machine.handle_input(now, self.flow.transport.is_reliable(), input)
    }

    /// Whether nothing at all came back over the connection.
    const fn may_fall_back(&self) -> bool {
        self.fallback.is_some()
            && matches!(
                self.machine,
                Machine::Invite(ClientInvite::Calling { .. })
                    | Machine::Other(Client::Waiting { .. })
            )
    }

    fn fall_back(&mut self, now: Instant) -> Option<Transmission> {
        let (flow, request) = (self.fallback.take()?, self.request.as_mut()?);
        set_transport(request, flow.transport);
        self.flow = flow;
        self.machine = Machine::new(now, flow, &request.method);
        self.bytes = request.to_bytes();
        Some(Transmission { flow, bytes: self.bytes.clone() })
    }

    /// Makes the ACK for a refusal of our INVITE (§17.1.1.3).
    fn acknowledge(&mut self, response: &Response) {
        let to = response.headers.get("To");
        let ack = self.request.as_ref().map(|request| follow_up(request, Method::Ack, to));
        self.ack = ack.map(|ack| ack.to_bytes());
    }
}

#[derive(Clone, Copy)]
enum Machine {
    Invite(ClientInvite),
    Other(Client),
}

impl Machine {
    fn new(now: Instant, flow: Flow, method: &Method) -> Self {
        let reliable = flow.transport.is_reliable();
        match method {
            Method::Invite => Self::Invite(ClientInvite::new(now, reliable)),
            _ => Self::Other(Client::new(now, reliable)),
        }
    }

    fn handle_input(&mut self, now: Instant, reliable: bool, input: Input) -> Option<Output> {
        match self {
            Self::Invite(machine) => machine.handle_input(now, reliable, input),
            Self::Other(machine) => machine.handle_input(now, reliable, input),
        }
    }

    fn deadline(&self) -> Option<Instant> {
        match self {
            Self::Invite(machine) => machine.deadline(),
            Self::Other(machine) => machine.deadline(),
        }
    }

    const fn is_over(&self) -> bool {
        matches!(self, Self::Invite(ClientInvite::Terminated) | Self::Other(Client::Terminated))
    }
}

/// The flow a request takes, the one it falls back to, and its bytes.
fn written(way: Way, request: &mut Request) -> (Flow, Option<Flow>, Bytes) {
    let bytes = request.to_bytes();
    match way {
        Way::BySize(flow) if bytes.len() > LONGEST_DATAGRAM => {
            set_transport(request, Transport::Tcp);
            (Flow { transport: Transport::Tcp, ..flow }, Some(flow), request.to_bytes())
        }
        Way::Fixed(flow) | Way::BySize(flow) => (flow, None, bytes),
    }
}

/// §18.1.1: the top Via says what carries the request.
fn set_transport(request: &mut Request, transport: Transport) {
    if let Ok(mut via) = request.headers.top_via() {
        transport.name().clone_into(&mut via.transport);
        request.headers.set_top_via(&via);
    }
}

/// The longest request that goes by UDP where the path is unknown (RFC 3261 §18.1.1).
const LONGEST_DATAGRAM: usize = 1300;

/// The CANCEL of an INVITE, or the ACK of its refusal: same branch, same URI, same number
/// (§9.1, §17.1.1.3).
fn follow_up(invite: &Request, method: Method, to: Option<&str>) -> Request {
    let mut request = Request::new(method.clone(), invite.uri.clone());
    let headers = &mut request.headers;
    for name in ["Via", "Max-Forwards", "Route", "From", "To", "Call-ID"] {
        headers.copy(name, &invite.headers);
    }
    if let Some(to) = to {
        headers.set("To", to);
    }
    if let Ok(CSeq { number, .. }) = invite.headers.cseq() {
        headers.push("CSeq", CSeq { number, method }.to_wire());
    }
    request
}
