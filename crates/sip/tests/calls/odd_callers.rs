//! Callers and called parties that do what the RFCs allow and few do.

use model::{Digit, EndReason, LegCommand, LegEvent, LegId, Pii, Target, TrunkId};
use sip::wire::{Method, Request};

use crate::peer::{Bench, CARRIER, OFFER, Script, VENDOR, answer, flow};
use crate::refusals::answered_call;
use crate::sessions::{OUT, SECOND, dial, sdp};

/// Everything an offer says but its random name.
fn offer_of(from: &str, lines: &[&str]) -> String {
    let mut bench = Bench::new();
    let mut script = Script::new("c10");
    script.from = from.to_owned();
    bench.hears(CARRIER, &script.invite(lines));
    let said = bench.said();
    let [LegEvent::Offered { from, dialled, offer, .. }] = &said[..] else {
        panic!("one offer was expected");
    };
    let offer = offer.as_ref().map(|offer| offer.bytes().to_vec());
    format!("{from:?} {} {offer:?}", dialled.reveal())
}

#[test]
fn c10_every_form_of_a_caller_id_is_offered_alike() {
    let plain = offer_of("\"Ann\" <sip:+15550123@203.0.113.5>;tag=a", &[]);
    for (from, lines) in [
        ("<tel:+1-555-0123>;tag=a", &[][..]),
        ("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=a", &[]),
        ("sip:203.0.113.5;tag=a", &[]),
        ("\"Zo\u{eb}\" <sip:+15550123@203.0.113.5>;tag=a", &[]),
        ("<sip:+15550123@[2001:db8::9:1]>;tag=a", &[]),
        (
            "<sip:+15550123@203.0.113.5>;tag=a",
            &["Privacy: id", "P-Asserted-Identity: <sip:+15550123@203.0.113.5>"],
        ),
    ] {
        assert!(offer_of(from, lines) == plain, "{from}");
    }
}

#[test]
fn c10_a_latin_1_display_name_is_offered_like_any_other() {
    let mut bench = Bench::new();
    let text = Script::new("c10").invite(&[]).replace("From: <", "From: \"Zo@\" <");
    let mut bytes = text.replace('\n', "\r\n").into_bytes();
    let at = bytes.windows(4).position(|w| w == b"\"Zo@").expect("the name") + 3;
    bytes[at] = 0xEB;
    let flow = flow(sip::Transport::Udp, CARRIER);
    bench.apply(sip::Input::Message { flow, bytes: bytes.into() });
    bench.offered();
}

#[test]
fn an_invite_without_an_offer_is_answered_with_ours_and_the_ack_answers_it() {
    let mut bench = Bench::new();
    let mut script = Script::new("delayed");
    let contact = "Contact: <sip:caller@203.0.113.5:5060>";
    bench.hears(CARRIER, &script.request("INVITE", &[contact], ""));
    let said = bench.said();
    let [LegEvent::Offered { leg, offer: None, .. }] = said[..] else { panic!("a delayed offer") };
    bench.command(LegCommand::Answer { leg, answer: sdp("our offer") });
    script.learn(&bench.response());
    bench.hears(CARRIER, &script.request("ACK", &["Content-Type: application/sdp"], OFFER));
    let said = bench.said();
    assert!(matches!(&said[..], [LegEvent::Answered { answer: Some(_), .. }]));
}

#[test]
fn an_ack_that_leaves_our_offer_unanswered_ends_the_call() {
    let mut bench = Bench::new();
    let mut script = Script::new("delayed");
    let contact = "Contact: <sip:caller@203.0.113.5:5060>";
    bench.hears(CARRIER, &script.request("INVITE", &[contact], ""));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("our offer") });
    script.learn(&bench.response());
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::Failed }]);
    assert_eq!(bench.request().method, Method::Bye);
}

#[test]
fn a_caller_may_hold_and_resume_and_a_refused_hold_changes_nothing() {
    let (mut bench, mut script) = answered_call();
    for accepted in [true, false, true] {
        bench.hears(CARRIER, &script.invite(&[]));
        let said = bench.said();
        let [LegEvent::Reoffered { leg, offer: Some(_) }] = said[..] else { panic!("a re-offer") };
        let (command, status) = if accepted {
            (LegCommand::Accept { leg, answer: sdp("again") }, 200)
        } else {
            (LegCommand::RefuseOffer { leg }, 488)
        };
        bench.command(command);
        assert_eq!(bench.response().status, status);
        let ack =
            if accepted { script.request("ACK", &[], "") } else { script.written("ACK", &[], "") };
        bench.hears(CARRIER, &ack);
        assert_eq!(bench.said(), []);
    }
    bench.pass(SECOND * 60);
    assert_eq!(bench.said(), []);
    assert_eq!(bench.endpoint.legs(), 1);
}

