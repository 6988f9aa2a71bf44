//! What a defect of ours may cost: a shard that panics, hangs or is late while parties talk through
//! it.

mod bench;
mod late;
mod packets;
mod shards;
#[path = "../tests/support/mod.rs"]
#[expect(dead_code, reason = "shared with the tests of conversations")]
mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use media::Library;
use model::{LegId, MediaEvent};
use support::{ABSENT_DBFS, Engine, LOUD_DBFS, Party};

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What breaks.
#[derive(Clone, Copy)]
pub(crate) enum Harm {
    /// A command, in this way.
    Command(fn()),
    /// Whatever the shard does when it serves the leg for the nth time from now: it panics.
    Serving(u32),
    /// The thread: it ends, as after a panic that nothing catches.
    Thread,
}

const PANIC: Harm = Harm::Command(panics);
const HANG: Harm = Harm::Command(hangs);

fn panics() {
    panic!("a test's panic in a shard");
}

/// Longer than a shard may take no turn, but not for ever: the test's process is to end.
fn hangs() {
    std::thread::sleep(Duration::from_secs(6));
}

/// Two parties, one of them encrypted, who talk.
async fn talk(first_port: u16) -> (Engine, Party, Party) {
    let mut engine = Engine::start(LOOPBACK, first_port..=first_port + 299, Library::default());
    let mut one = engine.party(1, 500.0, LOOPBACK).await;
    let mut other = engine.encrypted_party(2, 1_300.0, LOOPBACK).await;
    engine.conference(&[one.leg, other.leg], 1).await;
    tokio::join!(one.talk(30), other.talk(30));
    assert_each_hears_the_other(&one, &other);
    (engine, one, other)
}

#[track_caller]
fn assert_each_hears_the_other(one: &Party, other: &Party) {
    for (ear, voice) in [(one, other), (other, one)] {
        assert!(ear.hears(voice.hz) > LOUD_DBFS, "the other: {} dBFS", ear.hears(voice.hz));
        assert!(ear.hears(ear.hz) < ABSENT_DBFS, "itself: {} dBFS", ear.hears(ear.hz));
    }
}

async fn is_revived(engine: &mut Engine, expected: LegId) {
    let revived = |event| match event {
        MediaEvent::Revived { leg } if leg == expected => Some(()),
        MediaEvent::Lost { .. } => panic!("nobody is given up"),
        _ => None,
    };
    engine.wait(revived).await;
}

#[tokio::test]
async fn a_leg_that_a_panic_took_talks_on_at_once_and_is_given_up_the_second_time() {
    let (mut engine, mut one, mut other) = talk(17_000).await;
    for (harmed, harm) in [(one.leg, PANIC), (other.leg, Harm::Serving(1))] {
        engine.media.harm(harmed, harm);
        is_revived(&mut engine, harmed).await;
        tokio::join!(one.talk(50), other.talk(50));
        assert_each_hears_the_other(&one, &other);
    }
    engine.media.harm(one.leg, PANIC);
    let lost = |event| match event {
        MediaEvent::Lost { leg } => Some(leg),
        _ => None,
    };
    assert_eq!(engine.wait(lost).await, one.leg);
    tokio::join!(one.talk(30), other.talk(30));
    assert!(one.heard.is_empty() && !other.heard.is_empty(), "the other goes on");
    let shard = engine.media.shards()[0];
    assert_eq!((shard.panicked, shard.legs, engine.media.legs()), (3, 1, 2), "until it is closed");
}

#[tokio::test]
async fn a_shard_that_hangs_is_replaced_and_its_legs_talk_on_without_signalling() {
    let (mut engine, mut one, mut other) = talk(17_400).await;
    engine.media.harm(one.leg, HANG);
    let is_stuck = |event| match event {
        MediaEvent::Shards(shards) => shards[0].is_stuck.then_some(()),
        _ => None,
    };
    engine.wait(is_stuck).await;
    is_revived(&mut engine, one.leg).await;
    is_revived(&mut engine, other.leg).await;
    for _ in 0..6 {
        // The old thread comes back meanwhile, and has nothing to say any more; it must not touch
        // the sockets either, which are another thread's.
        tokio::join!(one.talk(50), other.talk(50));
        assert_each_hears_the_other(&one, &other);
        assert_eq!((one.kept_and_lost().1, other.kept_and_lost().1), (0, 0));
    }
    let shard = engine.media.shards()[0];
    assert_eq!((shard.replaced, shard.legs), (1, 2));
    assert!(
        engine.offers(&mut other).await,
        "the key that was begun with anew is not gone on with"
    );
    tokio::join!(one.talk(50), other.talk(50));
    assert_each_hears_the_other(&one, &other);
    assert!(!engine.offers(&mut other).await, "and the new one is");
}
