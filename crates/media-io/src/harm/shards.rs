//! Two shards, of which one breaks: its own calls come back, and the other's notice nothing.

use media::Library;
use model::{LegId, RoomId};

use super::support::{Engine, Party};
use super::{HANG, Harm, LOOPBACK, PANIC, assert_each_hears_the_other, is_revived};

/// Two parties who talk with each other.
struct Call {
    one: Party,
    other: Party,
}

impl Call {
    /// Of the legs `first` and the one after it, in a room of their own.
    async fn new(engine: &mut Engine, first: u64) -> Self {
        engine.room = RoomId(first);
        let one = engine.party(first, 500.0, LOOPBACK).await;
        let other = engine.party(first + 1, 1_300.0, LOOPBACK).await;
        engine.conference(&[one.leg, other.leg], 1).await;
        Self { one, other }
    }

    fn legs(&self) -> [LegId; 2] {
        [self.one.leg, self.other.leg]
    }

    async fn talk(&mut self, frames: usize) {
        tokio::join!(self.one.talk(frames), self.other.talk(frames));
    }

    async fn talk_on(&mut self, frames: usize) {
        tokio::join!(self.one.talk_on(frames), self.other.talk_on(frames));
    }

    /// Of all that was sent to them, not one packet is missing, and neither is any sound.
    #[track_caller]
    fn assert_whole(&self, frames: usize) {
        for (ear, voice) in [(&self.one, &self.other), (&self.other, &self.one)] {
            let (kept, lost) = ear.kept_and_lost();
            assert!(lost == 0 && kept > frames * 9 / 10, "{lost} lost of {kept}");
            let (silence, (_, pause)) = (ear.silence_and_pause().0, voice.silence_and_pause());
            assert!(silence <= pause, "silent for {silence:?}, and the other for {pause:?}");
        }
    }
}

/// A call on each of two shards.
async fn two_calls(first_port: u16) -> (Engine, Call, Call) {
    let ports = first_port..=first_port + 299;
    let mut engine = Engine::start_with(2, LOOPBACK, ports, Library::default());
    let mut one = Call::new(&mut engine, 1).await;
    let mut other = Call::new(&mut engine, 3).await;
    tokio::join!(one.talk(30), other.talk(30));
    assert!(engine.media.shards().iter().all(|shard| shard.legs == 2), "each has one");
    (engine, one, other)
}

/// Of a call whose shard is harmed, and one on the other shard.
async fn harm_one_of_two(first_port: u16, harm: Harm) {
    let (mut engine, mut harmed, mut other) = two_calls(first_port).await;
    let legs = harmed.legs();
    engine.media.harm(legs[0], harm);
    let revived = async {
        for leg in legs {
            is_revived(&mut engine, leg).await;
        }
    };
    tokio::join!(revived, harmed.talk(250), other.talk_on(250));
    other.assert_whole(250);
    tokio::join!(harmed.talk(50), other.talk_on(50));
    assert_each_hears_the_other(&harmed.one, &harmed.other);
    harmed.assert_whole(25);
    other.assert_whole(50);
    let shards = engine.media.shards();
    let replaced = shards.iter().map(|shard| (shard.replaced, shard.legs));
    assert_eq!(replaced.collect::<Vec<_>>(), [(1, 2), (0, 2)]);
}

#[tokio::test]
async fn a_shard_that_hangs_costs_the_calls_of_the_other_no_packet_and_its_own_come_back() {
    harm_one_of_two(17_700, HANG).await;
}

#[tokio::test]
async fn a_shard_whose_thread_ends_costs_the_calls_of_the_other_no_packet_and_its_own_come_back() {
    harm_one_of_two(18_000, Harm::Thread).await;
}

#[tokio::test]
async fn a_panic_in_one_shard_costs_nobody_else_a_packet() {
    let (mut engine, mut harmed, mut other) = two_calls(18_300).await;
    let [leg, _] = harmed.legs();
    engine.media.harm(leg, PANIC);
    tokio::join!(
        is_revived(&mut engine, leg),
        harmed.one.talk(50),
        harmed.other.talk_on(50),
        other.talk_on(50)
    );
    other.assert_whole(50);
    assert_eq!(harmed.other.kept_and_lost().1, 0, "who talks with the one it took");
    harmed.talk(50).await;
    assert_each_hears_the_other(&harmed.one, &harmed.other);
    let panicked: Vec<u64> = engine.media.shards().iter().map(|shard| shard.panicked).collect();
    assert_eq!(panicked, [1, 0]);
}

/// Until it is known to hang, a shard is given calls as ever.
#[tokio::test]
async fn a_call_that_comes_to_a_hanging_shard_is_heard_when_that_is_replaced() {
    let (mut engine, harmed, mut other) = two_calls(18_600).await;
    engine.media.harm(harmed.legs()[0], HANG);
    let begins = async {
        // That its matrix is in force is said by the shard alone.
        let mut late = Call::new(&mut engine, 5).await;
        late.talk(50).await;
        late
    };
    let (late, ()) = tokio::join!(begins, other.talk_on(250));
    assert_each_hears_the_other(&late.one, &late.other);
    other.assert_whole(250);
    let shards = engine.media.shards();
    assert_eq!((shards[0].legs, shards[1].legs), (4, 2), "it came to the one that hung");
}
