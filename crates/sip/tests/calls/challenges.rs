//! Digest in both directions: advocates who call in, and carriers that challenge us.

use model::{AdvocateId, Chance, EndReason, LegCommand, LegEvent, Peer, Pii, Target, TrunkId};
use sip::digest::{self, Secret};
use sip::wire::{Method, Request, Response};

use crate::odd_callers::calling;
use crate::peer::{Bench, CARRIER, STRANGER, Script, VENDOR, answer};
use crate::sessions::{OUT, SECOND, dial, sdp};

/// The Authorization line with which `user` answers a 401.
pub(crate) fn authorization(
    challenge: &Response,
    user: &str,
    password: &str,
    method: &Method,
    uri: &str,
) -> String {
    let challenges = challenge.headers.challenges("WWW-Authenticate");
    let secret = Secret::new(password);
    let mut chance = Chance::from_number(7);
    let value = digest::answer(&challenges, user, &secret, method, uri, &mut chance, 1);
    format!("Authorization: {}", value.expect("a challenge we can answer"))
}

fn script_of(user: &str) -> Script {
    let mut script = Script::new("advocate");
    script.from = format!("<sip:{user}@192.0.2.1>;tag=them");
    script
}

/// Calls from `source` as `user` with `password`; the final answer to the second INVITE.
fn call_with_password(source: &str, user: &str, password: &str) -> (Bench, Option<Response>) {
    let mut bench = Bench::new();
    let mut script = script_of(user);
    bench.hears(source, &script.invite(&[]));
    let challenge = bench.response();
    assert_eq!(challenge.status, 401);
    let line = authorization(&challenge, user, password, &Method::Invite, &script.uri);
    bench.hears(source, &script.written("ACK", &[], ""));
    bench.hears(source, &script.invite(&[&line]));
    let last = bench.responses().pop();
    (bench, last)
}

#[test]
fn an_advocate_calls_in_with_her_password_from_anywhere() {
    for source in [STRANGER, CARRIER] {
        let (mut bench, refusal) = call_with_password(source, "maria", "maria-secret");
        assert!(refusal.is_none());
        let said = bench.said();
        let [LegEvent::Offered { from, .. }] = &said[..] else { panic!("an offer") };
        assert_eq!(*from, Peer::Advocate(AdvocateId(0)));
    }
}

#[test]
fn a_wrong_password_and_an_unknown_name_look_alike() {
    for (user, password) in [("maria", "guess"), ("nobody", "maria-secret")] {
        let (mut bench, refusal) = call_with_password(STRANGER, user, password);
        assert_eq!(refusal.map(|one| one.status), Some(401));
        assert_eq!((bench.said(), bench.endpoint.transactions()), (vec![], 0));
    }
}

#[test]
fn an_answer_to_a_challenge_opens_one_call_only() {
    let mut bench = Bench::new();
    let mut script = script_of("maria");
    bench.hears(STRANGER, &script.invite(&[]));
    let challenge = bench.response();
    let line = authorization(&challenge, "maria", "maria-secret", &Method::Invite, &script.uri);
    bench.hears(STRANGER, &script.invite(&[&line]));
    bench.offered();
    bench.sent();
    script.call_id = "replayed".to_owned();
    bench.hears(STRANGER, &script.invite(&[&line]));
    let replayed = bench.response();
    assert_eq!(replayed.status, 401);
    assert!(replayed.headers.get("WWW-Authenticate").expect("a challenge").contains("stale=true"));
}

/// One call with a password on a bench that lives on; whether it was offered.
fn tries(bench: &mut Bench, source: &str, number: usize, password: &str) -> bool {
    let mut script = script_of("maria");
    script.call_id = format!("try{number}");
    bench.hears(source, &script.invite(&[]));
    let challenge = bench.response();
    let line = authorization(&challenge, "maria", password, &Method::Invite, &script.uri);
    bench.hears(source, &script.invite(&[&line]));
    bench.sent();
    !bench.said().is_empty()
}

#[test]
fn guessing_stops_after_ten_tries_for_that_source_alone_and_for_a_minute() {
    let (mut bench, elsewhere) = (Bench::new(), "198.51.100.67:5060");
    for number in 0..10 {
        assert!(!tries(&mut bench, STRANGER, number, "guess"));
    }
    assert!(!tries(&mut bench, STRANGER, 10, "maria-secret"), "the eleventh is not looked at");
    assert!(tries(&mut bench, elsewhere, 11, "maria-secret"));
    bench.pass(SECOND * 61);
    assert!(tries(&mut bench, STRANGER, 12, "maria-secret"));
}

