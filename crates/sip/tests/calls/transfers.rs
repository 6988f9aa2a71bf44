//! What an advocate's phone may do with her call and nobody else's: REFER (RFC 3515) and Replaces
//! (RFC 3891).

use model::{EndReason, LegCommand, LegEvent, LegId, Target};
use sip::wire::{Method, Request, Response};

use crate::challenges::authorization;
use crate::odd_callers::calling;
use crate::peer::{Bench, CARRIER, STRANGER, Script, VENDOR, answer};
use crate::refusals::answered_call;
use crate::sessions::{OUT, SECOND, dial, sdp};

const PHONE: &str = "Contact: <sip:maria@198.51.100.66:40000>";
const SDP: &str = "Content-Type: application/sdp";
const TARGET: &str = "Refer-To: <sip:+15550199@192.0.2.1>";

fn script_of(user: &str, call_id: &str) -> Script {
    let mut script = Script::new(call_id);
    script.from = format!("<sip:{user}@192.0.2.1>;tag={call_id}");
    script
}

/// An INVITE with the right password.
fn invites(bench: &mut Bench, script: &mut Script, user: &str, lines: &[&str]) {
    let mut all = vec![PHONE, SDP];
    all.extend(lines);
    bench.hears(STRANGER, &script.request("INVITE", &all, "v=0\n"));
    let challenge = bench.response();
    let password = format!("{user}-secret");
    let line = authorization(&challenge, user, &password, &Method::Invite, &script.uri);
    all.push(&line);
    bench.hears(STRANGER, &script.request("INVITE", &all, "v=0\n"));
}

/// An advocate's call to us that was answered.
fn advocates_call(bench: &mut Bench, user: &str, call_id: &str) -> (Script, LegId) {
    let mut script = script_of(user, call_id);
    invites(bench, &mut script, user, &[]);
    let leg = bench.offered();
    bench.sent();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.hears(STRANGER, &script.request("ACK", &[], ""));
    bench.said();
    (script, leg)
}

fn refers(bench: &mut Bench, script: &mut Script, lines: &[&str]) -> (Vec<Response>, Vec<Request>) {
    bench.hears(STRANGER, &script.request("REFER", lines, ""));
    let (mut responses, mut requests) = (Vec::new(), Vec::new());
    for (_, message) in bench.sent() {
        match message {
            sip::wire::Message::Response(response) => responses.push(response),
            sip::wire::Message::Request(request) => requests.push(request),
        }
    }
    (responses, requests)
}

#[test]
fn an_advocates_refer_is_asked_of_the_switchboard_and_she_is_told_the_result() {
    let mut bench = Bench::new();
    let (mut script, leg) = advocates_call(&mut bench, "maria", "refer");
    let (responses, requests) = refers(&mut bench, &mut script, &[TARGET]);
    assert_eq!(responses[0].status, 202);
    let [trying] = &requests[..] else { panic!("one NOTIFY") };
    assert!(trying.method == Method::Notify && trying.body.starts_with(b"SIP/2.0 100 "));
    assert!(trying.headers.get("Event").expect("an Event").starts_with("refer"));
    assert_eq!(trying.headers.content_type().as_deref(), Some("message/sipfrag"));
    let said = bench.said();
    let [LegEvent::TransferAsked { target, replaces: None, .. }] = &said[..] else {
        panic!("a question")
    };
    assert!(target.reveal() == "+15550199");
    bench.hears(STRANGER, &answer(trying, 200, "x", &[], ""));
    bench.command(LegCommand::TransferResult { leg, status: 200 });
    let done = bench.request();
    assert!(done.body.starts_with(b"SIP/2.0 200 "));
    assert!(done.headers.get("Subscription-State").expect("a state").starts_with("terminated"));
    bench.command(LegCommand::TransferResult { leg, status: 200 });
    assert!(bench.requests().is_empty(), "said once");
}

#[test]
fn a_question_the_switchboard_never_answers_is_answered_for_it() {
    let mut bench = Bench::new();
    let (mut script, leg) = advocates_call(&mut bench, "maria", "refer");
    let (_, requests) = refers(&mut bench, &mut script, &[TARGET]);
    bench.hears(STRANGER, &answer(&requests[0], 200, "x", &[], ""));
    let (responses, _) = refers(&mut bench, &mut script, &[TARGET]);
    assert_eq!(responses[0].status, 500, "one at a time");
    bench.pass(SECOND * 61);
    assert!(bench.requests()[0].body.starts_with(b"SIP/2.0 408 "));
    bench.said();
    bench.command(LegCommand::Probe { leg, within: SECOND * 40 });
    assert_eq!(bench.requests().pop().expect("the call goes on").method, Method::Options);
}

