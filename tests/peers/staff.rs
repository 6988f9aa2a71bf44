//! What caller and advocate learn of each other, by capture at a softphone that shows every message:
//! language and wait (A1), and nothing (A12).

use std::time::Duration;

use crate::baresip::Baresip;
use crate::desk::{ADVOCATES, ALICE};
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground};
use crate::phones::{ready_advocate, tone};
use crate::privacy::{TELLING, caller_calls, canaries};
use crate::program::until;
use crate::sipp::Transport;
use crate::wire::header;

#[tokio::test]
async fn a01_an_advocates_phone_is_told_language_and_wait_and_nothing_of_the_caller() {
    let ground = Ground::new();
    let engine = Engine::start(ground, &Setup { sections: ADVOCATES, ..Setup::default() }).await;
    let voice = tone(0.0, 60);
    let desk = Baresip::start(&engine, ground.host(DESK), ALICE, Transport::Udp, &voice).await;
    desk.dial("*1").await;
    engine.holds(|held| held.legs == 1, SOON).await;
    engine.holds(|held| held.legs == 0, SOON).await;
    let ear = crate::ear::Ear::open(ground.host(CALLER)).await;
    let caller = caller_calls(ground, &ear, &engine);
    let hotline = ear.hears(SOON).await;
    ear.press("2", hotline).await;
    let connected = || engine.log().contains("caller and advocate are connected");
    until("they are connected", LATER, connected).await;
    caller.succeeds().await;
    engine.holds_nothing(SOON).await;
    let said = desk.all_said();
    let (_, invite) = said.split_once("INVITE sip:alice").expect("she is rung");
    let (head, _) =
        invite.split_once("\r\n\r\n").or_else(|| invite.split_once("\n\n")).expect("a head");
    assert!(head.contains("\"Spanish, new call\""), "{head}");
    for name in TELLING {
        assert_eq!(header(head, name), None, "{head}");
    }
    assert_eq!(canaries(ground, &ear).found_in(&said), [""; 0], "{said}");
}

#[tokio::test]
async fn a12_a_caller_learns_no_name_number_or_place_of_her_advocate() {
    let ground = Ground::new();
    let sections = "advocates:\n  - { name: canaria, password: a-long-password, languages: [en] }";
    let engine = Engine::start(ground, &Setup { sections, ..Setup::default() }).await;
    let mut desk = ready_advocate(ground, "canaria", "a-long-password").await;
    let (host, voice) = (ground.host(CALLER), tone(0.0, 60));
    let caller = Baresip::start(&engine, host, None, Transport::Udp, &voice).await;
    caller.dial("100").await;
    let call = tokio::time::timeout(LATER, desk.incoming()).await.expect("rung").expect("a call");
    let connected = || engine.log().contains("caller and advocate are connected");
    until("they are connected", LATER, connected).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    caller.hang_up().await;
    engine.holds_nothing(SOON).await;
    drop(call);
    let said = caller.all_said().to_lowercase();
    assert!(said.contains("sip/2.0 200 ok"), "it shows what it is told: {said}");
    for word in ["canaria".to_owned(), ground.host(DESK).to_string()] {
        assert!(!said.contains(&word), "{said}");
    }
}

const SOON: Duration = Duration::from_secs(10);
/// Greeting and all.
const LATER: Duration = Duration::from_secs(40);
