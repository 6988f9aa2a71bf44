//! [`Endpoint`] itself: inputs to parts, parts' outputs to the outside.

use std::fmt;

use model::{Chance, EndReason, Instant, LegCommand, LegEvent, LegId};

use super::authentication::Guard;
use super::core::{Core, Task};
use super::counters::Counters;
use super::flow::{Flow, Transport};
use super::legs::Legs;
use super::locating::Locating;
use super::received::note_source;
use super::reply::add_tag;
use super::settings::Settings;
use super::{Input, Output};
use crate::dialog::Purpose;
use crate::registrar::Registrar;
use crate::transaction::ClientEvent;
use crate::wire::{Essentials, Message, ParseError, Response, Via, read};

/// All signalling of one node, without sockets and without a clock.
///
/// The driver applies one input, sends and passes on all outputs, sleeps until the deadline, and
/// repeats.
pub struct Endpoint {
    pub(super) core: Core,
    pub(super) legs: Legs,
    pub(super) registrar: Registrar,
    pub(super) guard: Guard,
    pub(super) locating: Locating,
    pub(super) draining: bool,
}

impl Endpoint {
    /// An endpoint without calls and bindings.
    pub fn new(settings: Settings, mut chance: Chance) -> Self {
        Self {
            guard: Guard::new(&mut chance),
            core: Core::new(settings, chance),
            legs: Legs::new(),
            registrar: Registrar::new(),
            locating: Locating::new(),
            draining: false,
        }
    }

    /// Applies one input at `now`. Late or unknown input changes nothing.
    ///
    /// A driver may catch a panic of this and go on: the leg that was acting is ended with the next
    /// input, and no other is touched.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        if let Some(leg) = self.legs.take_broken() {
            self.forget(leg);
            self.core.say(LegEvent::Ended { leg, reason: EndReason::Failed });
        }
        match input {
            Input::Message { flow, bytes } => self.handle_message(now, flow, &bytes),
            Input::FlowClosed { flow } => self.handle_broken_flow(now, flow),
            Input::OwnAddress { peer, own } => self.core.addresses.learn(now, peer, own),
            Input::LookedUp { server, found } => self.looked_up(now, &server, found),
            Input::Command(command) => self.handle_command(now, command),
            Input::Drain => self.draining = true,
            Input::Forget(leg) => self.forget(leg),
            Input::Timeout => self.handle_timeout(now),
        }
    }

    /// What is to be sent or was said.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.core.poll_output()
    }

    /// When the endpoint next wants an [`Input::Timeout`].
    pub fn deadline(&self) -> Option<Instant> {
        let transactions = [self.core.servers.deadline(), self.core.clients.deadline()];
        let others = [self.legs.deadline(), self.registrar.deadline(), self.guard.deadline()];
        let names = [self.core.names.deadline(), self.locating.deadline()];
        transactions.into_iter().chain(others).chain(names).flatten().min()
    }

    /// What was dropped and refused so far.
    pub const fn counters(&self) -> &Counters {
        &self.core.counters
    }

    /// How many legs there are, those being ended included.
    pub fn legs(&self) -> usize {
        self.legs.len() + self.locating.len()
    }

    /// How many transactions there are.
    pub fn transactions(&self) -> usize {
        self.core.servers.len() + self.core.clients.len()
    }

    fn handle_message(&mut self, now: Instant, flow: Flow, bytes: &[u8]) {
        match read(bytes) {
            Ok((Message::Request(request), read)) => self.handle_request(now, flow, request, read),
            Ok((Message::Response(response), read)) => self.handle_response(now, response, &read),
            Err(ParseError::Refuse { response }) => self.refuse_malformed(flow, *response),
            Err(ParseError::Drop(_)) => self.core.counters.unreadable += 1,
        }
    }

    fn handle_response(&mut self, now: Instant, response: Response, read: &Essentials) {
        match self.core.clients.receive(now, response, read) {
            Ok(Some(event)) => self.handle_client_event(now, event),
            Ok(None) => {}
            Err(_) => self.core.counters.stray_responses += 1,
        }
    }

    fn handle_client_event(&mut self, now: Instant, event: ClientEvent<Task>) {
        match event {
            ClientEvent::Answered { purpose: Task::Leg(purpose), response, request } => {
                let event = ClientEvent::Answered { purpose, response, request };
                self.tell_leg(now, purpose.leg, event);
            }
            ClientEvent::Failed { purpose: Task::Leg(purpose), why } => {
                self.tell_leg(now, purpose.leg, ClientEvent::Failed { purpose, why });
            }
            // Whatever it says, it lives.
            ClientEvent::Answered { purpose: Task::Contact(id), .. } => self.registrar.heard(id),
            ClientEvent::Failed { purpose: Task::Contact(_), .. } => {}
        }
    }

    fn tell_leg(&mut self, now: Instant, leg: LegId, event: ClientEvent<Purpose>) {
        self.legs.visit(&mut self.core, leg, |leg, core| leg.handle_answer(now, core, event));
    }

    /// Answers what `wire` could not read; a peer that cannot speak SIP is not remembered.
    fn refuse_malformed(&mut self, flow: Flow, mut response: Response) {
        self.core.counters.malformed += 1;
        let headers = &mut response.headers;
        let mut via = headers.top_via().ok();
        let tag = self.guard.tag_of(headers, via.as_ref().and_then(Via::branch));
        add_tag(headers, &tag);
        let reply_to = via.as_mut().map_or(flow, |via| note_source(flow, headers, via));
        self.core.respond_statelessly(reply_to, &response);
    }

    fn handle_command(&mut self, now: Instant, command: LegCommand) {
        let leg = match &command {
            LegCommand::Locate { leg, target } => {
                return self.locate(now, *leg, target.clone());
            }
            LegCommand::End { leg } if self.locating.forget(*leg) => {
                let (leg, reason) = (*leg, EndReason::Released);
                return self.core.say(LegEvent::Ended { leg, reason });
            }
            LegCommand::Dial { .. } => return self.dial(now, command),
            LegCommand::Ring { leg }
            | LegCommand::Progress { leg, .. }
            | LegCommand::Answer { leg, .. }
            | LegCommand::Refuse { leg, .. }
            | LegCommand::Accept { leg, .. }
            | LegCommand::RefuseOffer { leg }
            | LegCommand::Reoffer { leg, .. }
            | LegCommand::TransferResult { leg, .. }
            | LegCommand::Probe { leg, .. }
            | LegCommand::SendDigit { leg, .. }
            | LegCommand::End { leg } => *leg,
        };
        self.legs.visit(&mut self.core, leg, |leg, core| leg.handle_command(now, core, command));
    }

    /// Ends what waits for an answer on the flow, and finds other ways for what goes on.
    fn handle_broken_flow(&mut self, now: Instant, flow: Flow) {
        if self.core.clients.fall_back(now, flow) {
            self.core.streams.failed(now, flow);
        }
        for event in self.core.clients.break_flow(flow) {
            self.handle_client_event(now, event);
        }
        if flow.transport == Transport::Tcp {
            self.registrar.lose_flow(&mut self.core, flow);
            for leg in self.legs.iter_mut() {
                leg.dialog.lose_flow(flow);
            }
        }
    }

    fn forget(&mut self, leg: LegId) {
        self.legs.remove(leg);
        self.locating.forget(leg);
        self.core.servers.forget(leg);
        let of_leg = |task| matches!(task, Task::Leg(purpose) if purpose.leg == leg);
        self.core.clients.forget(of_leg);
    }

    fn handle_timeout(&mut self, now: Instant) {
        self.core.servers.handle_timeout(now);
        while let Some(event) = self.core.clients.handle_timeout(now) {
            self.handle_client_event(now, event);
        }
        while let Some(id) = self.legs.take_due(now) {
            self.legs.visit(&mut self.core, id, |leg, core| leg.handle_timeout(now, core));
        }
        self.registrar.handle_timeout(now, &mut self.core);
        self.guard.handle_timeout(now);
        self.locating_timeout(now);
        self.core.look_up(now);
    }
}

