//! Encrypted audio (SRTP with keys in SDP) with a softphone that others have written.

use std::time::Duration;

use crate::baresip::{Baresip, Encryption};
use crate::desk::{ADVOCATES, ALICE, talk};
use crate::engine::{Engine, Setup};
use crate::ground::{DESK, Ground};
use crate::phones::tone;
use crate::program::until;
use crate::sipp::Transport;

const REQUIRED: &str = "advocates:\n  \
    - { name: alice, password: a-long-password, languages: [en], srtp: required }";

#[tokio::test]
async fn robustness_11_an_encrypted_softphone_and_a_plain_caller_hear_each_other() {
    let said = talk(REQUIRED, (Transport::Udp, Encryption::Required)).await;
    assert!(said.contains("RTP/SAVP ") && !said.contains("RTP/AVP "), "no plain RTP in any SDP");
    assert!(said.contains("a=crypto:1 AEAD_AES_128_GCM inline:"), "we offer this first");
}

#[tokio::test]
async fn where_both_may_encrypt_they_do() {
    let said = talk(ADVOCATES, (Transport::Udp, Encryption::Optional)).await;
    let descriptions = said.matches("m=audio ").count();
    assert!(descriptions >= 4, "two exchanges: {descriptions}");
    assert!(said.matches("a=crypto:").count() >= descriptions, "keys in every SDP");
}

#[tokio::test]
async fn robustness_11_a_plain_softphone_is_refused_where_encryption_is_required() {
    let ground = Ground::new();
    let setup = Setup { sections: REQUIRED, ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let voice = tone(1_000.0, 10);
    let desk = Baresip::start(&engine, ground.host(DESK), ALICE, Transport::Udp, &voice).await;
    desk.dial("*1").await;
    until("it is refused", SOON, || desk.said("SIP/2.0 488 ")).await;
    engine.holds_nothing(Duration::from_secs(1)).await;
}

const SOON: Duration = Duration::from_secs(10);
