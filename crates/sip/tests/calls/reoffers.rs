//! Offers within a dialog, both ways: re-INVITE (RFC 3261 §14) and UPDATE (RFC 3311), and what
//! happens when two of them meet.

use std::time::Duration;

use model::{EndReason, LegCommand, LegEvent, LegId};
use sip::wire::{Method, Request};

use crate::odd_callers::calling;
use crate::peer::{Bench, CARRIER, OFFER, Script, VENDOR, answer};
use crate::refusals::answered_call;
use crate::sessions::{OUT, SECOND, is_received, sdp};

const SDP: &str = "Content-Type: application/sdp";
const TARGET: &str = "Contact: <sip:v@203.0.113.99>";

/// A call of ours that the vendor answered; it says that it takes UPDATE.
pub(crate) fn dialled_call(lines: &[&str]) -> (Bench, Request) {
    let (mut bench, invite) = calling();
    let mut all = vec![TARGET, SDP, "Allow: INVITE, UPDATE"];
    all.extend(lines);
    bench.hears(VENDOR, &answer(&invite, 200, "v", &all, OFFER));
    bench.said();
    bench.sent();
    (bench, invite)
}

fn reoffer(bench: &mut Bench, leg: LegId) {
    bench.command(LegCommand::Reoffer { leg, offer: sdp("hold") });
}

fn reanswered(bench: &mut Bench) -> Option<Option<model::SessionDescription>> {
    bench.said().into_iter().find_map(|event| match event {
        LegEvent::Reanswered { answer, .. } => Some(answer),
        _ => None,
    })
}

#[test]
fn our_reinvite_is_answered_acknowledged_and_said_once() {
    let (mut bench, invite) = dialled_call(&[]);
    reoffer(&mut bench, OUT);
    let again = bench.request();
    assert!(again.method == Method::Invite && again.body == sdp("hold").bytes());
    assert!(again.headers.call_id() == invite.headers.call_id());
    assert_eq!(again.headers.cseq().expect("a CSeq").number, 2);
    assert!(again.headers.get("Contact").is_some());
    let accepted = answer(&again, 200, "v", &[TARGET, SDP], "v=0\ns=held\n");
    for _ in 0..2 {
        bench.hears(VENDOR, &accepted);
        assert_eq!(bench.request().method, Method::Ack);
    }
    let said = bench.said();
    let [LegEvent::Reanswered { leg: OUT, answer: Some(given) }] = &said[..] else {
        panic!("once")
    };
    assert!(is_received(Some(given), "held"));
}

#[test]
fn the_leg_that_was_offered_may_be_offered_another_session_too() {
    let (mut bench, mut script) = answered_call();
    let leg = leg_of(&mut bench, &mut script);
    reoffer(&mut bench, leg);
    let again = bench.request();
    bench.hears(CARRIER, &answer(&again, 200, "them", &[SDP], OFFER));
    assert!(matches!(reanswered(&mut bench), Some(Some(_))));
}

/// The leg of an answered call, by a digit it sends.
fn leg_of(bench: &mut Bench, script: &mut Script) -> LegId {
    bench.hears(CARRIER, &script.request("INFO", &["Content-Type: application/dtmf"], "1"));
    bench.sent();
    match bench.said()[..] {
        [LegEvent::Digit { leg, .. }] => leg,
        _ => panic!("a digit"),
    }
}

#[test]
fn a_refused_reinvite_leaves_the_call_as_it_was() {
    for status in [488, 603, 500, 415] {
        let (mut bench, _) = dialled_call(&[]);
        reoffer(&mut bench, OUT);
        let again = bench.request();
        bench.hears(VENDOR, &answer(&again, status, "v", &[], ""));
        assert_eq!(bench.request().method, Method::Ack);
        assert_eq!(bench.said(), [LegEvent::Reanswered { leg: OUT, answer: None }]);
        bench.pass(SECOND * 60);
        assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 1));
        reoffer(&mut bench, OUT); // and another may follow
        assert_eq!(bench.request().method, Method::Invite);
    }
}

