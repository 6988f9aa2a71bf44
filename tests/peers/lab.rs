//! `northline run --lab`, measured with tools that others have written, without any configuration.

use std::time::Duration;

use northline::phone::{Call, Phone};
use os::clock;

use crate::baresip::Baresip;
use crate::ear::Ear;
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground, SECOND_CALLER};
use crate::phones::{phone, tone};
use crate::program::until;
use crate::sipp::{Scenario, Transport, over_both};
use crate::speech::has_tone;

const SOON: Duration = Duration::from_secs(10);
/// C11: everything is free within a second.
const FREE: Duration = Duration::from_secs(1);
/// Parties of a room: the host and the tone of each.
const PARTIES: [(u8, f64); 3] = [(CALLER, 500.0), (SECOND_CALLER, 900.0), (15, 1_300.0)];

struct Lab {
    ground: Ground,
    engine: Engine,
    ear: Ear,
}

impl Lab {
    async fn new() -> Self {
        let ground = Ground::new();
        let engine = Engine::lab(ground).await;
        Self { ground, engine, ear: Ear::open(ground.host(CALLER)).await }
    }

    fn scenario(&self, name: &'static str, number: &'static str) -> Scenario {
        let port = self.ear.port().to_string();
        Scenario::new(name, self.ground.host(CALLER)).dialling(number).with("port", port)
    }
}

#[test]
fn what_rings_is_given_up_by_the_caller() {
    over_both(async |transport| {
        let lab = Lab::new().await;
        lab.scenario("cancelled", "ring").over(transport).play(&lab.engine).await;
        lab.engine.holds_nothing(FREE).await;
    });
}

