//! The server transactions: what arrived, what was answered, and what to answer again.

use std::collections::{BTreeMap, HashMap, VecDeque};

use bytes::Bytes;
use model::{Agenda, Instant, LegId};

use super::TransactionId;
use super::key::{MergeKey, ServerKey};
use super::server::{Input, Output, Server};
use super::server_invite::ServerInvite;
use crate::endpoint::{self, Flow, Received};
use crate::wire::Method;

/// All server transactions, found by key, merge key and deadline.
pub(crate) struct Servers {
    made: u64,
    entries: BTreeMap<TransactionId, Entry>,
    by_key: HashMap<ServerKey, TransactionId>,
    by_merge_key: HashMap<MergeKey, TransactionId>,
    agenda: Agenda<TransactionId>,
    sent: VecDeque<endpoint::Output>,
}

impl Servers {
    pub(crate) fn new() -> Self {
        Self {
            made: 0,
            entries: BTreeMap::new(),
            by_key: HashMap::new(),
            by_merge_key: HashMap::new(),
            agenda: Agenda::new(),
            sent: VecDeque::new(),
        }
    }

    /// Takes a request that belongs to a transaction already there; `false` if it is new.
    pub(crate) fn absorb(&mut self, now: Instant, key: &ServerKey, method: &Method) -> bool {
        let Some(&id) = self.by_key.get(key) else { return false };
        let input = if *method == Method::Ack { Input::Ack } else { Input::Request };
        // The ACK of a 2xx has a branch of its own; one with the INVITE's is of RFC 2543 and
        // belongs to the dialog (RFC 6026 §7.1).
        if input == Input::Ack && self.is_accepted(id) {
            return false;
        }
        self.step(now, id, input, None);
        true
    }

    /// Whether the same request is being served under another branch (§8.2.2.2).
    pub(crate) fn is_merged(&self, key: &MergeKey) -> bool {
        self.by_merge_key.contains_key(key)
    }

    /// The transaction of `key`, and the leg it serves.
    pub(crate) fn find(&self, key: &ServerKey) -> Option<(TransactionId, Option<LegId>)> {
        let id = *self.by_key.get(key)?;
        Some((id, self.entries.get(&id)?.leg))
    }

    /// Begins a transaction for a request.
    pub(crate) fn open(&mut self, received: &Received, leg: Option<LegId>) -> TransactionId {
        let id = TransactionId(self.made);
        self.made += 1;
        let machine = match received.request.method {
            Method::Invite => Machine::Invite(ServerInvite::Proceeding),
            _ => Machine::Other(Server::Proceeding),
        };
        let (key, merge_key) = (received.key.clone(), received.merge_key());
        if let Some(merge_key) = &merge_key {
            self.by_merge_key.insert(merge_key.clone(), id);
        }
        self.by_key.insert(key.clone(), id);
        let (flow, otherwise) = (received.reply_to, received.otherwise);
        let entry = Entry { key, merge_key, flow, otherwise, leg, machine, response: None };
        self.entries.insert(id, entry);
        id
    }

    /// Sends the transaction user's response of this status, unless a final one was sent before.
    pub(crate) fn respond(&mut self, now: Instant, id: TransactionId, status: u16, bytes: Bytes) {
        self.step(now, id, Input::Respond(status), Some(bytes));
    }

    /// Sends a response once more that its transaction user repeats: a 2xx (RFC 3261 §13.3.1.4), a
    /// reliable provisional one (RFC 3262 §3).
    pub(crate) fn repeat(&mut self, id: TransactionId, bytes: Bytes) {
        self.sent.extend(self.entries.get(&id).map(|entry| entry.carrying(bytes)));
    }

    /// Lets what is due at `now` happen.
    pub(crate) fn handle_timeout(&mut self, now: Instant) {
        while let Some(id) = self.agenda.take_due(now) {
            self.step(now, id, Input::Timeout, None);
        }
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.agenda.next()
    }

    pub(crate) fn poll_output(&mut self) -> Option<endpoint::Output> {
        self.sent.pop_front()
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Drops every transaction of a leg, whatever its state.
    pub(crate) fn forget(&mut self, leg: LegId) {
        let of_leg = |entry: &Entry| entry.leg == Some(leg);
        let ids: Vec<_> =
            self.entries.iter().filter(|(_, entry)| of_leg(entry)).map(|(id, _)| *id).collect();
        for id in ids {
            self.remove(id);
        }
    }

    fn step(&mut self, now: Instant, id: TransactionId, input: Input, response: Option<Bytes>) {
        let Some(entry) = self.entries.get_mut(&id) else { return };
        let output = entry.machine.handle_input(now, entry.flow.transport.is_reliable(), input);
        if let (Some(Output::Send), Some(response)) = (output, response) {
            entry.response = Some(response);
        }
        if let (Some(_), Some(bytes)) = (output, &entry.response) {
            self.sent.push_back(entry.carrying(bytes.clone()));
        }
        if entry.machine.is_over() {
            self.remove(id);
        } else {
            self.agenda.set(id, entry.machine.deadline());
        }
    }

    fn remove(&mut self, id: TransactionId) {
        let Some(entry) = self.entries.remove(&id) else { return };
        self.agenda.set(id, None);
        self.by_key.remove(&entry.key);
        // A later request may have taken the merge key over.
        if let Some(key) = entry.merge_key
            && self.by_merge_key.get(&key) == Some(&id)
        {
            self.by_merge_key.remove(&key);
        }
    }

    fn is_accepted(&self, id: TransactionId) -> bool {
        let machine = self.entries.get(&id).map(|entry| entry.machine);
        matches!(machine, Some(Machine::Invite(ServerInvite::Accepted { .. })))
    }
}

struct Entry {
    key: ServerKey,
    merge_key: Option<MergeKey>,
    flow: Flow,
    otherwise: Option<Flow>,
    leg: Option<LegId>,
    machine: Machine,
    response: Option<Bytes>,
}

impl Entry {
    /// A response on its way.
    const fn carrying(&self, bytes: Bytes) -> endpoint::Output {
        endpoint::Output::Respond { flow: self.flow, otherwise: self.otherwise, bytes }
    }
}

#[derive(Clone, Copy)]
enum Machine {
    Invite(ServerInvite),
    Other(Server),
}

impl Machine {
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
        matches!(self, Self::Invite(ServerInvite::Terminated) | Self::Other(Server::Terminated))
    }
}
