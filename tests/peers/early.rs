//! What is heard before the answer, from a centre that SIPp plays.

use std::time::Duration;

use crate::ear::Ear;
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, Ground, SIP, VENDOR};
use crate::phones::{phone, tone};
use crate::program::until;
use crate::sipp::Scenario;
use crate::speech::has_tone;

const CENTRE_HZ: f64 = 900.0;
const CALLER_HZ: f64 = 600.0;

#[tokio::test]
async fn a_diverted_caller_hears_the_centre_before_it_answers_and_is_not_heard_by_it() {
    let ground = Ground::new();
    let centre = ground.host(VENDOR);
    let sections = format!("diversions:\n  backup: {{ uri: \"sip:centre@{centre}:{SIP}\" }}");
    let setup = Setup { plan: Some(PLAN), sections: &sections, ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let ear = Ear::open(centre).await;
    let callee = Scenario::new("early-callee", centre).with("port", ear.port().to_string());
    let callee = callee.pause(UNANSWERED).start(&engine);
    let caller = phone(ground, CALLER, None).await;
    let call = caller.call("100").await.expect("a port");
    call.answered().await.expect("answered");
    drop(call.speak(tone(CALLER_HZ, 60)));
    let hotline = ear.hears(SOON).await;
    let before = ear.sounds(Duration::from_secs(1)).await;
    assert!(!has_tone(&before, CALLER_HZ), "the centre must not hear her before it answers");
    ear.speak(&tone(CENTRE_HZ, 3), hotline).await;
    let rings = || has_tone(&call.heard().samples, CENTRE_HZ);
    until("she hears the centre ring", SOON, rings).await;
    let diverted = || engine.log().contains("caller is with the back-up centre");
    assert!(!diverted(), "all that was before the answer");
    until("the centre answers", UNANSWERED * 2, diverted).await;
    // The language of the caller is whispered over it first.
    let after = ear.sounds(Duration::from_secs(6)).await;
    assert!(has_tone(&after, CALLER_HZ), "and hears her");
    call.hang_up().await;
    callee.succeeds().await;
    engine.holds_nothing(Duration::from_secs(1)).await;
}

const PLAN: &str = "\
plan: short
languages: [en, es]
start: wait
steps:
  wait:
    queue: crisis
    waiting: { music: calm, every: { 25s: still-with-you } }
    nobody-on-shift: away
  away:
    divert: backup
    music: calm
    failed: stay
  stay:
    play: nobody-now
    queue: crisis
    when-empty: keep
";
const UNANSWERED: Duration = Duration::from_secs(8);
const SOON: Duration = Duration::from_secs(5);