#[tokio::test]
async fn something_is_heard_before_the_answer() {
    let lab = Lab::new().await;
    let began = clock::now();
    let call = lab.scenario("early", "early").start(&lab.engine);
    lab.ear.hears(SOON).await;
    let heard_after = clock::now().since(began);
    call.succeeds().await;
    let whole = clock::now().since(began);
    assert!(
        whole.saturating_sub(heard_after) > Duration::from_secs(2),
        "{heard_after:?} of {whole:?}"
    );
    lab.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn a_carrier_that_insists_gets_early_sound_reliably_and_acknowledges_it() {
    let lab = Lab::new().await;
    let headers = "Require: 100rel\n    Content-Type: application/sdp";
    let call = lab.scenario("prack", "early").with("headers", headers).start(&lab.engine);
    lab.ear.hears(SOON).await;
    call.succeeds().await;
    lab.engine.holds_nothing(FREE).await;
}

#[test]
fn a_call_is_ended_by_the_engine_after_two_seconds() {
    over_both(async |transport| {
        let lab = Lab::new().await;
        let began = clock::now();
        lab.scenario("ended", "hangup").over(transport).play(&lab.engine).await;
        assert!(clock::now().since(began) >= Duration::from_secs(2));
        lab.engine.holds_nothing(FREE).await;
    });
}

#[tokio::test]
async fn a_call_is_ended_by_its_digit_and_by_no_other() {
    let lab = Lab::new().await;
    let call = lab.scenario("ended", "dtmf").start(&lab.engine);
    let engine = lab.ear.hears(SOON).await;
    lab.ear.press("20#", engine).await;
    lab.engine.holds(|held| held.calls == 1, SOON).await;
    lab.ear.press("1", engine).await;
    call.succeeds().await;
    lab.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn an_echo_is_ones_own_sound() {
    let lab = Lab::new().await;
    let call = in_call(&phone(lab.ground, CALLER, None).await, "echo").await;
    drop(call.speak(tone(700.0, 60)));
    hears_exactly(&call, &[700.0], &[500.0, 900.0]).await;
    call.hang_up().await;
    lab.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn everybody_who_dials_the_same_number_hears_all_others() {
    for number in ["3000", "4321"] {
        meets_in(number).await;
    }
}

async fn meets_in(number: &str) {
    let lab = Lab::new().await;
    let [(ann, ann_hz), (ben, ben_hz), (cyd, cyd_hz)] = PARTIES;
    let mut phones = Vec::new();
    for host in [ann, ben, cyd, DESK] {
        phones.push(phone(lab.ground, host, None).await);
    }
    let ann = in_call(&phones[0], number).await;
    drop(ann.speak(tone(ann_hz, 120)));
    let ben = in_call(&phones[1], number).await;
    drop(ben.speak(tone(ben_hz, 120)));
    hears_exactly(&ann, &[ben_hz], &[ann_hz]).await;
    hears_exactly(&ben, &[ann_hz], &[ben_hz]).await;
    let elsewhere = in_call(&phones[3], "3999").await;
    drop(elsewhere.speak(tone(1_700.0, 120)));
    let cyd = in_call(&phones[2], number).await;
    drop(cyd.speak(tone(cyd_hz, 120)));
    hears_exactly(&ann, &[ben_hz, cyd_hz], &[ann_hz, 1_700.0]).await;
    hears_exactly(&ben, &[ann_hz, cyd_hz], &[ben_hz, 1_700.0]).await;
    hears_exactly(&cyd, &[ann_hz, ben_hz], &[cyd_hz, 1_700.0]).await;
    ann.hang_up().await;
    hears_exactly(&ben, &[cyd_hz], &[ann_hz, ben_hz]).await;
    hears_exactly(&cyd, &[ben_hz], &[ann_hz, cyd_hz]).await;
    hears_exactly(&elsewhere, &[], &[ann_hz, ben_hz, cyd_hz, 1_700.0]).await;
    for call in [ben, cyd, elsewhere] {
        call.hang_up().await;
    }
    lab.engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn an_advocate_of_the_lab_registers_and_may_measure_too() {
    let lab = Lab::new().await;
    let (host, account) = (lab.ground.host(DESK), Some(("alice", "secret")));
    let voice = tone(800.0, 60);
    let desk = Baresip::start(&lab.engine, host, account, Transport::Udp, &voice).await;
    desk.dial("echo").await;
    lab.engine.holds(|held| held.calls == 1, SOON).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    desk.hang_up().await;
    lab.engine.holds_nothing(SOON).await;
    assert!(has_tone(&desk.heard().await, 800.0), "her own tone");
}

#[tokio::test]
async fn a_phone_that_knows_only_md5_registers() {
    let lab = Lab::new().await;
    lab.scenario("register", "alice").with("user", "alice").play(&lab.engine).await;
}

#[tokio::test]
async fn hundreds_of_calls_without_any_rtp_are_set_up_and_ended() {
    let lab = Lab::new().await;
    let burst = |name, number, calls| {
        let scenario = lab.scenario(name, number).with("port", "9").calls(calls, 100);
        scenario.pause(Duration::from_millis(500))
    };
    burst("hang-up", "echo", 300).play(&lab.engine).await;
    burst("ended", "hangup", 300).play(&lab.engine).await;
    burst("hang-up", "ivr", 300).play(&lab.engine).await;
    burst("hang-up", "3500", 40).play(&lab.engine).await;
    lab.engine.holds_nothing(SOON).await;
}

#[tokio::test]
async fn a_number_that_leads_nowhere_is_refused_and_the_lab_says_what_it_is() {
    let lab = Lab::new().await;
    for number in ["100", "5000"] {
        let scenario = lab.scenario("refused", number);
        scenario.with("status", "404").with("says", "SIP/2.0").play(&lab.engine).await;
    }
    let said = lab.engine.log();
    for part in ["LAB: ", "403", "alice", "8000 calls", "20000 to 22999"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[tokio::test]
async fn a_plan_to_measure_by_never_goes_live_for_callers() {
    let plan = include_str!("../../dialplans/hotline.yaml");
    let setup = Setup { plan: Some(plan), ..Setup::default() };
    let engine = Engine::start(Ground::new(), &setup).await;
    engine.write_plan(include_str!("../../dialplans/lab.yaml"));
    let output = engine.ask("reload");
    let said = [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("only `northline run --lab` serves one"), "{said}");
}

async fn in_call(phone: &Phone, number: &str) -> Call {
    let call = phone.call(number).await.expect("a port");
    call.answered().await.expect("answered");
    call
}

/// Waits until the tones of `expected` are heard and none of `others`.
async fn hears_exactly(call: &Call, expected: &[f64], others: &[f64]) {
    let now = || {
        let heard = call.heard().samples;
        heard[heard.len().saturating_sub(LATEST)..].to_vec()
    };
    until(&format!("{expected:?} and none of {others:?} are heard"), SOON, || {
        let heard = now();
        heard.len() == LATEST
            && expected.iter().all(|hz| has_tone(&heard, *hz))
            && !others.iter().any(|hz| has_tone(&heard, *hz))
    })
    .await;
}

/// Half a second, in samples.
const LATEST: usize = 4_000;
