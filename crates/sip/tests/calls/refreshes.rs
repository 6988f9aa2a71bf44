//! Session timers in both roles (RFC 4028).

use model::{EndReason, LegCommand, LegEvent, LegId};
use sip::wire::{Method, Request, Response};

use crate::odd_callers::calling;
use crate::peer::{Bench, CARRIER, OFFER, Script, VENDOR, answer};
use crate::reoffers::dialled_call;
use crate::sessions::{OUT, SECOND, sdp};

const SDP: &str = "Content-Type: application/sdp";
const TARGET: &str = "Contact: <sip:v@203.0.113.99>";
const KNOWS: &str = "Supported: timer";

/// A call that was offered with these lines, answered and acknowledged; our 200.
fn answered(lines: &[&str]) -> (Bench, Script, LegId, Response) {
    let mut bench = Bench::new();
    let mut script = Script::new("timer");
    bench.hears(CARRIER, &script.invite(lines));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    let response = bench.response();
    script.learn(&response);
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    bench.said();
    (bench, script, leg, response)
}

#[test]
fn r30_an_interval_below_90_seconds_is_422_with_the_least_one() {
    for seconds in ["0", "60", "89"] {
        let mut bench = Bench::new();
        let line = format!("Session-Expires: {seconds}");
        bench.hears(CARRIER, &Script::new("brief").invite(&[&line, KNOWS]));
        let refusal = bench.response();
        assert_eq!((refusal.status, refusal.headers.get("Min-SE")), (422, Some("90")));
        assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 0));
    }
    let (mut bench, mut script, ..) = answered(&["Session-Expires: 90", KNOWS]);
    bench.hears(CARRIER, &script.request("UPDATE", &["Session-Expires: 60", KNOWS], ""));
    assert_eq!(bench.response().status, 422);
    bench.hears(CARRIER, &Script::new("faulty").invite(&["Session-Expires: soon"]));
    bench.offered(); // §8.2 of RFC 3261: what is malformed and not needed is ignored
}

#[test]
fn our_200_says_who_refreshes_and_how_often() {
    for (lines, granted, required) in [
        (vec!["Z: y"], None, false),
        (vec![KNOWS], None, false),
        (vec!["Session-Expires: 600", KNOWS], Some("600;refresher=uac"), true),
        (vec!["Session-Expires: 600;refresher=uac", KNOWS], Some("600;refresher=uac"), true),
        (vec!["Session-Expires: 600;refresher=uas", KNOWS], Some("600;refresher=uas"), false),
        (vec!["x: 300", "Min-SE: 300", KNOWS], Some("300;refresher=uac"), true),
        (vec!["x: 300", "Min-SE: 5", KNOWS], Some("300;refresher=uac"), true),
        // A proxy asked for a caller that knows no timer: we refresh.
        (vec!["Session-Expires: 90"], Some("90;refresher=uas"), false),
    ] {
        let (.., response) = answered(&lines);
        assert_eq!(response.headers.get("Session-Expires"), granted, "{lines:?}");
        assert_eq!(response.headers.has_token("Require", "timer"), required, "{lines:?}");
        assert!(response.headers.has_token("Supported", "timer"));
    }
}

#[test]
fn a_call_whose_interval_cannot_be_is_taken_and_runs_without_a_timer() {
    for lines in [
        // RFC 4028 §9: we must neither raise the interval nor go below Min-SE.
        vec!["Session-Expires: 100", "Min-SE: 300", KNOWS],
        vec!["Session-Expires: 100", "Min-SE: 300"],
        // §4: not below 90 s, and no 422 for a caller that would not understand it.
        vec!["Session-Expires: 30"],
        vec!["Session-Expires: 30;refresher=uac"],
    ] {
        let (mut bench, _, _, response) = answered(&lines);
        assert_eq!(response.headers.get("Session-Expires"), None, "{lines:?}");
        assert!(!response.headers.has_token("Require", "timer"));
        bench.pass(SECOND * 900);
        assert!(bench.requests().is_empty(), "nobody makes us refresh");
        assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 1), "{lines:?}");
    }
}

#[test]
fn r30_a_call_the_peer_does_not_refresh_ends_before_the_interval_does() {
    let (mut bench, _, leg, _) = answered(&["Session-Expires: 90;refresher=uac", KNOWS]);
    bench.pass(SECOND * 59);
    assert_eq!((bench.said(), bench.requests().len()), (vec![], 0));
    bench.pass(SECOND * 2); // a third of 90 s before its end
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::Lost }]);
    assert!(bench.requests().iter().all(|request| request.method == Method::Bye));
}

#[test]
fn a_refresh_of_the_peer_by_update_or_reinvite_keeps_the_call() {
    let expires = "Session-Expires: 90;refresher=uac";
    let (mut bench, mut script, leg, _) = answered(&[expires, KNOWS]);
    for round in 0..6 {
        bench.pass(SECOND * 45);
        if round % 2 == 0 {
            bench.hears(CARRIER, &script.request("UPDATE", &[expires, KNOWS], ""));
        } else {
            bench.hears(CARRIER, &script.invite(&[expires, KNOWS]));
            bench.command(LegCommand::Accept { leg, answer: sdp("answer") });
        }
        let response = bench.response();
        assert_eq!(response.headers.get("Session-Expires"), Some("90;refresher=uac"));
        if round % 2 == 1 {
            bench.hears(CARRIER, &script.request("ACK", &[], ""));
        }
        let ended = |event: &LegEvent| matches!(event, LegEvent::Ended { .. });
        assert!(!bench.said().iter().any(ended), "round {round}");
    }
    // A refresh that asks for no timer ends it (§9).
    bench.hears(CARRIER, &script.request("UPDATE", &[KNOWS], ""));
    bench.sent();
    bench.pass(SECOND * 600);
    assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 1));
}

