//! Callers behind a trunk, played by SIPp.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::ear::Ear;
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, Ground};
use crate::sipp::{Scenario, Transport, over_both};
use crate::wire::{Call, Response, Wire};

const SOON: Duration = Duration::from_secs(5);
/// C11: everything is free within a second.
const FREE: Duration = Duration::from_secs(1);
/// How long a call's other steps may take on a busy machine, until it is seen to be waiting.
const AT_ONCE: Duration = Duration::from_secs(3);

struct Line {
    ground: Ground,
    engine: Engine,
    ear: Ear,
}

impl Line {
    async fn new() -> Self {
        let ground = Ground::new();
        let engine = Engine::start(ground, &Setup::default()).await;
        Self { ground, engine, ear: Ear::open(ground.host(CALLER)).await }
    }

    fn scenario(&self, name: &'static str) -> Scenario {
        Scenario::new(name, self.ground.host(CALLER)).with("port", self.ear.port().to_string())
    }
}

#[test]
fn a_caller_hears_the_hotline_presses_a_key_in_her_rtp_and_hangs_up() {
    over_both(presses_a_key_in_rtp);
}

async fn presses_a_key_in_rtp(transport: Transport) {
    let line = Line::new().await;
    let call = line.scenario("hang-up").over(transport).pause(SOON).start(&line.engine);
    let hotline = line.ear.hears(SOON).await;
    assert_eq!(line.engine.held().await.waiting, 0, "the greeting is longer than this");
    line.ear.press("2", hotline).await;
    line.engine.holds(|held| held.waiting == 1, AT_ONCE).await;
    call.succeeds().await;
    line.engine.holds_nothing(FREE).await;
}

#[test]
fn a_caller_presses_a_key_by_info() {
    over_both(presses_a_key_by_info);
}

async fn presses_a_key_by_info(transport: Transport) {
    let line = Line::new().await;
    let call = line.scenario("digit-by-info").with("key", "2").over(transport);
    let call = call.pause(Duration::from_secs(1)).start(&line.engine);
    line.engine.holds(|held| held.waiting == 1, AT_ONCE + SOON).await;
    call.succeeds().await;
    line.engine.holds_nothing(FREE).await;
}

#[test]
fn c11_a_hundred_calls_at_twenty_a_second_all_succeed_and_leave_nothing() {
    over_both(a_hundred_calls);
}

async fn a_hundred_calls(transport: Transport) {
    let line = Line::new().await;
    let calls = line.scenario("hang-up").over(transport).calls(100, 20);
    calls.pause(Duration::from_secs(2)).play(&line.engine).await;
    line.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn a_caller_whose_carrier_leaves_the_offer_to_us_hears_the_hotline() {
    let line = Line::new().await;
    let answer = line.scenario("delayed-offer");
    let answer =
        answer.with("ack-type", "Content-Type: application/sdp").with("ack-body", "{{offer}}");
    let call = answer.pause(Duration::from_secs(1)).start(&line.engine);
    line.ear.hears(SOON).await;
    call.succeeds().await;
    line.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn a_caller_on_hold_hears_nothing_and_hears_us_again_when_she_is_back() {
    // RFC 3264 §8.4, and the older way: an address of zeros.
    tokio::join!(
        is_held_and_back("sendonly", "recvonly", "[local_ip]"),
        is_held_and_back("sendrecv", "", "0.0.0.0"),
    );
}

async fn is_held_and_back(direction: &str, answered_by: &str, held_at: &str) {
    let line = Line::new().await;
    let hold = line.scenario("hold").with("direction", direction).with("held-at", held_at);
    let call = hold.with("answered-by", answered_by).pause(PHASE).start(&line.engine);
    let heard = line.ear.listen(PHASE * 4).await;
    call.succeeds().await;
    assert_eq!(heard.gaps(PHASE / 2), 1, "{direction}: silence once, then sound again");
    assert!(heard.count() > 60, "{direction}: only {} packets", heard.count());
    line.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn r28_a_call_whose_ack_is_lost_is_ended_and_nothing_is_left() {
    let line = Line::new().await;
    line.scenario("never-ack").play(&line.engine).await;
    line.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn r29_a_cancel_that_races_our_answer_leaves_no_call_whoever_wins() {
    let line = Line::new().await;
    let wire = Wire::open(line.ground.host(CALLER)).await;
    let (from, to) = (wire.address(), line.engine.address());
    let mut outcomes = BTreeSet::new();
    for round in 0..40 {
        let id = format!("race-{round}");
        // From at once to well after the answer.
        let patience = Duration::from_micros(400 * round);
        outcomes.insert(race(&wire, &Call { from, to, id: &id, to_tag: "" }, patience).await);
    }
    assert!(outcomes.is_subset(&BTreeSet::from([200, 487])), "{outcomes:?}");
    line.engine.holds_nothing(FREE).await;
}

/// Calls, gives up after `patience`, and ends whatever comes of it; the status of the INVITE.
async fn race(wire: &Wire, call: &Call<'_>, patience: Duration) -> u16 {
    wire.send(&call.request("INVITE", ""), call.to).await;
    tokio::time::sleep(patience).await;
    wire.send(&call.request("CANCEL", ""), call.to).await;
    let (mut cancel, mut invite) = (None, None);
    while cancel.is_none() || invite.is_none() {
        let response = wire.response_to(call.id, SOON).await;
        match (response.method.as_str(), response.status) {
            ("CANCEL", status) => cancel = Some(status),
            ("INVITE", 200..) => invite = Some(response),
            _ => {}
        }
    }
    assert_eq!(cancel, Some(200), "a CANCEL of a known INVITE is always taken");
    let Response { status, to_tag, .. } = invite.expect("waited for it");
    let call = Call { to_tag: &to_tag, ..call.clone() };
    if status == 200 {
        // RFC 3261 §9.1: the CANCEL came too late, and the call is to be ended.
        wire.send(&call.request("ACK", "-acknowledged"), call.to).await;
        wire.send(&call.request("BYE", "-ended"), call.to).await;
        while wire.response_to(call.id, SOON).await.method != "BYE" {}
    } else {
        wire.send(&call.request("ACK", ""), call.to).await;
    }
    status
}

/// How long each part of the call on hold takes.
const PHASE: Duration = Duration::from_secs(1);
