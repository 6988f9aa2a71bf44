//! baresip as the phone of an advocate.

use std::time::Duration;

use crate::baresip::{Baresip, Encryption};
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground};
use crate::phones::{phone, tone};
use crate::program::until;
use crate::sipp::{Transport, over_both};
use crate::speech::{has_tone, loudest};

/// An advocate whose phone may encrypt or not.
pub(crate) const ADVOCATES: &str =
    "advocates:\n  - { name: alice, password: a-long-password, languages: [en] }";
/// Her account.
pub(crate) const ALICE: Option<(&str, &str)> = Some(("alice", "a-long-password"));
const CALLER_HZ: f64 = 600.0;
const ADVOCATE_HZ: f64 = 1_000.0;

#[test]
fn an_advocate_at_a_softphone_and_a_caller_hear_each_other() {
    over_both(async |transport| drop(talk(ADVOCATES, (transport, Encryption::Off)).await));
}

/// An advocate of `sections` becomes ready at a softphone, takes a caller's call and talks with her;
/// returns all that the softphone has said of its signalling.
pub(crate) async fn talk(sections: &str, carried: (Transport, Encryption)) -> String {
    let ground = Ground::new();
    let setup = Setup { sections, ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let voice = tone(ADVOCATE_HZ, 120);
    let desk = Baresip::start_with(&engine, ground.host(DESK), ALICE, carried, &voice).await;
    desk.dial("*1").await;
    engine.holds(|held| held.legs == 1, SOON).await;
    // She hears that she is ready, and is released.
    engine.holds(|held| held.legs == 0, SOON).await;

    let caller = phone(ground, CALLER, None).await;
    let call = caller.call("100").await.expect("a port");
    call.answered().await.expect("answered");
    drop(call.speak(tone(CALLER_HZ, 60)));
    until("she hears the advocate", LATER, || has_tone(&call.heard().samples, ADVOCATE_HZ)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!has_tone(&call.heard().samples, CALLER_HZ), "nobody hears herself");
    call.hang_up().await;
    engine.holds_nothing(Duration::from_secs(1)).await;
    let heard = desk.heard().await;
    assert!(has_tone(&heard, CALLER_HZ), "{} dBFS", loudest(&heard, CALLER_HZ));
    assert!(!has_tone(&heard, ADVOCATE_HZ), "nobody hears herself");
    let log = engine.log();
    assert!(!log.contains("inline:") && !log.contains("crypto"), "no key in the log");
    desk.all_said()
}

const SOON: Duration = Duration::from_secs(10);
/// Greeting and all.
const LATER: Duration = Duration::from_secs(40);