#[test]
fn a_reinvite_taken_back_leaves_the_session_as_it_was() {
    let (mut bench, mut script) = answered_call();
    bench.hears(CARRIER, &script.invite(&[]));
    bench.said();
    bench.sent();
    bench.hears(CARRIER, &script.written("CANCEL", &[], ""));
    let statuses: Vec<_> = bench.responses().iter().map(|one| one.status).collect();
    assert!(statuses.contains(&200) && statuses.contains(&487), "{statuses:?}");
    bench.hears(CARRIER, &script.written("ACK", &[], ""));
    bench.hears(CARRIER, &script.request("BYE", &[], ""));
    assert!(matches!(bench.said()[..], [LegEvent::Ended { reason: EndReason::HungUp, .. }]));
}

#[test]
fn a_reinvite_without_an_ack_ends_the_call_in_time() {
    let (mut bench, mut script) = answered_call();
    bench.hears(CARRIER, &script.invite(&[]));
    let said = bench.said();
    let [LegEvent::Reoffered { leg, .. }] = said[..] else { panic!("a re-offer") };
    bench.command(LegCommand::Accept { leg, answer: sdp("again") });
    bench.pass(SECOND * 33);
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::Lost }]);
    assert!(bench.requests().iter().any(|request| request.method == Method::Bye));
}

#[test]
fn r28_our_200_is_repeated_from_t1_on_until_its_ack_and_a_bye_waits_for_it() {
    let mut bench = Bench::new();
    let mut script = Script::new("200");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.pass(SECOND * 8);
    assert_eq!(bench.responses().len(), 4); // at 0.5, 1.5, 3.5 and 7.5 s
    bench.command(LegCommand::End { leg });
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::Released }]);
    assert!(bench.requests().is_empty(), "no BYE before the ACK");
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    assert_eq!(bench.request().method, Method::Bye);
}

#[test]
fn digits_in_both_forms_of_info_are_heard() {
    let (mut bench, mut script) = answered_call();
    for (kind, body) in
        [("application/dtmf-relay", "Signal=5\nDuration=160\n"), ("application/dtmf", "5")]
    {
        let content = format!("Content-Type: {kind}");
        bench.hears(CARRIER, &script.request("INFO", &[&content], body));
        assert_eq!(bench.response().status, 200);
        let said = bench.said();
        let five = Digit::from_char('5').expect("a key");
        assert!(matches!(said[..], [LegEvent::Digit { digit, .. }] if digit == five));
    }
    bench.hears(CARRIER, &script.request("INFO", &["Content-Type: text/plain"], "5"));
    assert_eq!(bench.response().status, 415);
    bench.hears(CARRIER, &script.request("INFO", &["Content-Type: application/dtmf"], "flash"));
    assert_eq!(bench.response().status, 400);
    bench.hears(CARRIER, &script.request("OPTIONS", &[], ""));
    assert_eq!(bench.response().status, 200);
    bench.hears(CARRIER, &script.request("REFER", &["Refer-To: <sip:x@y>"], ""));
    assert_eq!(bench.response().status, 603);
}

/// An INVITE of ours to the vendor, as it left.
pub(crate) fn calling() -> (Bench, Request) {
    let mut bench = Bench::new();
    let number = Pii::new("18005550199".to_owned());
    let target = Target::Number { trunk: TrunkId(1), number };
    let LegCommand::Dial { offer, display, .. } = dial("offer") else { unreachable!() };
    bench.command(LegCommand::Dial { leg: OUT, target, offer, display });
    let invite = bench.request();
    (bench, invite)
}

#[test]
fn i8_an_outbound_invite_names_nobody_but_the_hotline() {
    let (_, invite) = calling();
    let headers = &invite.headers;
    let from = headers.get("From").expect("a From");
    assert!(from.starts_with("\"Northline\" <sip:northline@192.0.2.1>;tag="));
    assert_eq!(headers.get("Contact"), Some("<sip:northline@192.0.2.1:5060;transport=udp>"));
    let names: Vec<_> = headers.iter().map(|(name, _)| name).collect();
    let expected = [
        "Via",
        "Max-Forwards",
        "From",
        "To",
        "Call-ID",
        "CSeq",
        "Contact",
        "Allow",
        "Supported",
        "Session-Expires",
        "Min-SE",
        "Content-Type",
        "Content-Length",
    ];
    assert_eq!(names, expected);
}

