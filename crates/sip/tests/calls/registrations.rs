//! Advocates' phones: bindings, and calls to them.

use model::{AdvocateId, Contact, ContactId, LegCommand, LegEvent, Target};
use sip::wire::{Message, Method, Response};
use sip::{Input, Transport};

use crate::challenges::authorization;
use crate::peer::{Bench, OFFER, Script, answer, flow};
use crate::sessions::{OUT, SECOND, dial, sdp};

/// Where the phone sends from: a NAT, since its Contact says something else.
const NAT: &str = "198.51.100.66:40000";
const DESK: &str = "Contact: <sip:maria@10.0.0.7:5062>";
const SDP: &str = "Content-Type: application/sdp";
const HOME: &str = "Contact: <sip:maria@10.0.0.8>";

/// A phone that registers, with the answers to its challenges.
struct Phone {
    bench: Bench,
    script: Script,
    source: &'static str,
    transport: Transport,
}

impl Phone {
    fn new() -> Self {
        Self::over(Transport::Udp, Bench::new())
    }

    fn over(transport: Transport, bench: Bench) -> Self {
        let mut script = Script::new("register");
        script.from = "<sip:maria@192.0.2.1>;tag=them".to_owned();
        script.to = "<sip:maria@192.0.2.1>".to_owned();
        script.uri = "sip:192.0.2.1".to_owned();
        Self { bench, script, source: NAT, transport }
    }

    /// A REGISTER with these lines, with the right password.
    fn registers(&mut self, lines: &[&str]) -> Response {
        let (text, uri) = (self.script.request("REGISTER", lines, ""), self.script.uri.clone());
        self.bench.hears_over(self.transport, self.source, &text);
        let challenge = self.bench.response();
        assert_eq!(challenge.status, 401);
        let password = "maria-secret";
        let line = authorization(&challenge, "maria", password, &Method::Register, &uri);
        let mut all = lines.to_vec();
        all.push(&line);
        let text = self.script.request("REGISTER", &all, "");
        self.bench.hears_over(self.transport, self.source, &text);
        self.bench.response()
    }

    /// Lets time pass while the phone answers what it is asked.
    fn lives(&mut self, seconds: u32) {
        for _ in 0..seconds {
            self.bench.pass(SECOND);
            for request in self.bench.requests() {
                assert_eq!(request.method, Method::Options);
                self.bench.hears(self.source, &answer(&request, 200, "m", &[], ""));
            }
        }
    }

    /// The contacts the switchboard was told of since the last look.
    fn told(&mut self) -> Vec<Vec<ContactId>> {
        let contacts = |event| match event {
            LegEvent::ContactsChanged { advocate: AdvocateId(0), contacts } => {
                contacts.iter().map(|contact: &Contact| contact.id).collect()
            }
            other => panic!("{other:?}"),
        };
        self.bench.said().into_iter().map(contacts).collect()
    }

    fn dials(&mut self, id: ContactId) -> (sip::Flow, sip::wire::Request) {
        let LegCommand::Dial { offer, display, .. } = dial("offer") else { unreachable!() };
        let target = Target::Contact(id);
        self.bench.command(LegCommand::Dial { leg: OUT, target, offer, display });
        match self.bench.sent().pop() {
            Some((flow, Message::Request(request))) => (flow, request),
            _ => panic!("an INVITE"),
        }
    }
}

#[test]
fn several_contacts_are_kept_listed_and_removed() {
    let mut phone = Phone::new();
    let response = phone.registers(&[DESK, HOME]);
    assert_eq!(response.status, 200);
    let listed: Vec<_> = response.headers.all("Contact").collect();
    let expected = ["<sip:maria@10.0.0.7:5062>;expires=3600", "<sip:maria@10.0.0.8>;expires=3600"];
    assert!(listed == expected);
    let first = phone.told().pop().expect("told");
    assert_eq!(first.len(), 2);
    phone.registers(&[&format!("{DESK};expires=0")]);
    assert_eq!(phone.told(), [vec![first[1]]]);
    phone.registers(&["Contact: *", "Expires: 0"]);
    assert_eq!(phone.told(), [vec![]]);
    phone.bench.pass(SECOND * 40);
    assert!(phone.bench.endpoint.deadline().is_none());
}

