//! One endpoint against a peer that a test drives by hand, message by message.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use model::{AdvocateId, Chance, Instant, LegCommand, LegEvent, LegId};
use sip::digest::Secret;
use sip::wire::{Message, Request, Response};
use sip::{
    Account, Endpoint, Flow, Input, Limits, Listener, ListenerId, NextHop, Output, Settings,
    Transport, Trunk, User,
};

/// Our address.
pub(crate) const OWN: &str = "192.0.2.1:5060";
/// A source of trunk 0, which has no account.
pub(crate) const CARRIER: &str = "203.0.113.5:5060";
/// The address of trunk 1, which has one.
pub(crate) const VENDOR: &str = "203.0.113.99:5060";
/// A source nobody configured.
pub(crate) const STRANGER: &str = "198.51.100.66:40000";

/// The endpoint, the clock, and what came out.
pub(crate) struct Bench {
    pub(crate) endpoint: Endpoint,
    pub(crate) now: Instant,
    sent: Vec<(Flow, Message)>,
    said: Vec<LegEvent>,
    /// The servers whose addresses it asked for.
    pub(crate) questions: Vec<NextHop>,
    /// The connections that were closed.
    closed: Vec<Flow>,
    /// Whether what it hears may be damaged.
    pub(crate) hears_damage: bool,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn with(settings: Settings) -> Self {
        let endpoint = Endpoint::new(settings, Chance::from_number(42));
        let now = Instant::from_nanos(1_000_000_000);
        let (sent, said, questions, closed) = Default::default();
        Self { endpoint, now, sent, said, questions, closed, hears_damage: false }
    }

    /// Delivers a message over UDP; line ends are written as `\n`.
    pub(crate) fn hears(&mut self, source: &str, text: &str) {
        self.hears_over(Transport::Udp, source, text);
    }

    pub(crate) fn hears_over(&mut self, transport: Transport, source: &str, text: &str) {
        let bytes = Bytes::from(text.replace('\n', "\r\n"));
        self.apply(Input::Message { flow: flow(transport, source), bytes });
    }

    pub(crate) fn command(&mut self, command: LegCommand) {
        self.apply(Input::Command(command));
    }

    /// Lets time pass, deadline by deadline.
    pub(crate) fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        while let Some(at) = self.endpoint.deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.apply(Input::Timeout);
        }
        self.now = until;
    }

    pub(crate) fn apply(&mut self, input: Input) {
        if let Input::FlowClosed { flow } = input {
            self.closed.push(flow);
        }
        self.endpoint.handle_input(self.now, input);
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { flow, bytes } => self.send(flow, &bytes),
                Output::Respond { flow, otherwise, bytes } => {
                    let is_there = !self.closed.contains(&flow);
                    if let Some(flow) = Some(flow).filter(|_| is_there).or(otherwise) {
                        self.send(flow, &bytes);
                    }
                }
                Output::Event(event) => self.said.push(event),
                Output::LookUp(server) => self.questions.push(server),
                Output::CloseFlow { .. } => {}
            }
        }
    }

    fn send(&mut self, flow: Flow, bytes: &[u8]) {
        match Message::parse(bytes) {
            Ok(message) => self.sent.push((flow, message)),
            // A refusal copies what it refuses.
            Err(_) if self.hears_damage && is_refusal(bytes) => {}
            Err(_) => panic!("we write what we can read"),
        }
    }

    /// Everything sent since the last look.
    pub(crate) fn sent(&mut self) -> Vec<(Flow, Message)> {
        std::mem::take(&mut self.sent)
    }

    /// The one response sent since the last look, not counting 100.
    pub(crate) fn response(&mut self) -> Response {
        let mut responses: Vec<_> = self.responses();
        assert_eq!(responses.len(), 1, "one response");
        responses.remove(0)
    }

    /// The responses sent since the last look, not counting 100.
    pub(crate) fn responses(&mut self) -> Vec<Response> {
        let mut responses = self.all_responses();
        responses.retain(|response| response.status > 100);
        responses
    }

    /// Every response sent since the last look.
    pub(crate) fn all_responses(&mut self) -> Vec<Response> {
        let all = self.sent().into_iter().filter_map(|(_, message)| match message {
            Message::Response(response) => Some(response),
            Message::Request(_) => None,
        });
        all.collect()
    }

    /// The requests sent since the last look.
    pub(crate) fn requests(&mut self) -> Vec<Request> {
        let all = self.sent().into_iter().filter_map(|(_, message)| match message {
            Message::Request(request) => Some(request),
            Message::Response(_) => None,
        });
        all.collect()
    }

    /// The one request sent since the last look.
    pub(crate) fn request(&mut self) -> Request {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one request");
        requests.remove(0)
    }

    /// Everything said since the last look.
    pub(crate) fn said(&mut self) -> Vec<LegEvent> {
        std::mem::take(&mut self.said)
    }

    /// The leg offered since the last look.
    pub(crate) fn offered(&mut self) -> LegId {
        let said = self.said();
        let offers = said.iter().filter_map(crate::sessions::offered).collect::<Vec<_>>();
        assert_eq!(offers.len(), 1, "one offer");
        offers[0]
    }
}

