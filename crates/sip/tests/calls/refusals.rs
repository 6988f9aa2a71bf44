//! What is refused, with what, and that nothing is left of it.

use model::{LegCommand, LegEvent};
use sip::Served;
use sip::wire::Message;

use crate::peer::{Bench, CARRIER, STRANGER, Script, flow, settings};
use crate::sessions::{SECOND, sdp};

/// Sends one request outside a dialog and expects one final response without any event.
fn check(text: &str, status: u16) -> sip::wire::Response {
    let mut bench = Bench::new();
    bench.hears(CARRIER, text);
    let response = bench.response();
    assert_eq!(response.status, status);
    assert!(response.headers.to().expect("a To").tag().is_some(), "a final response has a tag");
    assert_eq!(bench.said(), []);
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
    response
}

#[test]
fn methods_nobody_serves_are_refused_with_what_is_served() {
    for method in ["MESSAGE", "SUBSCRIBE", "NOTIFY", "PUBLISH"] {
        let response = check(&Script::new("m").request(method, &[], ""), 405);
        let served = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE, REFER";
        assert_eq!(response.headers.get("Allow"), Some(served));
    }
    check(&Script::new("m").request("NONSENSE", &[], ""), 501);
    check(&Script::new("m").request("invite", &[], ""), 501);
}

#[test]
fn what_we_cannot_understand_is_named() {
    let response = check(&Script::new("f").invite(&["Require: 100rel, x, timer, y"]), 420);
    assert_eq!(response.headers.get("Unsupported"), Some("x, y"));
    let mut script = Script::new("f");
    script.uri = "nobody:knows-this".to_owned();
    check(&script.invite(&[]), 416);
    let contact = "Contact: <sip:caller@203.0.113.5>";
    let lines = [contact, "Content-Type: text/plain"];
    let response = check(&Script::new("f").request("INVITE", &lines, "hello"), 415);
    assert!(response.headers.has_token("Accept", "application/sdp"));
    check(&Script::new("f").invite(&["Content-Encoding: gzip"]), 415);
    check(&Script::new("f").request("INVITE", &[], ""), 400); // no Contact
}

#[test]
fn an_engine_for_this_machine_refuses_whoever_comes_from_elsewhere() {
    let mut settings = settings();
    settings.limits.served = Served::ThisMachine;
    settings.trunks[0].sources.push("127.0.0.0/8".parse().expect("a range"));
    let mut bench = Bench::with(settings);
    for source in [CARRIER, STRANGER, "[2001:db8::1]:5060", "[::ffff:192.0.2.9]:5060"] {
        for method in ["INVITE", "REGISTER", "OPTIONS", "BYE", "CANCEL", "MESSAGE"] {
            bench.hears(source, &Script::new("e").request(method, &[], ""));
            assert_eq!(bench.response().status, 403, "{method} from {source}");
        }
        bench.hears(source, &Script::new("e").request("ACK", &[], ""));
        assert_eq!(bench.sent(), [], "an ACK is never answered");
    }
    assert_eq!(
        (bench.said(), bench.endpoint.legs(), bench.endpoint.transactions()),
        (vec![], 0, 0)
    );
    for source in ["127.0.0.1:5060", "127.9.8.7:40000", "[::ffff:127.0.0.1]:5060"] {
        bench.hears(source, &Script::new(source).invite(&[]));
        assert!(matches!(&bench.said()[..], [LegEvent::Offered { .. }]), "{source}");
        bench.sent();
    }
}

#[test]
fn an_optional_body_of_another_kind_is_no_reason_to_refuse() {
    let mut bench = Bench::new();
    let lines = [
        "Contact: <sip:caller@203.0.113.5>",
        "Content-Type: application/pidf+xml",
        "Content-Disposition: render ; handling = optional",
    ];
    bench.hears(CARRIER, &Script::new("o").request("INVITE", &lines, "<x/>"));
    let said = bench.said();
    assert!(matches!(&said[..], [LegEvent::Offered { offer: None, .. }]));
}

