//! Reliable provisional responses in both roles (RFC 3262).

use std::time::Duration;

use model::{EndReason, LegCommand, LegEvent, LegId};
use sip::wire::{Method, Response};

use crate::challenges::CHALLENGE;
use crate::odd_callers::calling;
use crate::peer::{Bench, CARRIER, OFFER, Script, VENDOR, answer};
use crate::sessions::{OUT, SECOND, sdp};

const SDP: &str = "Content-Type: application/sdp";
const TARGET: &str = "Contact: <sip:v@203.0.113.99>";
const REQUIRES: &str = "Require: 100rel";
const SUPPORTS: &str = "Supported: 100rel";

/// An INVITE with these lines.
fn invited(lines: &[&str]) -> (Bench, Script, LegId) {
    let mut bench = Bench::new();
    let mut script = Script::new("rel");
    bench.hears(CARRIER, &script.invite(lines));
    let leg = bench.offered();
    bench.sent();
    (bench, script, leg)
}

fn statuses(bench: &mut Bench) -> Vec<u16> {
    bench.all_responses().iter().map(|response| response.status).collect()
}

fn early(bench: &mut Bench, leg: LegId) -> Response {
    bench.command(LegCommand::Progress { leg, description: sdp("early") });
    bench.response()
}

fn rseq(response: &Response) -> u32 {
    response.headers.rseq().expect("readable").expect("an RSeq")
}

/// The PRACK of `response` to the INVITE with number 1.
fn prack(script: &mut Script, response: &Response, body: &str) -> String {
    let rack = format!("RAck: {} 1 INVITE", rseq(response));
    script.request("PRACK", &[&rack, SDP], body)
}

#[test]
fn early_media_of_ours_goes_as_reliably_as_the_caller_knows_how() {
    for (line, reliable) in [("Z: y", false), (SUPPORTS, true), (REQUIRES, true)] {
        let (mut bench, _, leg) = invited(&[line]);
        let response = early(&mut bench, leg);
        assert_eq!((response.status, &response.body[..]), (183, sdp("early").bytes()));
        assert_eq!(response.headers.has_token("Require", "100rel"), reliable, "{line}");
        assert_eq!(response.headers.get("RSeq").is_some(), reliable);
        bench.pass(SECOND * 4);
        let repeated = if reliable { 3 } else { 0 }; // at 0.5, 1.5 and 3.5 s
        assert_eq!(bench.responses().len(), repeated);
    }
}

#[test]
fn an_invite_of_which_nobody_says_anything_gets_100_within_200_ms() {
    let mut bench = Bench::new();
    bench.hears(CARRIER, &Script::new("silent").invite(&[]));
    bench.pass(Duration::from_millis(199));
    assert_eq!(statuses(&mut bench), []);
    bench.pass(Duration::from_millis(1));
    assert_eq!(statuses(&mut bench), [100]);
    bench.pass(SECOND * 60);
    assert_eq!(statuses(&mut bench), [], "once");
}

#[test]
fn an_invite_that_rings_at_once_gets_no_100() {
    let mut bench = Bench::new();
    bench.hears(CARRIER, &Script::new("ringing").invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Ring { leg });
    bench.pass(SECOND * 90);
    assert_eq!(statuses(&mut bench), [180, 180]);
}

#[test]
fn ringing_is_reliable_only_for_a_caller_who_insists() {
    for (line, reliable) in [(SUPPORTS, false), (REQUIRES, true)] {
        let (mut bench, _, leg) = invited(&[line]);
        bench.command(LegCommand::Ring { leg });
        assert_eq!(bench.response().headers.get("RSeq").is_some(), reliable);
    }
}

#[test]
fn a_prack_stops_the_repetition_and_any_other_is_481() {
    let (mut bench, mut script, leg) = invited(&[SUPPORTS]);
    let response = early(&mut bench, leg);
    script.learn(&response);
    for rack in ["1 1 INVITE", "X 2 INVITE", "X 1 BYE"] {
        let wrong = rack.replace('X', &rseq(&response).to_string());
        bench.hears(CARRIER, &script.request("PRACK", &[&format!("RAck: {wrong}")], ""));
        assert_eq!(bench.response().status, 481, "{rack}");
    }
    let right = prack(&mut script, &response, "");
    bench.hears(CARRIER, &right);
    assert_eq!(bench.response().status, 200);
    bench.hears(CARRIER, &prack(&mut script, &response, ""));
    assert_eq!(bench.response().status, 481, "it is acknowledged already");
    bench.pass(SECOND * 50);
    assert!(bench.responses().is_empty());
}