#[test]
fn early_media_of_the_first_fork_counts_and_the_first_200_wins() {
    let (mut bench, invite) = calling();
    let sdp_line = "Content-Type: application/sdp";
    let contact = "Contact: <sip:v@203.0.113.99>";
    for tag in ["one", "two", "one"] {
        bench.hears(VENDOR, &answer(&invite, 183, tag, &[sdp_line, contact], "v=0\ns=early\n"));
    }
    assert!(matches!(&bench.said()[..], [LegEvent::Progress { leg: OUT, .. }]));
    for tag in ["two", "one"] {
        bench.hears(VENDOR, &answer(&invite, 200, tag, &[sdp_line, contact], "v=0\ns=final\n"));
    }
    assert!(matches!(&bench.said()[..], [LegEvent::Answered { leg: OUT, answer: Some(_) }]));
    let sent: Vec<_> = bench
        .requests()
        .into_iter()
        .map(|one| (one.method.clone(), one.headers.to().expect("a To").tag().map(str::to_owned)))
        .collect();
    let to = |method: Method, tag: &str| (method, Some(tag.to_owned()));
    assert!(sent.contains(&to(Method::Ack, "two")));
    assert!(sent.contains(&to(Method::Ack, "one")));
    assert!(sent.contains(&to(Method::Bye, "one")));
    assert_eq!(sent.len(), 3);
    // Each repetition of a 200 gets its ACK again, and nothing else.
    for tag in ["one", "two"] {
        bench.hears(VENDOR, &answer(&invite, 200, tag, &[sdp_line, contact], "v=0\ns=final\n"));
        assert_eq!(bench.request().method, Method::Ack);
    }
    assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 1));
}

#[test]
fn a_200_without_any_answer_ends_the_call() {
    let (mut bench, invite) = calling();
    bench.hears(VENDOR, &answer(&invite, 200, "v", &["Contact: <sip:v@203.0.113.99>"], ""));
    assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Failed }]);
    let methods: Vec<_> = bench.requests().into_iter().map(|one| one.method).collect();
    assert_eq!(methods, [Method::Ack, Method::Bye]);
}

#[test]
fn a_peer_that_rings_for_ever_is_cancelled_at_timer_c() {
    let (mut bench, invite) = calling();
    bench.hears(VENDOR, &answer(&invite, 180, "v", &[], ""));
    bench.said();
    bench.pass(SECOND * 179);
    assert_eq!(bench.said(), []);
    bench.pass(SECOND * 2);
    assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::NoAnswer }]);
    assert!(bench.requests().iter().any(|request| request.method == Method::Cancel));
    bench.pass(SECOND * 70);
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
}

#[test]
fn a_cancel_that_leads_to_nothing_leaves_nothing_behind() {
    let (mut bench, invite) = calling();
    bench.hears(VENDOR, &answer(&invite, 180, "v", &[], ""));
    bench.command(LegCommand::End { leg: OUT });
    let requests = bench.requests();
    let cancel = requests.iter().find(|request| request.method == Method::Cancel);
    bench.hears(VENDOR, &answer(cancel.expect("a CANCEL"), 200, "v", &[], ""));
    bench.pass(SECOND * 70);
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
}

#[test]
fn a_peer_that_does_not_know_the_call_of_our_digit_is_gone_and_any_other_answer_is_none() {
    for (status, expected) in [(415, vec![]), (408, vec![]), (481, vec![EndReason::Lost])] {
        let (mut bench, invite) = calling();
        let lines = ["Contact: <sip:v@203.0.113.99>", "Content-Type: application/sdp"];
        bench.hears(VENDOR, &answer(&invite, 200, "v", &lines, "v=0\n"));
        bench.said();
        let digit = Digit::from_char('5').expect("a key");
        bench.command(LegCommand::SendDigit { leg: OUT, digit });
        let requests = bench.requests();
        let info = requests.iter().find(|request| request.method == Method::Info);
        bench.hears(VENDOR, &answer(info.expect("an INFO"), status, "v", &[], ""));
        let ended = |reason| LegEvent::Ended { leg: OUT, reason };
        let expected: Vec<_> = expected.into_iter().map(ended).collect();
        assert_eq!(bench.said(), expected, "{status}");
    }
}

#[test]
fn requests_follow_the_route_set_loosely_and_strictly() {
    for (route, uri, routes) in [
        (
            "<sip:203.0.113.98;lr>",
            "sip:v@203.0.113.99",
            vec!["<sip:203.0.113.98;lr>", "<sip:203.0.113.97;lr>"],
        ),
        (
            "<sip:203.0.113.98>",
            "sip:203.0.113.98",
            vec!["<sip:203.0.113.97;lr>", "<sip:v@203.0.113.99>"],
        ),
    ] {
        let (mut bench, invite) = calling();
        let recorded = format!("Record-Route: <sip:203.0.113.97;lr>, {route}");
        let lines = ["Contact: <sip:v@203.0.113.99>", &recorded, "Content-Type: application/sdp"];
        bench.hears(VENDOR, &answer(&invite, 200, "v", &lines, "v=0\n"));
        bench.command(LegCommand::End { leg: OUT });
        for (to, message) in bench.sent() {
            let sip::wire::Message::Request(request) = message else { panic!("requests only") };
            assert!(to == flow(sip::Transport::Udp, "203.0.113.98:5060"));
            assert!(request.uri.to_wire() == uri, "{route}");
            let written: Vec<_> = request.headers.all("Route").collect();
            assert!(written == routes, "{route}");
        }
    }
}