#[test]
fn a_peer_that_forgot_the_dialog_or_never_answers_has_lost_the_call() {
    for status in [Some(481), Some(408), None] {
        let (mut bench, _) = dialled_call(&[]);
        reoffer(&mut bench, OUT);
        let again = bench.request();
        match status {
            Some(status) => bench.hears(VENDOR, &answer(&again, status, "v", &[], "")),
            None => bench.pass(SECOND * 33),
        }
        assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Lost }]);
        assert!(bench.requests().iter().any(|request| request.method == Method::Bye));
    }
}

#[test]
fn a_glare_is_tried_again_after_the_time_of_each_side() {
    // §14.1: the side that made the Call-ID waits 2.1 to 4 s, the other one at most 2 s.
    let millis = Duration::from_millis;
    let (mut bench, mut script) = answered_call();
    let leg = leg_of(&mut bench, &mut script);
    let (ours, _) = dialled_call(&[]);
    for (mut bench, leg, source, least, most) in [
        (ours, OUT, VENDOR, millis(2100), millis(4000)),
        (bench, leg, CARRIER, millis(0), millis(2000)),
    ] {
        reoffer(&mut bench, leg);
        let first = bench.request();
        bench.hears(source, &answer(&first, 491, "x", &[], ""));
        assert!(bench.requests().iter().all(|one| one.method == Method::Ack));
        bench.pass(least.saturating_sub(millis(1)));
        assert!(bench.requests().is_empty(), "too soon");
        bench.pass(most - least + millis(2));
        let again = bench.requests();
        assert!(again[0].method == Method::Invite && again[0].body == first.body);
        assert!(again[0].headers.cseq() != first.headers.cseq());
        bench.hears(source, &answer(&again[0], 200, "x", &[SDP], OFFER));
        assert!(matches!(reanswered(&mut bench), Some(Some(_))));
    }
}

#[test]
fn a_glare_without_end_is_given_up_and_the_call_goes_on() {
    let (mut bench, _) = dialled_call(&[]);
    reoffer(&mut bench, OUT);
    let mut rounds = 0;
    while let Some(invite) = bench.requests().into_iter().find(|one| one.method == Method::Invite) {
        rounds += 1;
        assert!(rounds < 20, "for ever");
        bench.hears(VENDOR, &answer(&invite, 491, "v", &[], ""));
        bench.sent();
        bench.pass(SECOND * 4);
    }
    assert_eq!(bench.said(), [LegEvent::Reanswered { leg: OUT, answer: None }]);
    assert_eq!(bench.endpoint.legs(), 1);
}

#[test]
fn an_offer_that_meets_ours_gets_491_and_one_that_finds_ours_waiting_goes_first() {
    let (mut bench, mut script) = answered_call();
    let leg = leg_of(&mut bench, &mut script);
    reoffer(&mut bench, leg);
    let ours = bench.request();
    for method in ["INVITE", "UPDATE"] {
        bench
            .hears(CARRIER, &script.request(method, &["Contact: <sip:c@203.0.113.5>", SDP], OFFER));
        assert_eq!(bench.response().status, 491, "{method}");
        if method == "INVITE" {
            bench.hears(CARRIER, &script.written("ACK", &[], ""));
        }
    }
    bench.hears(CARRIER, &answer(&ours, 491, "them", &[], ""));
    bench.sent();
    bench.hears(CARRIER, &script.invite(&[]));
    let said = bench.said();
    assert!(matches!(
        &said[..],
        [LegEvent::Reoffered { offer: Some(_), .. }, LegEvent::Reanswered { answer: None, .. }]
    ));
    bench.pass(SECOND * 10);
    assert!(bench.requests().is_empty(), "ours was given up");
}

#[test]
fn an_offer_of_ours_while_the_peers_is_open_is_refused_at_once() {
    let (mut bench, mut script) = answered_call();
    bench.hears(CARRIER, &script.invite(&[]));
    let Some(LegEvent::Reoffered { leg, .. }) = bench.said().pop() else { panic!("a re-offer") };
    bench.sent();
    reoffer(&mut bench, leg);
    assert_eq!(bench.said(), [LegEvent::Reanswered { leg, answer: None }]);
    assert!(bench.requests().is_empty());
}

