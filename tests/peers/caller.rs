//! baresip as the phone of a caller.

use std::time::Duration;

use crate::baresip::Baresip;
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, Ground};
use crate::phones::tone;
use crate::sipp::{Transport, over_both};
use crate::speech::{anywhere, prompt};

#[test]
fn a_caller_with_a_softphone_hears_the_welcome_chooses_spanish_and_hangs_up() {
    over_both(chooses_spanish);
}

async fn chooses_spanish(transport: Transport) {
    let ground = Ground::new();
    let setup = Setup { plan: Some(PLAN), ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let silence = tone(0.0, 60);
    let phone = Baresip::start(&engine, ground.host(CALLER), None, transport, &silence).await;
    phone.dial("100").await;
    engine.holds(|held| held.calls == 1, SOON).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(engine.held().await.waiting, 0, "the greeting is longer than this");
    phone.press('2').await;
    engine.holds(|held| held.waiting == 1, SOON).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    phone.hang_up().await;
    engine.holds_nothing(Duration::from_secs(2)).await;
    let heard = phone.heard().await;
    let alike = |name: &str| anywhere(&heard, &prompt(name)[..WORDS]);
    let (welcome, spanish) = (alike("en/welcome"), alike("es/please-wait"));
    assert!(welcome > 0.6, "the welcome: {welcome}");
    assert!(spanish > 0.6, "what she chose: {spanish}");
    assert!(alike("en/please-wait") < 0.2, "what she did not choose");
}

/// With nobody on shift, `please-wait` is the first that is said after a key.
const PLAN: &str = "\
plan: short
languages: [en, es]
start: greeting
steps:
  greeting:
    play: [welcome, es/espanol-oprima-dos, interpreter-press-three]
    keys:
      2: { language: es, go: wait }
    then: wait
  wait:
    play: not-recorded
    queue: crisis
    waiting: { music: calm, every: { 25s: still-with-you } }
    nobody-on-shift: stay
  stay:
    play: please-wait
    queue: crisis
    when-empty: keep
";
/// The first second and a half of a prompt, in samples.
const WORDS: usize = 12_000;
const SOON: Duration = Duration::from_secs(5);
