//! The torture tests of RFC 4475 (49 messages) and RFC 5118 (12 messages) against the whole
//! endpoint, as datagrams and as streams. Each message is written anew from what its RFC says is
//! odd about it, and named as there.

mod applications;
mod invalid;
mod ipv6;
mod valid;

use model::{LegCommand, LegEvent};
use sip::wire::{Frame, Framer, Message};
use sip::{Input, Output, Transport};

use crate::peer::{Bench, CARRIER, Script, flow};
use crate::sessions::SECOND;

/// What is right to do with a message.
#[derive(Clone, Copy, Debug)]
enum Right {
    /// One final response with this status.
    Status(u16),
    /// A call.
    Offered,
    /// Neither response nor event: it is a response itself, or not complete.
    Nothing,
}

use Right::{Nothing, Offered, Status};

/// One message under its name: its head, its body, and what is right.
struct Case {
    name: &'static str,
    head: &'static str,
    body: &'static str,
    right: Right,
}

const fn case(name: &'static str, head: &'static str, body: &'static str, right: Right) -> Case {
    Case { name, head, body, right }
}

impl Case {
    /// The message; `LEN` stands for the length of its body.
    fn bytes(&self) -> Vec<u8> {
        let body = self.body.replace('\n', "\r\n");
        let head = self.head.replace('\n', "\r\n").replace("LEN", &body.len().to_string());
        format!("{head}\r\n{body}").into_bytes()
    }

    fn check(&self) {
        self.check_over(Transport::Udp, self.right);
        self.check_over(Transport::Tcp, self.right);
    }

    fn check_over(&self, transport: Transport, right: Right) {
        let (name, mut bench) = (self.name, Bench::new());
        let (mut statuses, mut said) = (Vec::new(), Vec::new());
        for bytes in cut(transport, &self.bytes()) {
            let input = Input::Message { flow: flow(transport, CARRIER), bytes: bytes.into() };
            bench.endpoint.handle_input(bench.now, input);
            while let Some(output) = bench.endpoint.poll_output() {
                match output {
                    Output::Transmit { bytes, .. } | Output::Respond { bytes, .. } => {
                        statuses.push(status(&bytes))
                    }
                    Output::Event(event) => said.push(event),
                    Output::CloseFlow { .. } | Output::LookUp(_) => {}
                }
            }
        }
        statuses.retain(|status| *status != 100);
        match right {
            Status(status) => assert_eq!((statuses, said.len()), (vec![status], 0), "{name}"),
            Nothing => assert_eq!((statuses, said.len()), (vec![], 0), "{name}"),
            Offered => {
                let [LegEvent::Offered { leg, .. }] = said[..] else { panic!("{name}: no offer") };
                assert!(statuses.is_empty(), "{name}");
                bench.command(LegCommand::Refuse { leg, status: 486, retry_after: None });
                bench.said();
            }
        }
        is_alive(&mut bench, name);
    }
}

/// The status of a response, which may copy what no parser reads.
fn status(bytes: &[u8]) -> u16 {
    let text = str::from_utf8(&bytes[8..11]).expect("ASCII");
    text.parse().expect("a status")
}

/// The messages of a datagram, or of a stream.
fn cut(transport: Transport, bytes: &[u8]) -> Vec<Vec<u8>> {
    if transport == Transport::Udp {
        return vec![bytes.to_vec()];
    }
    let (mut framer, mut messages) = (Framer::default(), Vec::new());
    framer.feed(bytes);
    while let Some(Ok(frame)) = framer.next() {
        if let Frame::Message(message) = frame {
            messages.push(message.to_vec());
        }
    }
    messages
}

/// Whether the endpoint still serves, and keeps nothing of what it was told.
fn is_alive(bench: &mut Bench, name: &str) {
    bench.pass(SECOND * 70);
    bench.sent();
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0), "{name}");
    bench.hears(CARRIER, &Script::new("alive").request("OPTIONS", &[], ""));
    let sent = bench.sent();
    let [(_, Message::Response(response))] = &sent[..] else { panic!("{name}: no answer") };
    assert_eq!(response.status, 200, "{name}");
}

fn check_all(cases: &[Case]) {
    for case in cases {
        case.check();
    }
}

const SDP: &str = "v=0\no=m 1 2 IN IP4 192.0.2.30\ns=-\nc=IN IP4 192.0.2.30\nt=0 0\n\
                   m=audio 49217 RTP/AVP 0 12\nm=video 3227 RTP/AVP 31\na=rtpmap:31 LPC\n";