#[test]
fn the_next_reliable_response_waits_for_the_prack_of_the_one_before() {
    let (mut bench, mut script, leg) = invited(&[REQUIRES]);
    bench.command(LegCommand::Ring { leg });
    let ringing = bench.response();
    script.learn(&ringing);
    bench.command(LegCommand::Progress { leg, description: sdp("early") });
    assert!(bench.responses().is_empty());
    bench.hears(CARRIER, &prack(&mut script, &ringing, ""));
    let responses = bench.responses();
    let statuses: Vec<_> = responses.iter().map(|one| one.status).collect();
    assert!(statuses.contains(&200) && statuses.contains(&183), "{statuses:?}");
    let second = responses.iter().find(|one| one.status == 183).expect("the 183");
    assert_eq!(rseq(second), rseq(&ringing) + 1);
}

#[test]
fn the_answer_waits_for_the_prack_and_says_nothing_twice() {
    let (mut bench, mut script, leg) = invited(&[SUPPORTS]);
    let response = early(&mut bench, leg);
    script.learn(&response);
    bench.command(LegCommand::Answer { leg, answer: sdp("early") });
    assert!(bench.responses().is_empty());
    bench.hears(CARRIER, &prack(&mut script, &response, ""));
    let responses = bench.responses();
    assert_eq!(responses.len(), 2);
    let accepted =
        |one: &&Response| one.headers.cseq().is_ok_and(|cseq| cseq.method == Method::Invite);
    let ok = responses.iter().find(accepted).expect("the 200");
    assert!(ok.status == 200 && ok.body.is_empty());
    script.cseq = 1;
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    assert_eq!(bench.said(), [LegEvent::Answered { leg, answer: None }]);
}

#[test]
fn a_caller_that_never_acknowledges_is_refused_in_time() {
    let (mut bench, _, leg) = invited(&[REQUIRES]);
    early(&mut bench, leg);
    bench.pass(SECOND * 31);
    assert_eq!(bench.said(), []);
    bench.pass(SECOND * 2);
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::Lost }]);
    assert!(bench.responses().iter().any(|one| one.status == 504));
    bench.pass(SECOND * 70);
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
}

#[test]
fn an_early_offer_of_ours_is_answered_in_the_prack() {
    let mut bench = Bench::new();
    let mut script = Script::new("rel");
    let lines = ["Contact: <sip:caller@203.0.113.5:5060>", SUPPORTS];
    bench.hears(CARRIER, &script.request("INVITE", &lines, ""));
    let leg = bench.offered();
    bench.sent();
    let response = early(&mut bench, leg);
    script.learn(&response);
    bench.hears(CARRIER, &prack(&mut script, &response, OFFER));
    assert!(matches!(bench.said()[..], [LegEvent::Progress { .. }]));
    bench.sent();
    bench.command(LegCommand::Answer { leg, answer: sdp("early") });
    assert!(bench.response().body.is_empty());
    script.cseq = 1;
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    assert_eq!(bench.said(), [LegEvent::Answered { leg, answer: None }]);
}

#[test]
fn an_early_offer_never_goes_unreliably() {
    let mut bench = Bench::new();
    let mut script = Script::new("rel");
    bench.hears(CARRIER, &script.request("INVITE", &["Contact: <sip:c@203.0.113.5>"], ""));
    let leg = bench.offered();
    bench.sent();
    assert!(early(&mut bench, leg).body.is_empty());
}

#[test]
fn a_further_offer_in_a_prack_is_answered_in_its_200_before_the_call_is() {
    let (mut bench, mut script, leg) = invited(&[SUPPORTS]);
    let response = early(&mut bench, leg);
    script.learn(&response);
    bench.hears(CARRIER, &prack(&mut script, &response, OFFER));
    assert!(matches!(bench.said()[..], [LegEvent::Reoffered { offer: Some(_), .. }]));
    bench.command(LegCommand::Answer { leg, answer: sdp("early") });
    assert!(bench.responses().is_empty());
    bench.command(LegCommand::Accept { leg, answer: sdp("again") });
    let responses = bench.responses();
    assert_eq!(responses.iter().map(|one| one.status).collect::<Vec<_>>(), [200, 200]);
    let bodies: Vec<_> = responses.iter().map(|one| one.body.is_empty()).collect();
    assert!(bodies.contains(&true) && bodies.contains(&false));
}

