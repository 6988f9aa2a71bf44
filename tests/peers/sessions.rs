//! Sessions that change while they last, played by SIPp: another port, another codec, UPDATE, session
//! timers.

use std::time::Duration;

use crate::ear::{Ear, PCMA, PCMU};
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, Ground};
use crate::sipp::Scenario;

struct Line {
    engine: Engine,
    ear: Ear,
    scenario: Scenario,
}

impl Line {
    async fn with(scenario: &'static str) -> Self {
        let ground = Ground::new();
        let engine = Engine::start(ground, &Setup::default()).await;
        let ear = Ear::open(ground.host(CALLER)).await;
        let scenario = Scenario::new(scenario, ground.host(CALLER));
        let scenario = scenario.with("port", ear.port().to_string()).pause(PHASE);
        Self { engine, ear, scenario }
    }
}

#[tokio::test]
async fn audio_follows_a_caller_whose_phone_moves_to_another_port() {
    let Line { engine, ear, scenario } = Line::with("changed").await;
    let other = Ear::open(ear.address().ip()).await;
    let call = scenario.with("reoffer-port", other.port().to_string()).start(&engine);
    ear.hears(SOON).await;
    other.hears(SOON).await;
    ear.listen(PHASE / 10).await; // what had come before
    assert_eq!(ear.listen(PHASE / 3).await.count(), 0, "nothing goes to the old port");
    call.succeeds().await;
    engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn a_caller_whose_phone_changes_the_codec_hears_us_in_the_new_one() {
    let Line { engine, ear, scenario } = Line::with("changed").await;
    let call = scenario.with("payload", "0").with("codec", "PCMU").start(&engine);
    ear.hears_in(PCMA, SOON).await;
    ear.hears_in(PCMU, SOON).await;
    call.succeeds().await;
    engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn a_refused_reinvite_leaves_the_old_audio_running() {
    let Line { engine, ear, scenario } = Line::with("refused-reoffer").await;
    let call = scenario.with("payload", "96").with("codec", "EVRC").start(&engine);
    ear.hears(SOON).await;
    let heard = ear.listen(PHASE * 3 / 2).await;
    call.succeeds().await;
    assert_eq!(heard.gaps(PHASE / 5), 0, "not a moment of silence");
    engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn a_caller_is_held_and_back_by_update() {
    let Line { engine, ear, scenario } = Line::with("update").await;
    let hold = scenario.with("direction", "sendonly").with("held-at", "[local_ip]");
    let call = hold.start(&engine);
    let heard = ear.listen(PHASE * 4).await;
    call.succeeds().await;
    assert_eq!(heard.gaps(PHASE / 2), 1, "silence once, then sound again");
    engine.holds_nothing(FREE).await;
}

#[tokio::test]
async fn r30_a_session_below_90_seconds_is_422_and_one_of_90_is_refreshed_by_update() {
    let Line { engine, scenario, .. } = Line::with("session-timer").await;
    scenario.play(&engine).await;
    engine.holds_nothing(FREE).await;
}

const SOON: Duration = Duration::from_secs(5);
const FREE: Duration = Duration::from_secs(1);
/// How long each part of a call takes.
const PHASE: Duration = Duration::from_secs(1);