#[test]
fn a_refer_must_name_one_place() {
    let other = "Refer-To: <sip:b@192.0.2.1>";
    for lines in [vec![], vec![TARGET, other], vec!["Refer-To: nonsense"]] {
        let mut bench = Bench::new();
        let (mut script, _) = advocates_call(&mut bench, "maria", "refer");
        assert_eq!(refers(&mut bench, &mut script, &lines).0[0].status, 400);
        assert_eq!(bench.said(), []);
    }
}

#[test]
fn an_attended_transfer_names_her_other_call() {
    let mut bench = Bench::new();
    let (mut script, _) = advocates_call(&mut bench, "maria", "first");
    let (other, leg) = advocates_call(&mut bench, "maria", "second");
    let tag = other.to.split("tag=").nth(1).expect("a tag").to_owned();
    for (to, from) in [(&*tag, "second"), ("second", &*tag)] {
        let escaped = format!("second%3Bto-tag%3D{to}%3Bfrom-tag%3D{from}");
        let line = format!("Refer-To: <sip:+15550199@192.0.2.1?Replaces={escaped}>");
        bench.hears(STRANGER, &script.request("REFER", &[&line], ""));
        let said = bench.said();
        let [LegEvent::TransferAsked { leg: asking, target, replaces }] = &said[..] else {
            panic!("a question")
        };
        assert_eq!(*replaces, Some(leg));
        assert!(target.reveal() == "+15550199", "nothing of the dialog");
        bench.command(LegCommand::TransferResult { leg: *asking, status: 486 });
    }
}

#[test]
fn nobody_but_an_advocate_moves_a_call() {
    let (mut bench, mut script) = answered_call();
    bench.hears(CARRIER, &script.request("REFER", &[TARGET], ""));
    assert_eq!(bench.response().status, 603);
    bench.hears(CARRIER, &Script::new("outside").request("REFER", &[TARGET], ""));
    assert_eq!(bench.response().status, 403);
    bench.hears(STRANGER, &Script::new("outside").request("REFER", &[TARGET], ""));
    assert_eq!(bench.response().status, 403);
    let (mut bench, invite) = calling();
    bench.hears(
        VENDOR,
        &answer(&invite, 200, "v", &["Contact: <sip:v@203.0.113.99>", SDP], "v=0\n"),
    );
    bench.said();
    bench.sent();
    let mut script = Script::new("vendor");
    script.call_id = invite.headers.call_id().expect("a Call-ID").to_owned();
    script.from = format!("{};tag=v", invite.headers.get("To").expect("a To"));
    script.to = invite.headers.get("From").expect("a From").to_owned();
    bench.hears(VENDOR, &script.request("REFER", &[TARGET], ""));
    assert_eq!(bench.response().status, 603);
    assert_eq!(bench.said(), []);
}

/// The Replaces line that names the call of `script` as we know it.
fn replaces(script: &Script, more: &str) -> String {
    let own = script.to.split("tag=").nth(1).expect("a tag");
    let theirs = script.from.split("tag=").nth(1).expect("a tag");
    format!("Replaces: {};to-tag={own};from-tag={theirs}{more}", script.call_id)
}

#[test]
fn an_advocate_goes_on_with_her_call_at_another_phone() {
    let mut bench = Bench::new();
    let (mut old, leg) = advocates_call(&mut bench, "maria", "desk");
    let mut new = script_of("maria", "mobile");
    let line = replaces(&old, "");
    invites(&mut bench, &mut new, "maria", &[&line, "Require: replaces"]);
    let said = bench.said();
    let [LegEvent::Reoffered { leg: same, offer: Some(_) }] = &said[..] else { panic!("{said:?}") };
    assert_eq!(*same, leg);
    bench.sent();
    bench.command(LegCommand::Accept { leg, answer: sdp("again") });
    let sent = bench.sent();
    let bye = sent.iter().find_map(|(_, message)| match message {
        sip::wire::Message::Request(request) => Some(request),
        sip::wire::Message::Response(_) => None,
    });
    let bye = bye.expect("the old call is ended");
    assert!(bye.method == Method::Bye && bye.headers.call_id() == Ok("desk"));
    let ok = sent.iter().find_map(|(_, message)| match message {
        sip::wire::Message::Response(response) if response.status == 200 => Some(response),
        _ => None,
    });
    new.learn(ok.expect("a 200"));
    bench.hears(STRANGER, &answer(bye, 200, "x", &[], ""));
    bench.hears(STRANGER, &new.request("ACK", &[], ""));
    assert_eq!(bench.said(), []);
    bench.hears(STRANGER, &old.request("BYE", &[], ""));
    assert_eq!(bench.response().status, 481, "the old dialog is gone");
    bench.hears(STRANGER, &new.request("BYE", &[], ""));
    assert_eq!(bench.response().status, 200);
    assert_eq!(bench.said(), [LegEvent::Ended { leg, reason: EndReason::HungUp }]);
    bench.pass(SECOND * 60);
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
}