#[test]
fn a_lost_183_is_repeated_and_the_call_is_answered_in_early_media() {
    let (mut bench, mut script, leg) = invited(&[SUPPORTS]);
    let first = early(&mut bench, leg);
    bench.pass(SECOND);
    let again = bench.response();
    assert!(again.to_bytes() == first.to_bytes());
    script.learn(&again);
    bench.hears(CARRIER, &prack(&mut script, &again, ""));
    assert_eq!(bench.response().status, 200);
    bench.hears(CARRIER, &script.written("CANCEL", &[], "").replace("2 CANCEL", "1 CANCEL"));
    bench.said();
}

fn provisional(invite: &sip::wire::Request, tag: &str, status: u16, rseq: u32) -> String {
    let rseq = format!("RSeq: {rseq}");
    let lines = [TARGET, SDP, REQUIRES, &rseq];
    answer(invite, status, tag, &lines, OFFER)
}

#[test]
fn every_reliable_response_is_acknowledged_once_and_in_order() {
    let (mut bench, invite) = calling();
    assert!(invite.headers.has_token("Supported", "100rel"));
    let mut acknowledged = Vec::new();
    for rseq in [5, 5, 7, 4, 6, 6, 8, 7] {
        bench.hears(VENDOR, &provisional(&invite, "v", 183, rseq));
        for prack in bench.requests() {
            assert_eq!(prack.method, Method::Prack);
            acknowledged.push(prack.headers.get("RAck").expect("a RAck").to_owned());
            bench.hears(VENDOR, &answer(&prack, 200, "v", &[], ""));
        }
    }
    assert_eq!(acknowledged, ["5 1 INVITE", "6 1 INVITE", "7 1 INVITE"]);
    let said = bench.said();
    assert!(matches!(&said[..], [LegEvent::Progress { .. }]));
}

#[test]
fn each_fork_counts_for_itself_and_numbers_go_on_in_the_dialog_that_answers() {
    let (mut bench, invite) = calling();
    for (tag, rseq) in [("one", 9), ("two", 100)] {
        bench.hears(VENDOR, &provisional(&invite, tag, 183, rseq));
        let prack = bench.request();
        assert!(prack.headers.to().expect("a To").tag() == Some(tag));
        assert_eq!(prack.headers.cseq().expect("a CSeq").number, 2);
    }
    assert!(matches!(bench.said()[..], [LegEvent::Progress { .. }]), "one at a time");
    bench.hears(VENDOR, &answer(&invite, 200, "two", &[TARGET], ""));
    let said = bench.said();
    assert!(matches!(said[..], [LegEvent::Answered { answer: Some(_), .. }]), "its own answer");
    bench.sent();
    bench.command(LegCommand::End { leg: OUT });
    let bye = bench.request();
    assert!(bye.headers.to().expect("a To").tag() == Some("two"));
    assert_eq!(bye.headers.cseq().expect("a CSeq").number, 3);
}

#[test]
fn a_prack_that_is_challenged_goes_again_with_the_account_in_its_own_dialog() {
    let (mut bench, invite) = calling();
    for (tag, rseq) in [("one", 9), ("two", 100)] {
        bench.hears(VENDOR, &provisional(&invite, tag, 183, rseq));
        let prack = bench.request();
        bench.hears(VENDOR, &answer(&prack, 407, tag, &[CHALLENGE], ""));
        let again = bench.request();
        assert_eq!(again.method, Method::Prack);
        assert!(again.headers.get("Proxy-Authorization").is_some());
        assert!(again.headers.get("RAck") == prack.headers.get("RAck"));
        assert!(again.headers.to().expect("a To").tag() == Some(tag));
        assert_eq!(again.headers.cseq().expect("a CSeq").number, 3);
        bench.hears(VENDOR, &answer(&again, 407, tag, &[CHALLENGE], ""));
        assert!(bench.requests().is_empty(), "the same nonce again means a wrong password");
    }
    bench.hears(VENDOR, &answer(&invite, 200, "two", &[TARGET], ""));
    bench.sent();
    bench.command(LegCommand::End { leg: OUT });
    assert_eq!(bench.request().headers.cseq().expect("a CSeq").number, 4);
}

#[test]
fn an_early_dialog_that_is_over_gives_its_place_to_another() {
    let (mut bench, invite) = calling();
    for tag in ["one", "two"] {
        bench.hears(VENDOR, &answer(&invite, 183, tag, &[TARGET, SDP], OFFER));
    }
    assert_eq!(bench.said().len(), 1);
    bench.hears(VENDOR, &answer(&invite, 199, "one", &[], ""));
    assert!(matches!(bench.said()[..], [LegEvent::Progress { .. }]));
    bench.hears(VENDOR, &answer(&invite, 199, "two", &[], ""));
    assert_eq!(bench.said(), []);
}