#[test]
fn a_refreshed_contact_keeps_its_name_and_tells_nobody() {
    let mut phone = Phone::new();
    phone.registers(&[DESK, "Expires: 600"]);
    let first = phone.told();
    phone.lives(500);
    let response = phone.registers(&[DESK, "Expires: 600"]);
    assert!(response.headers.get("Contact") == Some("<sip:maria@10.0.0.7:5062>;expires=600"));
    assert_eq!((first.len(), phone.told().len()), (1, 0));
}

#[test]
fn a_phone_says_with_its_contact_whether_it_has_text() {
    let mut phone = Phone::new();
    let mut says = |tag: &str| {
        phone.registers(&[&format!("{DESK}{tag}")]);
        let said = phone.bench.said().pop();
        said.map(|event| match event {
            LegEvent::ContactsChanged { contacts, .. } => contacts[0].text,
            other => panic!("{other:?}"),
        })
    };
    assert_eq!(says(""), Some(false));
    assert_eq!(says(";audio;text"), Some(true));
    assert_eq!(says(";TEXT=\"TRUE\""), None, "nothing has changed");
    assert_eq!(says(";text=\"FALSE\""), Some(false));
    assert_eq!(says(";text=\"TRUE\""), Some(true));
    assert_eq!(says(";audio"), Some(false));
}

#[test]
fn a_contact_expires_by_itself() {
    let mut phone = Phone::new();
    phone.registers(&[DESK, "Expires: 120"]);
    let id = phone.told()[0][0];
    phone.lives(119);
    assert!(phone.told().is_empty());
    phone.bench.pass(SECOND * 2);
    assert_eq!(phone.told(), [vec![]]);
    let LegCommand::Dial { offer, display, .. } = dial("offer") else { unreachable!() };
    phone.bench.command(LegCommand::Dial { leg: OUT, target: Target::Contact(id), offer, display });
    assert!(matches!(phone.bench.said()[..], [LegEvent::Ended { .. }]));
}

#[test]
fn lifetimes_have_a_floor_and_a_ceiling() {
    let mut phone = Phone::new();
    let response = phone.registers(&[DESK, "Expires: 59"]);
    assert_eq!((response.status, response.headers.get("Min-Expires")), (423, Some("60")));
    let response = phone.registers(&[&format!("{DESK};expires=99999999")]);
    assert!(response.headers.get("Contact").expect("listed").ends_with(";expires=3600"));
    phone.told();
    let response = phone.registers(&[]);
    assert_eq!((response.status, response.headers.all("Contact").count()), (200, 1));
    assert!(phone.told().is_empty());
}

#[test]
fn a_faulty_register_changes_nothing_at_all() {
    let mut phone = Phone::new();
    phone.registers(&[DESK]);
    phone.told();
    for (lines, status) in [
        (vec!["Contact: *"], 400),
        (vec!["Contact: *", "Expires: 5"], 400),
        (vec![HOME, "Contact: <sip:maria@10.0.0.9>;expires=5"], 423),
    ] {
        assert_eq!(phone.registers(&lines).status, status);
        assert!(phone.told().is_empty());
    }
    phone.bench.pass(SECOND * 40); // until the transactions of those numbers are over
    phone.script.cseq = 0;
    assert_eq!(phone.registers(&[&format!("{DESK};expires=0")]).status, 500);
    assert!(phone.told().is_empty());
}

#[test]
fn contacts_have_a_cap() {
    let mut phone = Phone::new();
    let lines: Vec<_> = (0..9).map(|n| format!("Contact: <sip:maria@10.0.1.{n}>")).collect();
    let all: Vec<_> = lines.iter().map(String::as_str).collect();
    let response = phone.registers(&all);
    assert_eq!(response.status, 503);
    assert!(response.headers.get("Retry-After").is_some());
    assert!(phone.told().is_empty());
    assert_eq!(phone.registers(&all[..8]).status, 200);
}

#[test]
fn nobody_registers_for_another_advocate() {
    let mut phone = Phone::new();
    phone.script.to = "<sip:jo@192.0.2.1>".to_owned();
    assert_eq!(phone.registers(&[DESK]).status, 403);
    assert!(phone.told().is_empty());
}

