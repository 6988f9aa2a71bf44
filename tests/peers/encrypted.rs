//! Encrypted audio (SRTP with keys in SDP) with a softphone that others have written.

use std::time::Duration;

use crate::baresip::{Baresip, Encryption};
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground};
use crate::phones::{phone, tone};
use crate::program::until;
use crate::sipp::Transport;
use crate::speech::{has_tone, loudest};

const REQUIRED: &str = "advocates:\n  \
    - { name: alice, password: a-long-password, languages: [en], srtp: required }";
const OPTIONAL: &str =
    "advocates:\n  - { name: alice, password: a-long-password, languages: [en] }";
const ACCOUNT: Option<(&str, &str)> = Some(("alice", "a-long-password"));
const CALLER_HZ: f64 = 600.0;
const ADVOCATE_HZ: f64 = 1_000.0;

#[tokio::test]
async fn robustness_11_an_encrypted_softphone_and_a_plain_caller_hear_each_other() {
    let said = talk(REQUIRED, Encryption::Required).await;
    assert!(said.contains("RTP/SAVP ") && !said.contains("RTP/AVP "), "no plain RTP in any SDP");
    assert!(said.contains("a=crypto:1 AEAD_AES_128_GCM inline:"), "we offer this first");
}

#[tokio::test]
async fn where_both_may_encrypt_they_do() {
    let said = talk(OPTIONAL, Encryption::Optional).await;
    let descriptions = said.matches("m=audio ").count();
    assert!(descriptions >= 4, "two exchanges: {descriptions}");
    assert!(said.matches("a=crypto:").count() >= descriptions, "keys in every SDP");
}

#[tokio::test]
async fn robustness_11_a_plain_softphone_is_refused_where_encryption_is_required() {
    let ground = Ground::new();
    let setup = Setup { sections: REQUIRED, ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let voice = tone(ADVOCATE_HZ, 10);
    let desk = Baresip::start(&engine, ground.host(DESK), ACCOUNT, Transport::Udp, &voice).await;
    desk.dial("*1").await;
    until("it is refused", SOON, || desk.said("SIP/2.0 488 ")).await;
    engine.holds_nothing(Duration::from_secs(1)).await;
}

/// An advocate at a softphone becomes ready, takes a plain caller's call and talks with her; returns
/// all that the softphone has said of its signalling.
async fn talk(sections: &str, encryption: Encryption) -> String {
    let ground = Ground::new();
    let setup = Setup { sections, ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let voice = tone(ADVOCATE_HZ, 120);
    let way = (Transport::Udp, encryption);
    let desk = Baresip::start_with(&engine, ground.host(DESK), ACCOUNT, way, &voice).await;
    // Her own offer, and then ours.
    desk.dial("*1").await;
    engine.holds(|held| held.legs == 1, SOON).await;
    engine.holds(|held| held.legs == 0, SOON).await;
    let caller = phone(ground, CALLER, None).await;
    let call = caller.call("100").await.expect("a port");
    call.answered().await.expect("answered");
    drop(call.speak(tone(CALLER_HZ, 60)));
    until("she hears the advocate", LATER, || has_tone(&call.heard().samples, ADVOCATE_HZ)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    call.hang_up().await;
    engine.holds_nothing(Duration::from_secs(1)).await;
    let heard = desk.heard().await;
    assert!(has_tone(&heard, CALLER_HZ), "{} dBFS", loudest(&heard, CALLER_HZ));
    let log = engine.log();
    assert!(!log.contains("inline:") && !log.contains("crypto"), "no key in the log");
    desk.all_said()
}

const SOON: Duration = Duration::from_secs(10);
/// Greeting and all.
const LATER: Duration = Duration::from_secs(40);