impl fmt::Debug for Endpoint {
    /// Numbers only: everything else names callers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (legs, transactions) = (self.legs(), self.transactions());
        write!(f, "Endpoint {{ legs: {legs}, transactions: {transactions} }}")
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::time::Duration;

    use model::{Pii, SessionDescription, Target};

    use super::*;
    use crate::endpoint::{Limits, Listener, Output};

    fn dial(leg: LegId) -> Input {
        let target = Target::Uri { trunk: None, uri: Pii::new("sip:v@192.0.2.9".to_owned()) };
        let offer = SessionDescription::new(*b"v=0");
        Input::Command(LegCommand::Dial { leg, target, offer, display: String::new() })
    }

    #[test]
    fn a_panic_in_one_leg_ends_that_leg_and_no_other() {
        let settings = Settings {
            listeners: vec![Listener::at(([192, 0, 2, 1], 5060).into())],
            trunks: Vec::new(),
            servers: Vec::new(),
            users: Vec::new(),
            realm: "hotline.example".to_owned(),
            limits: Limits::default(),
        };
        let mut endpoint = Endpoint::new(settings, Chance::from_number(1));
        let now = Instant::from_nanos(1);
        let (broken, sound) = (LegId(2), LegId(4));
        endpoint.handle_input(now, dial(broken));
        endpoint.handle_input(now, dial(sound));
        let (legs, core) = (&mut endpoint.legs, &mut endpoint.core);
        let visit = AssertUnwindSafe(|| legs.visit(core, broken, |_, _| panic!("a bug")));
        assert!(catch_unwind(visit).is_err());
        endpoint.handle_input(now + Duration::from_secs(1), Input::Timeout);
        let mut said = Vec::new();
        while let Some(output) = endpoint.poll_output() {
            if let Output::Event(event) = output {
                said.push(event);
            }
        }
        assert_eq!(said, [LegEvent::Ended { leg: broken, reason: EndReason::Failed }]);
        assert_eq!((endpoint.legs(), endpoint.transactions()), (1, 1));
        assert!(endpoint.legs.get(sound).is_some());
    }
}
