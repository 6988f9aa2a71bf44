//! The shard's thread, sockets and rings included, allocates and frees nothing, whatever happens to
//! its legs. What it is told comes with all it needs, and leaves again by the ring.

#[expect(dead_code, reason = "shared with the tests of conversations")]
mod support;

use std::net::{IpAddr, Ipv4Addr};

use media::Library;
use model::{Digit, LegId, MediaCommand, MediaEvent, Noise, PlayId, Prompt, PromptName};
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

/// An engine whose only shard's thread has begun to take turns, and is watched.
async fn watched(library: Library) -> Engine {
    let mut engine = Engine::start(LOOPBACK, 19_000..=19_999, library);
    for _ in 0..2 {
        let runs = |event| match event {
            MediaEvent::Shards(shards) => shards[0].scheduling.map(drop),
            _ => None,
        };
        engine.wait(runs).await;
    }
    assert!(CountingAllocator::watch("shard-0"), "the shard's thread has its name");
    engine
}

#[tokio::test]
async fn the_thread_of_a_shard_never_uses_the_heap_from_the_first_leg_to_the_last() {
    assert_guard_counts();
    let mut library = Library::default();
    library.insert_music(PromptName::from("calm"), vec![900; 4_000]);
    library.insert(Prompt::signal("word"), vec![900; 2_000]);
    let mut engine = watched(library).await;
    // Twice: the second time everything is used again.
    for first in [1, 11] {
        let mut one = engine.party(first, 500.0, LOOPBACK).await;
        engine.noise = Noise::Suppressed;
        let mut other = engine.encrypted_party(first + 1, 1_300.0, LOOPBACK).await;
        engine.noise = Noise::Kept;
        let mut third = engine.party(first + 2, 2_100.0, LOOPBACK).await;
        let legs: [LegId; 3] = [one.leg, other.leg, third.leg];
        engine.conference(&legs, 1).await;
        let (leg, music) = (third.leg, Some(PromptName::from("calm")));
        engine.media.command(MediaCommand::Music { leg, music });
        tokio::join!(one.talk(50), other.talk(50), third.talk(50));
        let prompts = vec![Prompt::signal("word")];
        engine.media.command(MediaCommand::Play { leg, play: PlayId(first), prompts });
        let digits = "42#".chars().filter_map(Digit::from_char).collect();
        engine.media.command(MediaCommand::SendDigits { leg: one.leg, digits });
        engine.conference(&legs[..2], 2).await;
        tokio::join!(one.talk(60), other.talk(60), third.talk(60));
        for leg in legs {
            engine.media.command(MediaCommand::Close { leg });
        }
        tokio::join!(one.talk(10), other.talk(10));
    }
    let shard = engine.media.shards()[0];
    assert!(shard.sent > 600 && shard.legs == 0, "it was at work: {shard:?}");
    assert_eq!(CountingAllocator::count(), 0, "uses of the heap");
}