#[test]
fn an_offer_of_ours_waits_for_the_ack_of_our_200() {
    let mut bench = Bench::new();
    let mut script = Script::new("wait");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    reoffer(&mut bench, leg);
    bench.pass(SECOND * 2);
    assert!(bench.requests().is_empty());
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    bench.pass(SECOND / 2);
    assert_eq!(bench.request().method, Method::Invite);
}

#[test]
fn an_update_with_an_offer_is_answered_by_the_switchboard_and_one_without_at_once() {
    let (mut bench, mut script) = answered_call();
    let contact = "Contact: <sip:moved@203.0.113.5:5066>";
    bench.hears(CARRIER, &script.request("UPDATE", &[contact], ""));
    let response = bench.response();
    assert!(response.status == 200 && response.headers.get("Contact").is_some());
    assert_eq!(bench.said(), []);
    for (accepted, status) in [(true, 200), (false, 488)] {
        bench.hears(CARRIER, &script.request("UPDATE", &[contact, SDP], OFFER));
        let Some(LegEvent::Reoffered { leg, offer: Some(_) }) = bench.said().pop() else {
            panic!("a re-offer")
        };
        assert!(bench.responses().is_empty());
        bench.command(match accepted {
            true => LegCommand::Accept { leg, answer: sdp("answer") },
            false => LegCommand::RefuseOffer { leg },
        });
        let response = bench.response();
        assert_eq!((response.status, response.body.is_empty()), (status, !accepted));
        if !accepted {
            bench.command(LegCommand::End { leg });
            assert!(bench.request().uri.to_wire() == "sip:moved@203.0.113.5:5066");
        }
    }
}

#[test]
fn a_second_update_before_the_first_is_answered_has_to_wait() {
    let (mut bench, mut script) = answered_call();
    bench.hears(CARRIER, &script.request("UPDATE", &[SDP], OFFER));
    for body in [OFFER, ""] {
        bench.hears(CARRIER, &script.request("UPDATE", &[SDP], body));
        let response = bench.response();
        assert!(response.status == 500 && response.headers.get("Retry-After").is_some());
    }
    bench.hears(CARRIER, &script.invite(&[]));
    assert_eq!(bench.response().status, 500);
    // Nobody at the switchboard: the peer is not left without an answer.
    bench.pass(SECOND * 21);
    assert!(bench.responses().iter().any(|one| one.status == 488));
}

#[test]
fn every_request_in_an_early_dialog_gets_its_answer() {
    // The caller's early dialog.
    let mut bench = Bench::new();
    let mut script = Script::new("early");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Ring { leg });
    script.learn(&bench.response());
    for (method, body, status) in [
        ("OPTIONS", "", 200),
        ("UPDATE", "", 200),
        ("UPDATE", OFFER, 500), // its first offer has no answer yet
        ("PRACK", "", 400),
        ("INVITE", OFFER, 500),
        ("MESSAGE", "", 405),
        ("NONSENSE", "", 501),
        ("BYE", "", 200),
    ] {
        let contact = "Contact: <sip:caller@203.0.113.5>";
        bench.hears(CARRIER, &script.request(method, &[contact, SDP], body));
        let statuses: Vec<_> = bench.responses().iter().map(|one| one.status).collect();
        assert!(statuses.contains(&status), "{method}: {statuses:?}");
    }
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::HungUp }]);
}

#[test]
fn the_called_sides_requests_in_an_early_dialog_get_their_answers() {
    let (mut bench, invite) = calling();
    bench.hears(VENDOR, &answer(&invite, 183, "v", &[TARGET, SDP], OFFER));
    bench.said();
    let mut script = Script::new("theirs");
    script.call_id = invite.headers.call_id().expect("a Call-ID").to_owned();
    script.from = format!("{};tag=v", invite.headers.get("To").expect("a To"));
    script.to = invite.headers.get("From").expect("a From").to_owned();
    for (method, body, status) in [
        ("OPTIONS", "", 200),
        ("UPDATE", "", 200),
        ("UPDATE", OFFER, 491), // our offer has no reliable answer
        ("PRACK", "", 400),
        ("INVITE", OFFER, 491),
        ("BYE", "", 403),
    ] {
        bench.hears(VENDOR, &script.request(method, &[TARGET, SDP], body));
        assert_eq!(bench.response().status, status, "{method}");
    }
    script.from = script.from.replace("tag=v", "tag=stranger");
    bench.hears(VENDOR, &script.request("OPTIONS", &[], ""));
    assert_eq!(bench.response().status, 481);
    assert_eq!(bench.said(), []);
    bench.hears(VENDOR, &answer(&invite, 200, "v", &[TARGET, SDP], OFFER));
    assert!(matches!(bench.said()[..], [LegEvent::Answered { .. }]));
}