pub(crate) const CHALLENGE: &str =
    "Proxy-Authenticate: Digest realm=\"v\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth\"";
const STALE: &str = "Proxy-Authenticate: Digest realm=\"v\", nonce=\"n2\", algorithm=SHA-256, qop=\"auth\", stale=true";

fn challenged(bench: &mut Bench, request: &Request, line: &str) -> Vec<Request> {
    bench.hears(VENDOR, &answer(request, 407, "v", &[line], ""));
    bench.requests().into_iter().filter(|one| one.method != Method::Ack).collect()
}

#[test]
fn a_vendor_that_challenges_gets_the_account_of_its_trunk_once() {
    let (mut bench, invite) = calling();
    let again = challenged(&mut bench, &invite, CHALLENGE);
    let [second] = &again[..] else { panic!("one more INVITE") };
    let given = second.headers.get("Proxy-Authorization").expect("credentials");
    assert!(given.contains("username=\"hotline\"") && given.contains("nonce=\"n1\""));
    assert_eq!(second.headers.cseq().expect("a CSeq").number, 2);
    assert!(second.headers.call_id() == invite.headers.call_id() && second.body == invite.body);
    // The same nonce again means a wrong password.
    assert!(challenged(&mut bench, second, CHALLENGE).is_empty());
    assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Failed }]);
}

#[test]
fn a_stale_nonce_is_replaced_and_an_endless_chain_of_them_is_cut() {
    let (mut bench, mut request) = calling();
    let mut rounds = 0;
    for round in 0..20 {
        let line = STALE.replace("n2", &format!("nonce-{round}"));
        let Some(next) = challenged(&mut bench, &request, &line).pop() else { break };
        request = next;
        rounds = round + 1;
    }
    assert!((2..=4).contains(&rounds), "{rounds}");
    assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Failed }]);
}

#[test]
fn a_trunk_without_an_account_and_a_bare_uri_never_get_credentials() {
    for target in [
        Target::Number { trunk: TrunkId(0), number: Pii::new("1".to_owned()) },
        Target::Uri { trunk: None, uri: Pii::new("sip:v@203.0.113.99".to_owned()) },
    ] {
        let mut bench = Bench::new();
        let LegCommand::Dial { offer, display, .. } = dial("offer") else { unreachable!() };
        bench.command(LegCommand::Dial { leg: OUT, target, offer, display });
        let invite = bench.request();
        assert!(challenged(&mut bench, &invite, CHALLENGE).is_empty());
        assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::Failed }]);
    }
}

#[test]
fn a_caller_who_challenges_our_bye_gets_nothing_even_from_a_trunk_with_an_account() {
    for source in [CARRIER, VENDOR] {
        let mut bench = Bench::new();
        let mut script = Script::new("caller");
        bench.hears(source, &script.invite(&[]));
        let leg = bench.offered();
        bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
        script.learn(&bench.response());
        bench.hears(source, &script.request("ACK", &[], ""));
        bench.command(LegCommand::End { leg });
        let bye = bench.request();
        bench.hears(source, &answer(&bye, 407, "x", &[CHALLENGE], ""));
        assert!(bench.requests().is_empty());
        assert_eq!(bench.endpoint.legs(), 0);
    }
}

#[test]
fn a_vendor_may_challenge_the_bye_too() {
    let (mut bench, invite) = calling();
    let lines = ["Contact: <sip:v@203.0.113.99>", "Content-Type: application/sdp"];
    bench.hears(VENDOR, &answer(&invite, 200, "v", &lines, "v=0\n"));
    bench.sent();
    bench.command(LegCommand::End { leg: OUT });
    let bye = bench.request();
    let again = challenged(&mut bench, &bye, CHALLENGE);
    assert!(matches!(&again[..], [second] if second.method == Method::Bye));
    bench.hears(VENDOR, &answer(&again[0], 200, "v", &[], ""));
    assert_eq!(bench.endpoint.legs(), 0);
    bench.pass(SECOND * 60);
    assert_eq!(bench.endpoint.transactions(), 0);
}
