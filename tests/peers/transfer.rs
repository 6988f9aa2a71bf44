//! A transfer with three telephones: the caller's, baresip of the advocate who hands her on, and that
//! of the colleague.

use std::time::Duration;

use northline::phone::{AnswerPolicy, Call, Phone};

use crate::baresip::Baresip;
use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground};
use crate::phones::{phone, ready_advocate_that, tone};
use crate::program::until;
use crate::sipp::{Transport, over_both};
use crate::speech::{anywhere, has_tone, loudest, prompt};

const ADVOCATES: &str = "advocates:
  - { name: alice, password: a-long-password, languages: [en] }
  - { name: bruna, password: another-password, languages: [en] }";
const CALLER_HZ: f64 = 600.0;
const ALICE_HZ: f64 = 1_000.0;
const BRUNA_HZ: f64 = 1_500.0;

#[test]
fn an_advocate_hands_her_caller_to_a_colleague_with_the_transfer_key_of_her_phone() {
    over_both(hands_on);
}

async fn hands_on(transport: Transport) {
    let Scene { ground, engine, alice, call, .. } = Scene::talking(transport).await;
    let rings = AnswerPolicy::After(Duration::from_secs(4));
    let mut bruna = ready_advocate_that(ground, "bruna", "another-password", rings).await;
    let before = call.heard().samples.len();
    alice.transfer("bruna").await;
    let taken = tokio::time::timeout(SOON, bruna.incoming()).await.expect("soon");
    let taken = taken.expect("bruna's phone rings");
    taken.answered().await.expect("she answers");
    drop(taken.speak(tone(BRUNA_HZ, 60)));
    until("she hears bruna", SOON, || has_tone(&call.heard().samples, BRUNA_HZ)).await;
    until("bruna hears her", SOON, || has_tone(&taken.heard().samples, CALLER_HZ)).await;
    engine.holds(|held| held.legs == 2, SOON).await;
    let heard = call.heard().samples[before..].to_vec();
    let told = anywhere(&heard, &prompt("en/please-wait")[..WORDS]);
    assert!(told > 0.5, "she was told to wait: {told}");
    let last = &heard[heard.len() - 8_000..];
    assert!(!has_tone(last, ALICE_HZ), "alice is gone: {} dBFS", loudest(last, ALICE_HZ));
    call.hang_up().await;
    engine.holds_nothing(Duration::from_secs(1)).await;
}

/// This phone says goodbye to its call when its transfer is refused.
#[tokio::test]
async fn a_phone_that_hangs_up_when_its_transfer_fails_leaves_the_caller_first_in_line() {
    let Scene { engine, alice, call, .. } = Scene::talking(Transport::Udp).await;
    alice.transfer("nobody").await;
    until("a name that nobody has", SOON, || alice.said("404 Not Found")).await;
    engine.holds(|held| held.waiting == 1 && held.legs == 1, SOON).await;
    call.hang_up().await;
    engine.holds_nothing(Duration::from_secs(1)).await;
}

/// A caller who talks with alice.
struct Scene {
    ground: Ground,
    engine: Engine,
    alice: Baresip,
    call: Call,
    /// Hers, which must live as long as her call.
    _phone: Phone,
}

impl Scene {
    async fn talking(transport: Transport) -> Self {
        let ground = Ground::new();
        let setup = Setup { sections: ADVOCATES, ..Setup::default() };
        let engine = Engine::start(ground, &setup).await;
        let account = Some(("alice", "a-long-password"));
        let voice = tone(ALICE_HZ, 120);
        let alice = Baresip::start(&engine, ground.host(DESK), account, transport, &voice).await;
        alice.dial("*1").await;
        engine.holds(|held| held.legs == 1, SOON).await;
        engine.holds(|held| held.legs == 0, SOON).await;
        let phone = phone(ground, CALLER, None).await;
        let call = phone.call("100").await.expect("a port");
        call.answered().await.expect("answered");
        drop(call.speak(tone(CALLER_HZ, 90)));
        until("she hears alice", LATER, || has_tone(&call.heard().samples, ALICE_HZ)).await;
        Self { ground, engine, alice, call, _phone: phone }
    }
}

/// The first second of the prompt, in samples.
const WORDS: usize = 8_000;
const SOON: Duration = Duration::from_secs(10);
/// Greeting and all.
const LATER: Duration = Duration::from_secs(40);