#[test]
fn a_refused_replacement_leaves_the_call_at_the_old_phone() {
    let mut bench = Bench::new();
    let (mut old, leg) = advocates_call(&mut bench, "maria", "desk");
    let mut new = script_of("maria", "mobile");
    let line = replaces(&old, "");
    invites(&mut bench, &mut new, "maria", &[&line]);
    bench.said();
    bench.sent();
    bench.command(LegCommand::RefuseOffer { leg });
    assert_eq!(bench.response().status, 488);
    bench.hears(STRANGER, &new.written("ACK", &[], ""));
    bench.hears(STRANGER, &old.request("OPTIONS", &[], ""));
    assert_eq!(bench.response().status, 200);
    assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 1));
}

/// Maria's desk phone, registered, and our INVITE that makes it ring.
fn ringing(bench: &mut Bench) -> Request {
    let mut script = script_of("maria", "register");
    script.to = "<sip:maria@192.0.2.1>".to_owned();
    script.uri = "sip:192.0.2.1".to_owned();
    bench.hears(STRANGER, &script.request("REGISTER", &[PHONE], ""));
    let challenge = bench.response();
    let method = Method::Register;
    let line = authorization(&challenge, "maria", "maria-secret", &method, &script.uri);
    bench.hears(STRANGER, &script.request("REGISTER", &[PHONE, &line], ""));
    let said = bench.said();
    let [LegEvent::ContactsChanged { contacts, .. }] = &said[..] else { panic!("{said:?}") };
    let target = Target::Contact(contacts[0].id);
    let LegCommand::Dial { offer, display, .. } = dial("offer") else { unreachable!() };
    bench.sent();
    bench.command(LegCommand::Dial { leg: OUT, target, offer, display });
    let invite = bench.request();
    bench.hears(STRANGER, &answer(&invite, 180, "desk", &[PHONE], ""));
    assert!(matches!(bench.said()[..], [LegEvent::Ringing { .. }]));
    invite
}

/// The Replaces line that names the early dialog of our INVITE.
fn replaces_ringing(invite: &Request, more: &str) -> String {
    let from = invite.headers.from().expect("a From");
    let (call_id, own) = (invite.headers.call_id().expect("an id"), from.tag().expect("a tag"));
    format!("Replaces: {call_id};to-tag={own};from-tag=desk{more}")
}

/// The phone that picks up, once it has its 200.
fn picks_up(bench: &mut Bench, invite: &Request) -> (Script, Vec<Request>) {
    let mut mobile = script_of("maria", "mobile");
    invites(bench, &mut mobile, "maria", &[&replaces_ringing(invite, ";early-only")]);
    let said = bench.said();
    assert!(matches!(said[..], [LegEvent::Reoffered { leg: OUT, offer: Some(_) }]), "{said:?}");
    bench.sent();
    bench.command(LegCommand::Accept { leg: OUT, answer: sdp("picked up") });
    let (mut requests, mut ok) = (Vec::new(), None);
    for (_, message) in bench.sent() {
        match message {
            sip::wire::Message::Request(request) => requests.push(request),
            sip::wire::Message::Response(response) => ok = Some(response),
        }
    }
    mobile.learn(&ok.filter(|ok| ok.status == 200).expect("a 200"));
    (mobile, requests)
}

/// RFC 3891 §3: an early dialog that we began is cancelled for the phone that takes its place.
#[test]
fn a_call_that_rings_at_one_phone_is_picked_up_at_another() {
    let mut bench = Bench::new();
    let invite = ringing(&mut bench);
    let (mut mobile, requests) = picks_up(&mut bench, &invite);
    assert_eq!(requests.iter().map(|r| &r.method).collect::<Vec<_>>(), [&Method::Cancel]);
    bench.hears(STRANGER, &answer(&requests[0], 200, "desk", &[], ""));
    bench.hears(STRANGER, &answer(&invite, 487, "desk", &[], ""));
    assert_eq!(bench.said(), []);
    bench.hears(STRANGER, &mobile.request("ACK", &[], ""));
    assert_eq!(bench.said(), [LegEvent::Answered { leg: OUT, answer: None }]);
    bench.sent();
    bench.hears(STRANGER, &mobile.request("BYE", &[], ""));
    assert_eq!(bench.response().status, 200);
    assert_eq!(bench.said(), [LegEvent::Ended { leg: OUT, reason: EndReason::HungUp }]);
    bench.pass(SECOND * 20);
    assert_eq!(bench.endpoint.legs(), 0);
}