fn refresh(bench: &mut Bench, seconds: u32) -> Request {
    bench.pass(SECOND * (seconds / 2 - 1));
    assert!(bench.requests().is_empty(), "too soon");
    bench.pass(SECOND * 2);
    bench.requests().remove(0)
}

#[test]
fn we_ask_for_a_timer_and_refresh_by_update_where_the_peer_takes_it() {
    let (_, invite) = calling();
    assert_eq!(invite.headers.get("Session-Expires"), Some("1800"));
    assert!(invite.headers.has_token("Supported", "timer"));
    let (mut bench, _) = dialled_call(&["Session-Expires: 600;refresher=uac", "Require: timer"]);
    for _ in 0..3 {
        let update = refresh(&mut bench, 600);
        assert!(update.method == Method::Update && update.body.is_empty());
        assert_eq!(update.headers.get("Session-Expires"), Some("600;refresher=uac"));
        let lines = ["Session-Expires: 600;refresher=uac", "Require: timer"];
        bench.hears(VENDOR, &answer(&update, 200, "v", &lines, ""));
        bench.sent();
    }
    assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 1));
}

#[test]
fn a_peer_without_update_is_refreshed_by_a_reinvite_with_the_same_bytes() {
    let lines = ["Session-Expires: 600;refresher=uas"];
    let (mut bench, _, _, _) = answered(&[&lines[..], &[KNOWS, "Allow: INVITE, BYE"]].concat());
    let again = refresh(&mut bench, 600);
    assert!(again.method == Method::Invite && again.body == sdp("answer").bytes());
    assert_eq!(again.headers.get("Session-Expires"), Some("600;refresher=uac"));
    bench.hears(CARRIER, &answer(&again, 200, "them", &[SDP], OFFER));
    assert_eq!(bench.said(), [], "nothing changed");
    assert_eq!(bench.requests().pop().expect("an ACK").method, Method::Ack);
}

#[test]
fn an_answer_to_a_refresh_that_is_another_one_is_said() {
    let lines = ["Session-Expires: 600;refresher=uas", KNOWS];
    let (mut bench, ..) = answered(&lines);
    let again = refresh(&mut bench, 600);
    bench.hears(CARRIER, &answer(&again, 200, "them", &[SDP], "v=0\ns=moved\n"));
    assert!(matches!(bench.said()[..], [LegEvent::Reanswered { answer: Some(_), .. }]));
}

#[test]
fn an_update_that_is_not_understood_is_followed_by_a_reinvite() {
    let (mut bench, _) = dialled_call(&["Session-Expires: 600;refresher=uac"]);
    let update = refresh(&mut bench, 600);
    bench.hears(VENDOR, &answer(&update, 501, "v", &[], ""));
    let again = bench.request();
    assert!(again.method == Method::Invite && again.body == sdp("offer").bytes());
}

#[test]
fn r30_a_refresh_nobody_answers_ends_the_call() {
    for status in [None, Some(481), Some(408)] {
        let (mut bench, _) = dialled_call(&["Session-Expires: 600;refresher=uac"]);
        let update = refresh(&mut bench, 600);
        match status {
            Some(status) => bench.hears(VENDOR, &answer(&update, status, "v", &[], "")),
            None => bench.pass(SECOND * 33),
        }
        assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Lost }]);
    }
}

#[test]
fn a_refused_refresh_is_tried_again_until_the_session_is_over() {
    let (mut bench, _) = dialled_call(&["Session-Expires: 600;refresher=uac"]);
    let mut tries = 0;
    while bench.endpoint.legs() == 1 && tries < 100 {
        bench.pass(SECOND);
        for request in bench.requests() {
            if request.method == Method::Update {
                tries += 1;
                bench.hears(VENDOR, &answer(&request, 403, "v", &[], ""));
            } else if request.method == Method::Bye {
                bench.hears(VENDOR, &answer(&request, 200, "v", &[], ""));
            }
        }
    }
    assert!((2..20).contains(&tries), "{tries}");
    assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Lost }]);
}

#[test]
fn an_interval_too_brief_for_the_peer_is_lengthened_a_few_times() {
    let (mut bench, mut invite) = calling();
    let mut least = 3600;
    let mut rounds = 0;
    loop {
        let line = format!("Min-SE: {least}");
        bench.hears(VENDOR, &answer(&invite, 422, "v", &[&line], ""));
        let next = bench.requests().into_iter().find(|one| one.method == Method::Invite);
        let Some(next) = next else { break };
        assert_eq!(next.headers.get("Session-Expires"), Some(&*least.to_string()));
        assert_eq!(next.headers.get("Min-SE"), Some(&*least.to_string()));
        assert!(next.body == invite.body && next.headers.call_id() == invite.headers.call_id());
        (invite, least, rounds) = (next, least * 2, rounds + 1);
    }
    assert!((1..6).contains(&rounds));
    assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Failed }]);
    let (mut bench, invite) = calling();
    bench.hears(VENDOR, &answer(&invite, 200, "v", &[TARGET, SDP, "Session-Expires: 5"], OFFER));
    bench.said();
    bench.sent();
    bench.pass(SECOND * 20);
    assert!(bench.requests().is_empty(), "no peer makes us refresh every other second");
}