#[test]
fn what_belongs_to_no_dialog_is_unknown() {
    for method in ["BYE", "INFO", "CANCEL", "PRACK", "UPDATE"] {
        check(&Script::new("d").request(method, &[], ""), 481);
    }
    let mut script = Script::new("d");
    script.to += ";tag=never-given";
    check(&script.invite(&[]), 481);
    let mut bench = Bench::new();
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    assert!(bench.sent().is_empty());
    assert_eq!(bench.endpoint.counters().stray_acks, 1);
}

#[test]
fn hops_run_out_only_for_what_must_go_on() {
    let mut script = Script::new("h");
    let last_hop = |text: String| text.replace("Max-Forwards: 70", "Max-Forwards: 0");
    check(&last_hop(script.request("OPTIONS", &[], "")), 200);
    script.uri = "sip:5550100@203.0.113.200".to_owned();
    check(&last_hop(script.request("OPTIONS", &[], "")), 483);
}

#[test]
fn options_say_what_we_can_and_not_who_we_are() {
    let response = check(&Script::new("o").request("OPTIONS", &[], ""), 200);
    assert!(response.headers.has_token("Accept", "application/sdp"));
    assert!(response.headers.get("Allow").is_some());
    assert!(
        response.headers.get("Server").is_none() && response.headers.get("User-Agent").is_none()
    );
}

#[test]
fn options_while_draining_send_a_proxy_to_another_node() {
    let mut bench = Bench::new();
    bench.apply(sip::Input::Drain);
    bench.hears(CARRIER, &Script::new("o").request("OPTIONS", &[], ""));
    let response = bench.response();
    assert_eq!((response.status, response.headers.get("Retry-After")), (503, Some("10")));
}

#[test]
fn malformed_requests_are_answered_with_the_reason_and_no_state() {
    let text = Script::new("x").invite(&[]);
    check(&text.replace("CSeq: 1 INVITE", "CSeq: 1 BYE"), 400);
    check(&text.replace("SIP/2.0\nVia", "SIP/3.0\nVia"), 505);
    check(&text.replace("Max-Forwards: 70", "Max-Forwards: 300"), 400);
    let long = "x".repeat(3000);
    check(&text.replace("INVITE sip:", &format!("INVITE sip:{long}")), 414);
    check(&Script::new("x").invite(&[&format!("X: {}", "y".repeat(66_000))]), 513);
}

#[test]
fn the_same_request_by_two_ways_is_merged() {
    let mut bench = Bench::new();
    let mut script = Script::new("merge");
    let first = script.invite(&[]);
    bench.hears(CARRIER, &first);
    bench.offered();
    bench.sent();
    bench.hears(CARRIER, &first.replace("branch=z9hG4bK", "branch=z9hG4bKother"));
    assert_eq!(bench.response().status, 482);
    bench.hears(CARRIER, &first); // a repetition is none
    assert_eq!(bench.said(), []);
    assert_eq!(bench.endpoint.legs(), 1);
}

#[test]
fn strangers_get_the_same_answer_whoever_they_claim_to_be() {
    let mut answers = Vec::new();
    for user in ["maria", "nobody", "caller"] {
        let mut bench = Bench::new();
        let mut script = Script::new("s");
        script.from = format!("<sip:{user}@198.51.100.66>;tag=them");
        bench.hears(STRANGER, &script.invite(&["P-Asserted-Identity: <sip:maria@192.0.2.1>"]));
        assert_eq!(bench.said(), []);
        assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
        let mut response = bench.response();
        for name in ["From", "To"] {
            response.headers.remove(name);
        }
        answers.push((response.status, response.headers));
    }
    assert_eq!(answers[0].0, 401);
    assert!(answers.iter().all(|answer| *answer == answers[0]));
}

#[test]
fn without_advocates_a_stranger_is_forbidden() {
    let mut bench = Bench::with(sip::Settings { users: Vec::new(), ..crate::peer::settings() });
    bench.hears(STRANGER, &Script::new("s").invite(&[]));
    assert_eq!(bench.response().status, 403);
    assert_eq!(bench.endpoint.counters().strangers, 1);
}