#[test]
fn a_settled_early_dialog_takes_our_offer_and_the_peers_by_update() {
    let (mut bench, invite) = calling();
    let lines = [TARGET, SDP, "Require: 100rel", "RSeq: 7", "Allow: INVITE, UPDATE, PRACK"];
    bench.hears(VENDOR, &answer(&invite, 183, "v", &lines, OFFER));
    let prack = bench.request();
    bench.hears(VENDOR, &answer(&prack, 200, "v", &[], ""));
    bench.said();
    reoffer(&mut bench, OUT);
    let update = bench.request();
    assert!(update.method == Method::Update && update.body == sdp("hold").bytes());
    bench.hears(VENDOR, &answer(&update, 200, "v", &[SDP], OFFER));
    assert!(matches!(reanswered(&mut bench), Some(Some(_))));
    let mut script = Script::new("theirs");
    script.call_id = invite.headers.call_id().expect("a Call-ID").to_owned();
    script.from = format!("{};tag=v", invite.headers.get("To").expect("a To"));
    script.to = invite.headers.get("From").expect("a From").to_owned();
    bench.hears(VENDOR, &script.request("UPDATE", &[TARGET, SDP], OFFER));
    assert!(matches!(bench.said()[..], [LegEvent::Reoffered { leg: OUT, offer: Some(_) }]));
    bench.command(LegCommand::Accept { leg: OUT, answer: sdp("answer") });
    assert_eq!(bench.response().status, 200);
    bench.hears(VENDOR, &answer(&invite, 200, "v", &[TARGET], ""));
    assert_eq!(bench.said(), [LegEvent::Answered { leg: OUT, answer: None }]);
}

#[test]
fn an_answer_to_our_offer_that_crosses_the_end_is_acknowledged_and_not_said() {
    let (mut bench, _) = dialled_call(&[]);
    reoffer(&mut bench, OUT);
    let again = bench.request();
    bench.command(LegCommand::End { leg: OUT });
    bench.said();
    bench.sent();
    bench.hears(VENDOR, &answer(&again, 200, "v", &[TARGET, SDP], OFFER));
    assert_eq!(bench.request().method, Method::Ack);
    assert_eq!(bench.said(), []);
}

#[test]
fn an_update_whose_body_cannot_be_read_is_refused_and_changes_nothing() {
    let odd = [
        (vec!["Content-Type: text/plain"], 415),
        (vec![SDP, "Content-Encoding: gzip"], 415),
        (vec!["Content-Type: multipart/mixed;boundary=b"], 400),
    ];
    for (lines, status) in odd {
        let (mut bench, mut script) = answered_call();
        bench.hears(CARRIER, &script.request("UPDATE", &lines, OFFER));
        assert_eq!((bench.response().status, bench.said()), (status, vec![]), "{lines:?}");
    }
}

#[test]
fn a_running_session_outlives_an_ack_that_owes_its_answer() {
    let (mut bench, mut script) = answered_call();
    let contact = "Contact: <sip:caller@203.0.113.5:5060>";
    bench.hears(CARRIER, &script.request("INVITE", &[contact], ""));
    let Some(LegEvent::Reoffered { leg, offer: None }) = bench.said().pop() else {
        panic!("our offer is asked for")
    };
    bench.command(LegCommand::Accept { leg, answer: sdp("our offer") });
    bench.sent();
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    assert_eq!(bench.said(), [LegEvent::Reanswered { leg, answer: None }]);
    assert!(bench.sent().is_empty(), "no BYE");
}
