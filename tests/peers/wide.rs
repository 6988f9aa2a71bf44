//! G.722 and Opus as a softphone that others have written codes them: with itself through the
//! engine's echo, and with a telephone of G.711 in one room.

use std::time::Duration;

use crate::baresip::{Baresip, Wide};
use crate::engine::Engine;
use crate::ground::{CALLER, DESK, Ground};
use crate::phones::{phone, tone};
use crate::program::until;
use crate::speech::{anywhere, has_tone, loudest, prompt};

const DESK_ACCOUNT: Option<(&str, &str)> = Some(("alice", "secret"));
const CALLER_HZ: f64 = 600.0;
/// What speech keeps of its wave at least, there and back: Opus keeps how it sounds and not how its
/// wave looks (0.66), and a busy machine makes the jitter buffers stretch it. A stranger's voice has
/// less than 0.1.
const ALIKE: f32 = 0.35;

#[tokio::test]
async fn a_softphone_of_g722_hears_its_own_words_and_is_heard_in_a_room() {
    echoes(Wide::G722, "G722/8000").await;
    meets(Wide::G722).await;
}

#[tokio::test]
async fn a_softphone_of_opus_hears_its_own_words_and_is_heard_in_a_room() {
    echoes(Wide::Opus, "opus/48000/2").await;
    meets(Wide::Opus).await;
}

/// It dials the echo and hears what it says, as it says it.
async fn echoes(codec: Wide, name: &str) {
    let ground = Ground::new();
    let engine = Engine::lab(ground).await;
    let voice = prompt("en/welcome");
    let desk = Baresip::start_in(&engine, ground.host(DESK), DESK_ACCOUNT, codec, &voice).await;
    desk.dial("echo").await;
    engine.holds(|held| held.calls == 1, SOON).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    desk.hang_up().await;
    engine.holds_nothing(SOON).await;
    let said = desk.all_said();
    assert!(said.matches(name).count() >= 2 && !said.contains("rtpmap:0"), "{name} both ways");
    let alike = anywhere(&desk.heard().await, &voice[..voice.len().min(3 * 8_000)]);
    assert!(alike > ALIKE, "{codec:?}: {alike:.2}");
}

/// It meets a telephone of G.711, and each hears the other.
async fn meets(codec: Wide) {
    let ground = Ground::new();
    let engine = Engine::lab(ground).await;
    let voice = tone(1_000.0, 60);
    let desk = Baresip::start_in(&engine, ground.host(DESK), DESK_ACCOUNT, codec, &voice).await;
    desk.dial("3000").await;
    engine.holds(|held| held.calls == 1, SOON).await;
    let call = phone(ground, CALLER, None).await.call("3000").await.expect("a port");
    call.answered().await.expect("answered");
    drop(call.speak(tone(CALLER_HZ, 60)));
    until("the telephone hears it", SOON, || has_tone(&call.heard().samples, 1_000.0)).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let level = loudest(&call.heard().samples, 1_000.0);
    assert!((level + 12.0).abs() < 3.0, "{codec:?}: said at -12 dBFS, heard at {level:.1}");
    assert!(!has_tone(&call.heard().samples, CALLER_HZ), "nobody hears herself");
    call.hang_up().await;
    desk.hang_up().await;
    engine.holds_nothing(SOON).await;
    let heard = desk.heard().await;
    let level = loudest(&heard, CALLER_HZ);
    assert!((level + 12.0).abs() < 3.0, "{codec:?}: said at -12 dBFS, heard at {level:.1}");
    assert!(!has_tone(&heard, 1_000.0), "nobody hears herself");
}

const SOON: Duration = Duration::from_secs(10);