#[test]
fn a_repeated_register_is_answered_again_and_not_challenged() {
    let mut phone = Phone::new();
    phone.registers(&[DESK]);
    phone.told();
    // The very same datagram: same nonce, same nc, same branch.
    let challenge = {
        let text = phone.script.request("REGISTER", &[DESK], "");
        phone.bench.hears(NAT, &text);
        phone.bench.response()
    };
    let uri = phone.script.uri.clone();
    let line = authorization(&challenge, "maria", "maria-secret", &Method::Register, &uri);
    let text = phone.script.request("REGISTER", &[DESK, &line], "");
    for _ in 0..3 {
        phone.bench.hears(NAT, &text);
        assert_eq!(phone.bench.response().status, 200);
    }
    assert!(phone.told().is_empty());
}

#[test]
fn a_phone_behind_a_nat_is_called_and_addressed_where_it_registered_from() {
    let mut phone = Phone::new();
    phone.registers(&[DESK]);
    let id = phone.told()[0][0];
    let (to, invite) = phone.dials(id);
    assert!(to == flow(Transport::Udp, NAT));
    assert!(invite.uri.to_wire() == "sip:maria@10.0.0.7:5062");
    let lines = [DESK, "Content-Type: application/sdp"];
    phone.bench.hears(NAT, &answer(&invite, 200, "m", &lines, "v=0\n"));
    phone.bench.command(LegCommand::End { leg: OUT });
    let sent = phone.bench.sent();
    assert_eq!(sent.len(), 2); // ACK and BYE
    assert!(sent.iter().all(|(to, _)| *to == flow(Transport::Udp, NAT)));
}

#[test]
fn a_phone_that_tells_its_own_address_is_called_at_the_port_it_names() {
    let mut phone = Phone::new();
    phone.registers(&["Contact: <sip:maria@198.51.100.66:5099>"]);
    let id = phone.told()[0][0];
    let (to, _) = phone.dials(id);
    assert!(to == flow(Transport::Udp, "198.51.100.66:5099"));
}

#[test]
fn a_phone_on_udp_is_asked_for_a_sign_of_life_every_25_seconds_where_it_registered_from() {
    let mut phone = Phone::new();
    phone.registers(&[DESK]);
    phone.bench.sent();
    for _ in 0..3 {
        phone.bench.pass(SECOND * 24);
        assert!(phone.bench.requests().is_empty());
        phone.bench.pass(SECOND);
        let sent = phone.bench.sent();
        let [(to, Message::Request(options))] = &sent[..] else { panic!("one OPTIONS") };
        assert!(*to == flow(Transport::Udp, NAT) && options.method == Method::Options);
        assert!(options.uri.to_wire() == "sip:maria@10.0.0.7:5062");
        // Any answer proves life.
        phone.bench.hears(NAT, &answer(options, 405, "m", &[], ""));
    }
    assert_eq!(phone.told().len(), 1);
}

#[test]
fn a_phone_that_does_not_answer_twice_in_a_row_is_no_contact_any_more() {
    let mut phone = Phone::new();
    phone.registers(&[DESK]);
    phone.told();
    for silent in [1, 1, 2] {
        phone.bench.pass(SECOND * 25 * silent);
        assert!(phone.told().is_empty());
        let last = phone.bench.requests().pop().expect("an OPTIONS");
        if silent == 1 {
            phone.bench.hears(NAT, &answer(&last, 200, "m", &[], ""));
        }
    }
    phone.bench.pass(SECOND * 25);
    assert_eq!(phone.told(), [vec![]]);
    phone.bench.pass(SECOND * 40);
    assert!(phone.bench.endpoint.deadline().is_none());
}

#[test]
fn a_phone_on_a_connection_is_not_asked_and_is_called_over_it() {
    let mut phone = Phone::over(Transport::Tcp, Bench::new());
    phone.registers(&[DESK]);
    phone.bench.pass(SECOND * 300);
    assert!(phone.bench.requests().is_empty());
    let id = phone.told()[0][0];
    assert!(phone.dials(id).0 == flow(Transport::Tcp, NAT));
}

