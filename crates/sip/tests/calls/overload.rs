//! More than there is room for.

use model::{Chance, LegCommand, LegEvent, LegId};
use sip::{Input, Limits, Output, Settings};

use crate::peer::{Bench, CARRIER, STRANGER, Script, settings};
use crate::sessions::{SECOND, sdp};

fn small() -> Settings {
    let limits = Limits { legs: 100, transactions: 400, ..Limits::default() };
    Settings { limits, ..settings() }
}

/// A small endpoint with one call on it.
fn standing_call() -> (Bench, Script, LegId) {
    let mut bench = Bench::with(small());
    let mut script = Script::new("standing");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    bench.said();
    (bench, script, leg)
}

#[test]
fn twenty_thousand_invites_without_an_ack_stay_below_the_caps() {
    let mut bench = Bench::with(small());
    let carrier = crate::peer::flow(sip::Transport::Udp, CARRIER);
    let first = Script::new("flood").invite(&[]).replace('\n', "\r\n");
    let mut refused = 0;
    for n in 0..20_000 {
        let bytes = first.replace("flood", &format!("flood{n}")).into();
        bench.endpoint.handle_input(bench.now, Input::Message { flow: carrier, bytes });
        while let Some(output) = bench.endpoint.poll_output() {
            match output {
                Output::Event(LegEvent::Offered { leg, .. }) => {
                    let answer = LegCommand::Answer { leg, answer: sdp("answer") };
                    bench.endpoint.handle_input(bench.now, Input::Command(answer));
                }
                Output::Respond { bytes, .. } if bytes.starts_with(b"SIP/2.0 503 ") => {
                    assert!(String::from_utf8_lossy(&bytes).contains("\r\nRetry-After: 10\r\n"));
                    refused += 1;
                }
                _ => {}
            }
        }
        assert!(bench.endpoint.legs() <= 100 && bench.endpoint.transactions() <= 400);
    }
    assert_eq!((refused, bench.endpoint.counters().overloaded), (19_900, 19_900));
    bench.pass(SECOND * 120);
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
    assert!(bench.endpoint.deadline().is_none());
}

#[test]
fn a_flood_of_strangers_leaves_no_trace_and_hurts_no_call() {
    let (mut bench, mut script, _) = standing_call();
    for n in 0..2_000 {
        let mut stranger = Script::new(&format!("flood{n}"));
        let method = ["REGISTER", "OPTIONS", "BYE", "INVITE"][n % 4];
        bench.hears(STRANGER, &stranger.request(method, &[], ""));
    }
    assert_eq!((bench.endpoint.legs(), bench.said()), (1, vec![]));
    bench.sent();
    bench.hears(CARRIER, &script.request("OPTIONS", &[], ""));
    assert_eq!(bench.response().status, 200);
}

#[test]
fn a_running_call_may_still_end_when_everything_is_full() {
    let (mut bench, mut script, _) = standing_call();
    for n in 0..500 {
        bench.hears(CARRIER, &Script::new(&format!("flood{n}")).invite(&[]));
    }
    bench.sent();
    bench.hears(CARRIER, &script.request("BYE", &[], ""));
    assert_eq!(bench.response().status, 200);
}

/// One message of a stranger with some of its bytes changed, doubled or cut away.
fn damaged(chance: &mut Chance, n: u64) -> Vec<u8> {
    let mut script = Script::new(&format!("damaged{n}"));
    let method = ["INVITE", "REGISTER", "BYE", "ACK", "CANCEL", "INFO"][chance.below(6) as usize];
    let body = "v=0\ns=offer\n";
    let lines = ["Contact: <sip:x@198.51.100.66>", "Content-Type: application/sdp"];
    let mut bytes = script.request(method, &lines, body).replace('\n', "\r\n").into_bytes();
    for _ in 0..=chance.below(6) {
        let at = chance.below(bytes.len() as u64) as usize;
        match chance.below(3) {
            0 => bytes[at] = chance.next_u32() as u8,
            1 => bytes.truncate(at.max(20)),
            _ => bytes.extend_from_within(at / 2..at),
        }
    }
    bytes
}

#[test]
fn damaged_messages_of_strangers_hurt_no_call() {
    let (mut bench, mut script, leg) = standing_call();
    let mut chance = Chance::from_number(2026);
    for n in 0..3_000 {
        let flow = crate::peer::flow(sip::Transport::Udp, STRANGER);
        let bytes = damaged(&mut chance, n).into();
        bench.endpoint.handle_input(bench.now, Input::Message { flow, bytes });
        while let Some(output) = bench.endpoint.poll_output() {
            assert!(matches!(output, Output::Respond { .. }), "{output:?}");
        }
        assert_eq!(bench.endpoint.legs(), 1);
    }
    bench.hears(CARRIER, &script.request("OPTIONS", &[], ""));
    assert_eq!(bench.response().status, 200);
    bench.command(LegCommand::End { leg });
    assert_eq!(bench.request().method, sip::wire::Method::Bye);
}
