//! More than there is room for.

use model::LegCommand;
use sip::{Limits, Settings};

use crate::peer::{Bench, CARRIER, STRANGER, Script, settings};
use crate::sessions::{SECOND, sdp};

fn small() -> Settings {
    let limits = Limits { legs: 100, transactions: 400, ..Limits::default() };
    Settings { limits, ..settings() }
}

#[test]
fn twenty_thousand_invites_without_an_ack_stay_below_the_caps() {
    let mut bench = Bench::with(small());
    let mut refused = 0;
    for n in 0..20_000 {
        let mut script = Script::new(&format!("flood{n}"));
        bench.hears(CARRIER, &script.invite(&[]));
        for response in bench.responses() {
            assert_eq!(response.status, 503);
            assert_eq!(response.headers.get("Retry-After"), Some("10"));
            refused += 1;
        }
        assert!(bench.endpoint.legs() <= 100 && bench.endpoint.transactions() <= 400);
        let offered: Vec<_> = bench.said().iter().filter_map(crate::sessions::offered).collect();
        for leg in offered {
            bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
            assert_eq!(bench.response().status, 200);
        }
    }
    assert_eq!(refused, 19_900);
    assert_eq!(bench.endpoint.counters().overloaded, 19_900);
    bench.pass(SECOND * 120);
    assert_eq!((bench.endpoint.legs(), bench.endpoint.transactions()), (0, 0));
    assert!(bench.endpoint.deadline().is_none());
}

#[test]
fn a_flood_of_strangers_leaves_no_trace_and_hurts_no_call() {
    let mut bench = Bench::with(small());
    let mut script = Script::new("standing");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    bench.said();
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
    let mut bench = Bench::with(small());
    let mut script = Script::new("standing");
    bench.hears(CARRIER, &script.invite(&[]));
    let leg = bench.offered();
    bench.command(LegCommand::Answer { leg, answer: sdp("answer") });
    script.learn(&bench.response());
    bench.hears(CARRIER, &script.request("ACK", &[], ""));
    for n in 0..500 {
        bench.hears(CARRIER, &Script::new(&format!("flood{n}")).invite(&[]));
    }
    bench.sent();
    bench.hears(CARRIER, &script.request("BYE", &[], ""));
    assert_eq!(bench.response().status, 200);
}