/// A call as its hand-driven side sees it.
pub(crate) struct Script {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) via: String,
    pub(crate) uri: String,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
    requests: u32,
}

impl Script {
    pub(crate) fn new(call_id: &str) -> Self {
        Self {
            from: "<sip:caller@203.0.113.5>;tag=them".to_owned(),
            to: "<sip:5550100@192.0.2.1>".to_owned(),
            via: "203.0.113.5:5060".to_owned(),
            uri: "sip:5550100@192.0.2.1".to_owned(),
            call_id: call_id.to_owned(),
            cseq: 0,
            requests: 0,
        }
    }

    /// A new request with `lines` added to its head.
    pub(crate) fn request(&mut self, method: &str, lines: &[&str], body: &str) -> String {
        self.requests += 1;
        if !matches!(method, "ACK" | "CANCEL") {
            self.cseq += 1;
        }
        self.written(method, lines, body)
    }

    /// A request under the branch of the last one: CANCEL, ACK of a refusal, a repetition.
    pub(crate) fn written(&self, method: &str, lines: &[&str], body: &str) -> String {
        let Self { from, to, via, uri, call_id, cseq, requests } = self;
        let more: String = lines.iter().map(|line| format!("{line}\n")).collect();
        format!(
            "{method} {uri} SIP/2.0\nVia: SIP/2.0/UDP {via};branch=z9hG4bK{call_id}{requests}\n\
             Max-Forwards: 70\nFrom: {from}\nTo: {to}\nCall-ID: {call_id}\nCSeq: {cseq} {method}\n\
             {more}Content-Length: {}\n\n{body}",
            body.replace('\n', "\r\n").len()
        )
    }

    /// An INVITE with an offer.
    pub(crate) fn invite(&mut self, lines: &[&str]) -> String {
        let mut all =
            vec!["Contact: <sip:caller@203.0.113.5:5060>", "Content-Type: application/sdp"];
        all.extend(lines);
        self.request("INVITE", &all, OFFER)
    }

    /// Takes our tag over from a response.
    pub(crate) fn learn(&mut self, response: &Response) {
        self.to = response.headers.get("To").expect("a To").to_owned();
    }
}

/// A response to a request of ours, with `lines` added.
pub(crate) fn answer(
    request: &Request,
    status: u16,
    tag: &str,
    lines: &[&str],
    body: &str,
) -> String {
    let mut text = format!("SIP/2.0 {status} Whatever\n");
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] {
        for value in request.headers.all(name) {
            let tag = if name == "To" && !value.contains(";tag=") {
                format!(";tag={tag}")
            } else {
                String::new()
            };
            text += &format!("{name}: {value}{tag}\n");
        }
    }
    for line in lines {
        text += &format!("{line}\n");
    }
    text + &format!("Content-Length: {}\n\n{body}", body.replace('\n', "\r\n").len())
}

fn is_refusal(bytes: &[u8]) -> bool {
    bytes.starts_with(b"SIP/2.0 4") || bytes.starts_with(b"SIP/2.0 5")
}

pub(crate) const OFFER: &str = "v=0\ns=offer\n";

pub(crate) fn flow(transport: Transport, remote: &str) -> Flow {
    Flow { listener: ListenerId(0), transport, remote: address(remote) }
}

pub(crate) fn address(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

/// One carrier, one vendor with an account, two advocates.
pub(crate) fn settings() -> Settings {
    let trunk = |name: &str, source: &str, to: &str, account| Trunk {
        name: name.to_owned(),
        sources: vec![source.parse().expect("a range")],
        address: Some((address(to), Transport::Udp).into()),
        account,
        from_user: None,
    };
    let account =
        Account { username: "hotline".to_owned(), password: Secret::new("vendor-secret") };
    let user = |number: u32, name: &str| User {
        advocate: AdvocateId(number),
        username: name.to_owned(),
        password: Secret::new(format!("{name}-secret")),
    };
    Settings {
        listeners: vec![Listener { legacy_md5: true, ..Listener::at(address(OWN)) }],
        servers: Vec::new(),
        trunks: vec![
            trunk("carrier", "203.0.113.0/28", CARRIER, None),
            trunk("vendor", "203.0.113.99", VENDOR, Some(account)),
        ],
        users: vec![user(0, "maria"), user(1, "jo")],
        realm: "hotline.example".to_owned(),
        limits: Limits::default(),
    }
}