#[test]
fn an_old_sequence_number_is_refused_and_changes_nothing() {
    let (mut bench, mut script) = answered_call();
    script.cseq -= 1;
    let text = script.written("BYE", &[], "").replace("branch=z9hG4bK", "branch=z9hG4bKlate");
    bench.hears(CARRIER, &text);
    let response = bench.response();
    assert_eq!(response.status, 500);
    assert!(response.headers.get("Retry-After").is_some());
    assert_eq!(bench.endpoint.legs(), 1);
}

#[test]
fn another_from_tag_is_another_dialog() {
    let (mut bench, mut script) = answered_call();
    script.from = script.from.replace("tag=them", "tag=somebody-else");
    bench.hears(CARRIER, &script.request("BYE", &[], ""));
    assert_eq!(bench.response().status, 481);
    assert_eq!(bench.said(), []);
}

#[test]
fn a_second_offer_while_one_is_pending_has_to_wait() {
    let (mut bench, mut script) = answered_call();
    bench.hears(CARRIER, &script.invite(&[]));
    bench.said();
    bench.hears(CARRIER, &script.invite(&[]));
    let response = bench.response();
    assert_eq!(response.status, 500);
    let wait: u32 = response.headers.get("Retry-After").expect("a time").parse().expect("seconds");
    assert!(wait <= 10);
}

#[test]
fn an_offer_before_our_answer_is_acknowledged_glares() {
    let mut bench = Bench::new();
    let mut script = Script::new("glare");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.hears(CARRIER, &script.invite(&[]));
    assert_eq!(bench.response().status, 491);
}

#[test]
fn responses_go_where_rfc_3581_says() {
    for (via, port, received) in [
        ("10.0.0.9:5062", 5062, true), // no rport: the port it names, at its real address
        ("10.0.0.9", 5060, true),      // no port: the default
        ("10.0.0.9:5062;rport", 4000, true), // rport: where it really came from
        ("203.0.113.5:4000", 4000, false),
    ] {
        let mut bench = Bench::new();
        let mut script = Script::new("via");
        script.via = via.to_owned();
        bench.hears("203.0.113.5:4000", &script.request("OPTIONS", &[], ""));
        let sent = bench.sent();
        let [(to, Message::Response(response))] = &sent[..] else { panic!("one response") };
        let expected = flow(sip::Transport::Udp, &format!("203.0.113.5:{port}"));
        assert!(*to == expected, "{via}");
        let top = response.headers.top_via().expect("a Via");
        assert_eq!(top.received().is_some(), received, "{via}");
    }
}

#[test]
fn a_refusal_is_repeated_until_its_ack_which_is_absorbed() {
    let mut bench = Bench::new();
    let mut script = Script::new("g");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Refuse { leg, status: 486, retry_after: None });
    bench.pass(SECOND * 2);
    assert_eq!(bench.responses().len(), 3); // at 0, 0.5 and 1.5 s
    bench.said();
    let ack = script.written("ACK", &[], "");
    bench.hears(CARRIER, &ack);
    bench.hears(CARRIER, &ack);
    bench.pass(SECOND * 60);
    assert!(bench.sent().is_empty() && bench.said().is_empty());
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
    assert_eq!(bench.endpoint.counters().stray_acks, 0);
}

/// A call that was answered and acknowledged.
pub(crate) fn answered_call() -> (Bench, Script) {
    let mut bench = Bench::new();
    let mut script = Script::new("call");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    assert_eq!(bench.said(), [LegEvent::Answered { leg, answer: None }]);
    (bench, script)
}

#[test]
fn d1_nothing_of_a_message_prints() {
    let mut bench = Bench::new();
    let text = Script::new("canary").invite(&["Subject: canary"]).replace("5550100", "canary");
    let flow = flow(sip::Transport::Udp, CARRIER);
    let input = sip::Input::Message { flow, bytes: text.replace('\n', "\r\n").into() };
    let mut printed = format!("{input:?}");
    bench.endpoint.handle_input(bench.now, input);
    while let Some(output) = bench.endpoint.poll_output() {
        printed += &format!("{output:?}");
    }
    printed += &format!("{:?}", bench.endpoint);
    for secret in ["canary", "203.0.113", "v=0", "caller"] {
        assert!(!printed.contains(secret), "{secret}");
    }
}