#[test]
fn a_leg_that_cannot_go_anywhere_ends_at_once() {
    let mut bench = Bench::new();
    let uri = |text: &str| Target::Uri { trunk: None, uri: Pii::new(text.to_owned()) };
    for target in [
        Target::Contact(model::ContactId(1)),
        uri("sip:v@vendor.example"),
        uri("tel:+15550100"),
        uri("nonsense"),
        uri("sip:v@[2001:db8::1]"), // no listener of that family
        Target::Number { trunk: TrunkId(9), number: Pii::new("1".to_owned()) },
    ] {
        let dial =
            LegCommand::Dial { leg: LegId(2), target, offer: sdp("o"), display: String::new() };
        bench.command(dial);
        let ended = LegEvent::Ended { leg: LegId(2), reason: EndReason::Unreachable };
        assert_eq!(bench.said(), [ended]);
    }
    assert!(bench.sent().is_empty());
}

#[test]
fn an_element_of_rfc_2543_is_matched_without_the_magic_cookie() {
    let mut bench = Bench::new();
    let mut script = Script::new("old");
    let old = |text: String| text.replace("branch=z9hG4bK", "branch=");
    bench.hears(CARRIER, &old(script.invite(&[])));
    let leg = bench.offered();
    bench.sent();
    bench.hears(CARRIER, &old(script.written("CANCEL", &[], "")));
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::HungUp }]);
    let responses = bench.responses();
    let refusal = responses.iter().find(|one| one.status == 487).expect("a 487");
    script.learn(refusal);
    bench.hears(CARRIER, &old(script.written("ACK", &[], "")));
    bench.pass(SECOND * 40);
    assert!(bench.sent().is_empty());
    assert_eq!(bench.endpoint.transactions(), 0);
}

#[test]
fn a_dialog_outlives_its_connection() {
    let mut bench = Bench::new();
    let (tcp, source) = (sip::Transport::Tcp, "203.0.113.5:45000");
    let mut script = Script::new("tcp");
    let text = script.invite(&[]).replace(":5060>", ":5060;transport=tcp>");
    bench.hears_over(tcp, source, &text);
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.hears_over(tcp, source, &script.request("ACK", &[], ""));
    bench.said();
    let probe = LegCommand::Probe { leg, within: SECOND };
    bench.command(probe.clone());
    let sent = bench.sent();
    assert!(sent.iter().all(|(to, _)| *to == flow(tcp, source)));
    bench.apply(sip::Input::FlowClosed { flow: flow(tcp, source) });
    bench.pass(SECOND * 2);
    assert_eq!(bench.said(), [LegEvent::Probed { leg, alive: false }]);
    bench.sent();
    bench.command(probe);
    let sent = bench.sent();
    assert!(sent.len() == 1 && sent[0].0 == flow(tcp, CARRIER));
}

#[test]
fn r49_an_ipv6_peer_is_called_from_our_ipv6_address() {
    let mut settings = crate::peer::settings();
    let advertised = crate::peer::address("[2001:db8::1]:5060");
    settings.listeners.push(sip::Listener::at(advertised));
    let mut bench = Bench::with(settings);
    let uri = Pii::new("sip:v@[2001:db8::2]:5070".to_owned());
    let target = Target::Uri { trunk: None, uri };
    bench.command(LegCommand::Dial { leg: OUT, target, offer: sdp("o"), display: String::new() });
    let sent = bench.sent();
    let [(to, sip::wire::Message::Request(invite))] = &sent[..] else { panic!("one INVITE") };
    assert_eq!(
        (to.listener, to.remote),
        (sip::ListenerId(1), "[2001:db8::2]:5070".parse().expect("an address"))
    );
    let contact = invite.headers.get("Contact");
    assert_eq!(contact, Some("<sip:northline@[2001:db8::1]:5060;transport=udp>"));
    assert!(
        invite
            .headers
            .get("From")
            .expect("a From")
            .starts_with("<sip:northline@[2001:db8::1]>;tag=")
    );
}

#[test]
fn a_tel_uri_names_the_dialled_number() {
    let mut bench = Bench::new();
    let mut script = Script::new("tel");
    script.uri = "tel:+1-800-555-0100;phone-context=example.com".to_owned();
    bench.hears(CARRIER, &script.invite(&[]));
    let said = bench.said();
    let [LegEvent::Offered { dialled, .. }] = &said[..] else { panic!("an offer") };
    assert!(dialled.reveal() == "+1-800-555-0100");
}
