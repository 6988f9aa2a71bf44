//! Encrypted audio (SRTP with keys in SDP) with a softphone that others have written.

use std::net::Ipv4Addr;
use std::time::Duration;

use self::Becomes::{Encrypted, Plain, Refused};
use crate::baresip::{Baresip, Encryption, Place};
use crate::desk::{ADVOCATES, ALICE, talk};
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground};
use crate::network::Network;
use crate::phones::tone;
use crate::program::until;
use crate::sipp::Transport;
use crate::speech::{anywhere, prompt};

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

#[tokio::test]
async fn robustness_11_a_trunk_without_encryption_talks_in_plain_and_refuses_savp() {
    trunk("off", [Plain, Plain, Refused]).await;
}

#[tokio::test]
async fn robustness_11_a_trunk_that_may_encrypt_does_whenever_its_caller_can() {
    trunk("optional", [Plain, Encrypted, Encrypted]).await;
}

#[tokio::test]
async fn robustness_11_a_trunk_that_must_encrypt_refuses_plain_callers() {
    trunk("required", [Refused, Encrypted, Encrypted]).await;
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Becomes {
    Plain,
    Encrypted,
    Refused,
}

/// Callers behind a trunk of that policy: one that knows no keys, one that offers them beside
/// RTP/AVP, and one that offers RTP/SAVP alone.
async fn trunk(policy: &str, becomes: [Becomes; 3]) {
    let ground = Ground::new();
    let trunks = format!("    srtp: {policy}\n");
    let engine = Engine::start(ground, &Setup { trunks: &trunks, ..Setup::default() }).await;
    let callers = [
        ("plain", Encryption::Off),
        ("optional", Encryption::Optional),
        ("required", Encryption::Required),
    ];
    for ((name, encryption), becomes) in callers.into_iter().zip(becomes) {
        call(&engine, (ground, name, encryption), becomes).await;
    }
    let log = engine.log();
    assert!(!log.contains("inline:") && !log.contains("crypto"), "no key in the log");
}

async fn call(
    engine: &Engine,
    (ground, name, encryption): (Ground, &'static str, Encryption),
    becomes: Becomes,
) {
    let (own, control) = (Ipv4Addr::LOCALHOST.into(), ground.host(CALLER));
    let (network, server) = (Network::Own, engine.address());
    let place = Place { name, network, own, control, server, codec: None };
    let carried = (Transport::Udp, encryption);
    let phone = Baresip::start_at(engine, place, None, carried, &tone(0.0, 60)).await;
    phone.dial("100").await;
    if becomes == Refused {
        until("it is refused", SOON, || phone.said("SIP/2.0 488 ")).await;
        assert_eq!(phone.all_said().matches("m=audio ").count(), 1, "nothing but its own offer");
        return engine.holds_nothing(Duration::from_secs(1)).await;
    }
    engine.holds(|held| held.calls == 1, SOON).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    phone.hang_up().await;
    engine.holds_nothing(Duration::from_secs(2)).await;
    let said = phone.all_said();
    let profile = |stream: &str| stream.split(' ').nth(1).map(str::to_owned);
    let profiles: Vec<_> = said.split("m=audio ").skip(1).map(profile).collect();
    assert!(profiles.len() == 2 && profiles[0] == profiles[1], "{name}: {profiles:?}");
    let answer = said.rsplit("m=audio ").next().expect("two streams");
    assert_eq!(answer.contains("a=crypto:"), becomes == Encrypted, "{name}: {answer}");
    let heard = phone.heard().await;
    let welcome = anywhere(&heard, &prompt("en/welcome")[..WORDS]);
    assert!(welcome > 0.6, "{name}: the welcome is heard: {welcome}");
}

/// The first second and a half of a prompt, in samples.
const WORDS: usize = 12_000;
const SOON: Duration = Duration::from_secs(10);