#[test]
fn a_phone_that_answers_while_another_picks_up_is_acknowledged_and_released() {
    let mut bench = Bench::new();
    let invite = ringing(&mut bench);
    let (mut mobile, _) = picks_up(&mut bench, &invite);
    let late = answer(&invite, 200, "desk", &[PHONE, SDP], "v=0\n");
    bench.hears(STRANGER, &late);
    let requests = bench.requests();
    assert_eq!(
        requests.iter().map(|r| &r.method).collect::<Vec<_>>(),
        [&Method::Ack, &Method::Bye]
    );
    let of_ringing = |r: &Request| r.headers.call_id() == invite.headers.call_id();
    assert!(requests.iter().all(of_ringing));
    bench.hears(STRANGER, &late);
    assert_eq!(bench.request().method, Method::Ack, "again for the repetition");
    bench.hears(STRANGER, &mobile.request("ACK", &[], ""));
    assert_eq!(bench.said(), [LegEvent::Answered { leg: OUT, answer: None }]);
}

#[test]
fn who_would_pick_up_what_is_answered_refused_or_ended_meanwhile_is_told() {
    for (status, events) in [(200, 1), (486, 1)] {
        let mut bench = Bench::new();
        let invite = ringing(&mut bench);
        let mut mobile = script_of("maria", "mobile");
        invites(&mut bench, &mut mobile, "maria", &[&replaces_ringing(&invite, "")]);
        bench.said();
        bench.sent();
        bench.hears(STRANGER, &answer(&invite, status, "desk", &[PHONE, SDP], "v=0\n"));
        assert_eq!(bench.response().status, 487, "{status}");
        assert_eq!(bench.said().len(), events);
        bench.command(LegCommand::Accept { leg: OUT, answer: sdp("late") });
        assert_eq!(bench.responses().len(), 0);
    }
    let mut bench = Bench::new();
    let invite = ringing(&mut bench);
    for command in [LegCommand::RefuseOffer { leg: OUT }, LegCommand::End { leg: OUT }] {
        let ends = matches!(command, LegCommand::End { .. });
        let mut mobile = script_of("maria", if ends { "third" } else { "second" });
        invites(&mut bench, &mut mobile, "maria", &[&replaces_ringing(&invite, "")]);
        bench.said();
        bench.sent();
        bench.command(command);
        assert_eq!(bench.response().status, if ends { 487 } else { 488 });
    }
}

#[test]
fn nobody_picks_up_what_rings_for_another_or_what_she_calls_herself() {
    let mut bench = Bench::new();
    let invite = ringing(&mut bench);
    let mut jo = script_of("jo", "jo");
    invites(&mut bench, &mut jo, "jo", &[&replaces_ringing(&invite, "")]);
    assert_eq!(bench.response().status, 481);
    let mut own = script_of("maria", "own");
    invites(&mut bench, &mut own, "maria", &[]);
    let leg = bench.offered();
    bench.command(LegCommand::Ring { leg });
    own.learn(&bench.response());
    let mut other = script_of("maria", "other");
    invites(&mut bench, &mut other, "maria", &[&replaces(&own, "")]);
    assert_eq!(bench.response().status, 481, "an early dialog that she began");
}

#[test]
fn nobody_takes_the_place_of_another_ones_call() {
    let mut bench = Bench::new();
    let (maria, _) = advocates_call(&mut bench, "maria", "desk");
    for (user, line, status) in [
        ("jo", replaces(&maria, ""), 481),
        ("maria", replaces(&maria, "").replace("from-tag=", "from-tag=not-"), 481),
        ("maria", replaces(&maria, ";early-only"), 486),
        ("maria", "Replaces: nothing".to_owned(), 400),
    ] {
        let mut script = script_of(user, &format!("new{status}{user}"));
        invites(&mut bench, &mut script, user, &[&line]);
        assert_eq!(bench.response().status, status, "{user}");
        assert_eq!((bench.said(), bench.endpoint.legs()), (vec![], 1));
    }
    bench.hears(CARRIER, &Script::new("carrier").invite(&[&replaces(&maria, "")]));
    assert_eq!(bench.response().status, 403);
}
