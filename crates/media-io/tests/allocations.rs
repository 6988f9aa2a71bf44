//! The shard's loop allocates and frees nothing while parties talk.

#[expect(dead_code, reason = "shared with the tests of conversations")]
mod support;

use std::net::{IpAddr, Ipv4Addr};

use media::Library;
use model::{LegId, MediaCommand, PromptName};
use os::CountingAllocator;
use support::Engine;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const LOOPBACK: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// The guard itself sees what a thread does.
fn assert_guard_counts() {
    let (go, wait) = std::sync::mpsc::channel();
    let spender = std::thread::Builder::new()
        .name("spender".to_owned())
        .spawn(move || wait.recv().map(|size| drop(std::hint::black_box(vec![0_u8; size]))));
    let spender = spender.expect("a thread");
    while !CountingAllocator::watch("spender") {
        std::thread::yield_now(); // it names itself when it starts
    }
    go.send(100).expect("it waits");
    spender.join().expect("it ends").expect("it was told");
    assert!(CountingAllocator::count() >= 2, "one use and its end");
}

#[tokio::test]
async fn the_loop_of_a_shard_never_uses_the_heap_while_three_parties_talk() {
    assert_guard_counts();
    let mut library = Library::default();
    library.insert_music(PromptName::from("calm"), vec![900; 4_000]);
    let mut engine = Engine::start(LOOPBACK, 19_000..=19_999, library);
    let mut one = engine.party(1, 500.0, LOOPBACK).await;
    let mut other = engine.encrypted_party(2, 1_300.0, LOOPBACK).await;
    let mut third = engine.party(3, 2_100.0, LOOPBACK).await;
    let legs: [LegId; 3] = [one.leg, other.leg, third.leg];
    engine.conference(&legs, 1).await;
    let music = Some(PromptName::from("calm"));
    engine.media.command(MediaCommand::Music { leg: third.leg, music });
    tokio::join!(one.talk(30), other.talk(30), third.talk(30));

    let sent_before = engine.media.shards()[0].sent;
    assert!(CountingAllocator::watch("shard-0"), "the shard's thread has its name");
    tokio::join!(one.talk(100), other.talk(100), third.talk(100));
    assert_eq!(CountingAllocator::count(), 0, "uses of the heap");
    assert!(engine.media.shards()[0].sent > sent_before + 200, "it was at work meanwhile");

    let play = MediaCommand::Music { leg: third.leg, music: None };
    engine.media.command(play);
    engine.media.command(MediaCommand::Close { leg: third.leg });
    tokio::join!(one.talk(10), other.talk(10));
    assert_eq!(CountingAllocator::count(), 0, "not even when a leg is closed");
}
