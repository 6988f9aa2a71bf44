//! A hotline with several media threads: each has its share of the calls, and a call is whole on one.

use std::time::Duration;

use northline::phone::{AnswerPolicy, Call, Phone};

use crate::engine::{Engine, Setup};
use crate::ground::{CALLER, DESK, Ground, SECOND_CALLER};
use crate::phones::{phone, ready_advocate_at, tone};
use crate::program::{eventually, until};
use crate::speech::has_tone;

const ADVOCATES: &str = "advocates:
  - { name: alice, password: a-long-password, languages: [en] }
  - { name: bruna, password: a-long-password, languages: [en] }";

/// A caller and an advocate in conversation, and their phones.
struct Talk {
    calls: [Call; 2],
    hz: [f64; 2],
    _phones: [Phone; 2],
}

impl Talk {
    async fn between(
        ground: Ground,
        (caller, desk): (u8, u8),
        advocate: &str,
        hz: [f64; 2],
    ) -> Self {
        let (account, soon) = ((advocate, "a-long-password"), Duration::from_millis(300));
        let picks_up = AnswerPolicy::After(soon);
        let mut desk = ready_advocate_at(ground, desk, account, picks_up).await;
        let caller = phone(ground, caller, None).await;
        let call = caller.call("100").await.expect("a port");
        call.answered().await.expect("answered");
        let taken = tokio::time::timeout(LATER, desk.incoming()).await.expect("in time");
        let taken = taken.expect("her phone rings");
        taken.answered().await.expect("she answers");
        drop(call.speak(tone(hz[0], 120)));
        drop(taken.speak(tone(hz[1], 120)));
        Self { calls: [call, taken], hz, _phones: [caller, desk] }
    }

    /// Waits until each hears the other, and says whether anybody hears one of `others`.
    async fn is_heard(&self, others: [f64; 2]) {
        let [caller, advocate] = &self.calls;
        for (ear, voice) in [(caller, self.hz[1]), (advocate, self.hz[0])] {
            until("each hears the other", LATER, || has_tone(&ear.heard().samples, voice)).await;
            let heard = ear.heard().samples;
            assert!(!others.iter().any(|&hz| has_tone(&heard, hz)), "nobody of the other call");
        }
    }
}

// Listening for a tone takes a thread for a while, in which the simulated phones must go on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_calls_have_a_media_thread_each_and_each_call_is_whole_on_its_own() {
    let ground = Ground::new();
    let setup = Setup { sections: ADVOCATES, shards: Some(2), ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let first = Talk::between(ground, (CALLER, DESK), "alice", [600.0, 1_000.0]).await;
    let second =
        Talk::between(ground, (SECOND_CALLER, DESK + 1), "bruna", [1_500.0, 1_900.0]).await;
    first.is_heard(second.hz).await;
    second.is_heard(first.hz).await;
    eventually(SOON, async || {
        let shards = engine.shards().await;
        (shards == [(2, 1), (2, 1)]).then_some(()).ok_or_else(|| format!("{shards:?}"))
    })
    .await;
    for talk in [&first, &second] {
        talk.calls[0].hang_up().await;
    }
    engine.holds_nothing(SOON).await;
    eventually(SOON, async || {
        let shards = engine.shards().await;
        (shards == [(0, 0), (0, 0)]).then_some(()).ok_or_else(|| format!("{shards:?}"))
    })
    .await;
}

const SOON: Duration = Duration::from_secs(10);
/// Greeting and all.
const LATER: Duration = Duration::from_secs(40);
