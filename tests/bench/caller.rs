//! Calls through the pure signalling endpoint, for callgrind: INVITE, 100, 200, ACK, BYE, 200, one
//! call after the other. No socket, no thread, and a clock that is an argument.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use model::{Chance, Instant, LegCommand, LegEvent, SessionDescription};
use sip::{
    Endpoint, Flow, Input, Limits, Listener, ListenerId, Output, Settings, Transport, Trunk,
};

/// A caller, and the endpoint that answers her.
pub(crate) struct Caller {
    endpoint: Endpoint,
    now: Instant,
    /// The tag of the last answer.
    tag: String,
}

impl Caller {
    pub(crate) fn new() -> Self {
        let endpoint = Endpoint::new(settings(), Chance::from_number(1));
        Self { endpoint, now: Instant::from_nanos(1_000_000_000), tag: String::new() }
    }

    /// One whole call.
    pub(crate) fn calls(&mut self, number: usize) {
        self.sends(&invite(number));
        self.sends(&within(number, 1, "ACK", &self.tag));
        self.sends(&within(number, 2, "BYE", &self.tag));
        self.now += BETWEEN_CALLS;
        while self.endpoint.deadline().is_some_and(|deadline| deadline <= self.now) {
            self.apply(Input::Timeout);
        }
    }

    fn sends(&mut self, text: &str) {
        let flow = Flow { listener: ListenerId(0), transport: Transport::Udp, remote: CALLER };
        self.apply(Input::Message { flow, bytes: Bytes::copy_from_slice(text.as_bytes()) });
    }

    /// Applies an input and what follows from it.
    fn apply(&mut self, input: Input) {
        self.endpoint.handle_input(self.now, input);
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Respond { bytes, .. } => self.hears(&bytes),
                Output::Event(LegEvent::Offered { leg, .. }) => {
                    let answer = SessionDescription::new(DESCRIPTION);
                    let command = LegCommand::Answer { leg, answer };
                    self.endpoint.handle_input(self.now, Input::Command(command));
                }
                _ => {}
            }
        }
    }

    /// Notes the tag of an answer.
    fn hears(&mut self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.lines().filter(|line| line.starts_with("To:"));
        if let Some((_, tag)) = lines.next().and_then(|line| line.split_once(";tag=")) {
            tag.clone_into(&mut self.tag);
        }
    }
}

fn settings() -> Settings {
    let trunk = Trunk {
        name: "bench".to_owned(),
        sources: vec![CALLER.ip().into()],
        address: None,
        account: None,
        from_user: None,
    };
    Settings {
        listeners: vec![Listener::at(ENGINE)],
        trunks: vec![trunk],
        servers: Vec::new(),
        users: Vec::new(),
        realm: "hotline.example".to_owned(),
        limits: Limits::default(),
    }
}

/// As `call.xml` has it.
fn invite(number: usize) -> String {
    let length = DESCRIPTION.len();
    format!(
        "INVITE sip:100@{ENGINE} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {CALLER};branch=z9hG4bK-{number}-0;rport\r\n\
         From: <sip:caller@127.250.1.2>;tag=7-{number}\r\n\
         To: <sip:100@{ENGINE}>\r\n\
         Call-ID: {number}-7@127.250.1.2\r\n\
         CSeq: 1 INVITE\r\n\
         Contact: <sip:caller@{CALLER};transport=UDP>\r\n\
         Max-Forwards: 70\r\n\
         Content-Type: application/sdp\r\n\
         Content-Length: {length}\r\n\r\n{DESCRIPTION}"
    )
}

fn within(number: usize, cseq: u32, method: &str, tag: &str) -> String {
    format!(
        "{method} sip:northline@{ENGINE};transport=udp SIP/2.0\r\n\
         Via: SIP/2.0/UDP {CALLER};branch=z9hG4bK-{number}-{cseq}{method};rport\r\n\
         From: <sip:caller@127.250.1.2>;tag=7-{number}\r\n\
         To: <sip:100@{ENGINE}>;tag={tag}\r\n\
         Call-ID: {number}-7@127.250.1.2\r\n\
         CSeq: {cseq} {method}\r\n\
         Max-Forwards: 70\r\n\
         Content-Length: 0\r\n\r\n"
    )
}

const ENGINE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 250, 1, 1)), 5060);
const CALLER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 250, 1, 2)), 5060);
/// Transactions live for 32 s, so that some five hundred calls' are there at any time.
const BETWEEN_CALLS: Duration = Duration::from_millis(64);
const DESCRIPTION: &str = "v=0\r\no=- 53655765 2353687637 IN IP4 127.250.1.2\r\ns=-\r\n\
    c=IN IP4 127.250.1.2\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtcp-mux\r\n";