#[test]
fn a_lost_connection_takes_its_contacts_along_and_no_others() {
    let mut phone = Phone::over(Transport::Tcp, Bench::new());
    phone.registers(&[DESK]);
    let by_tcp = phone.told()[0][0];
    let (to, _) = phone.dials(by_tcp);
    assert!(to == flow(Transport::Tcp, NAT));
    let mut other = Phone::over(Transport::Udp, phone.bench);
    other.script.call_id = "other".to_owned();
    other.registers(&[HOME]);
    let by_udp = other.told().pop().expect("told")[1];
    other.bench.apply(Input::FlowClosed { flow: flow(Transport::Tcp, NAT) });
    let said = other.bench.said();
    let gone = |event: &LegEvent| match event {
        LegEvent::ContactsChanged { contacts, .. } => contacts.iter().all(|one| one.id == by_udp),
        LegEvent::Ended { leg, .. } => *leg == OUT, // the INVITE that waited on the connection
        _ => false,
    };
    assert!(said.len() == 2 && said.iter().all(gone), "{said:?}");
}

/// RFC 5626 §5.3: the requests of a running call use the connection that the phone registered over.
#[test]
fn a_phone_that_reconnects_is_reached_in_its_call_over_its_new_connection() {
    let mut phone = Phone::over(Transport::Tcp, Bench::new());
    phone.registers(&[DESK]);
    let id = phone.told()[0][0];
    let (_, invite) = phone.dials(id);
    let ok = answer(&invite, 200, "m", &[DESK, "Content-Type: application/sdp"], "v=0\n");
    phone.bench.hears_over(Transport::Tcp, NAT, &ok);
    phone.bench.said();
    phone.bench.sent();
    phone.bench.apply(Input::FlowClosed { flow: flow(Transport::Tcp, NAT) });
    phone.told();
    phone.source = "198.51.100.66:40777";
    phone.script.call_id = "again".to_owned();
    phone.registers(&[DESK]);
    phone.bench.sent();
    phone.bench.command(LegCommand::End { leg: OUT });
    let sent = phone.bench.sent();
    let [(way, Message::Request(bye))] = &sent[..] else { panic!("a BYE") };
    assert!(bye.method == Method::Bye && *way == flow(Transport::Tcp, "198.51.100.66:40777"));
}

/// RFC 3261 §12.2.2: a phone that moved says so from where it is now, whatever its Via and Contact name.
#[test]
fn a_phone_that_moves_in_its_call_is_reached_where_it_went() {
    const THERE: &str = "198.51.100.67:41000";
    for method in ["INVITE", "UPDATE"] {
        let mut phone = Phone::new();
        phone.registers(&[DESK]);
        let id = phone.told()[0][0];
        let (_, invite) = phone.dials(id);
        let ok = answer(&invite, 200, "m", &[DESK, SDP], OFFER);
        phone.bench.hears(NAT, &ok);
        phone.bench.said();
        phone.bench.sent();
        let mut script = Script::new(invite.headers.call_id().expect("a Call-ID"));
        let us = invite.headers.get("From").expect("a From");
        (script.from, script.to) =
            (invite.headers.get("To").expect("a To").to_owned(), us.to_owned());
        script.from.push_str(";tag=m");
        let request = script.request(method, &["Contact: <sip:maria@10.0.0.9>", SDP], OFFER);
        phone.bench.hears(THERE, &request);
        assert!(matches!(phone.bench.said()[..], [LegEvent::Reoffered { .. }]), "{method}");
        phone.bench.command(LegCommand::Accept { leg: OUT, answer: sdp("answer") });
        if method == "INVITE" {
            phone.bench.hears(THERE, &script.request("ACK", &[], ""));
        }
        phone.bench.sent();
        phone.bench.command(LegCommand::End { leg: OUT });
        let sent = phone.bench.sent();
        let [(way, Message::Request(bye))] = &sent[..] else { panic!("a BYE") };
        assert!(bye.method == Method::Bye && *way == flow(Transport::Udp, THERE), "{method}");
    }
}

/// RFC 3261 §18.1.1, where no NAT forbids it.
#[test]
fn a_long_request_goes_by_tcp_to_a_phone_that_is_where_it_says() {
    for (contact, transport) in
        [("Contact: <sip:maria@198.51.100.66:40000>", Transport::Tcp), (DESK, Transport::Udp)]
    {
        let mut phone = Phone::new();
        phone.registers(&[contact]);
        let target = Target::Contact(phone.told()[0][0]);
        let offer = sdp(&"x".repeat(1300));
        phone.bench.command(LegCommand::Dial { leg: OUT, target, offer, display: String::new() });
        let (way, _) = phone.bench.sent().pop().expect("an INVITE");
        assert_eq!(way, flow(transport, NAT), "{contact}");
    }
}
