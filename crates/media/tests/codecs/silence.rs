//! Peers that are told how silence sounds, and peers that are not.

use std::time::Duration;

use model::{Codec, Noise, Pacing, Silence, SrtpPolicy};

use crate::kit::{Bench, Joining, Sent};

const TOLD: Joining = Joining {
    ptime_ms: 20,
    sends_ms: 20,
    jitter_ms: 0,
    lost_percent: 0,
    noise: Noise::Kept,
    pacing: Pacing::Prompt,
    srtp: SrtpPolicy::Off,
    silence: Silence::Described,
    takes: Silence::Described,
};

/// A listener and a talker who has been silent for three seconds, in a pair or a large room.
fn silent(codec: Codec, joining: Joining, others: usize) -> Bench {
    let mut bench = Bench::new();
    bench.is_conference = others > 1;
    bench.joins_with(codec, 400.0, joining);
    bench.parties[0].is_speaking = false;
    for _ in 0..others {
        bench.joins(Codec::Pcmu, 700.0);
    }
    bench.runs(50);
    bench.parties.iter_mut().for_each(|party| party.is_speaking = false);
    bench.runs(100);
    bench.parties[0].packets.clear();
    bench.parties[0].heard.clear();
    bench.runs(50);
    bench
}

fn packets(bench: &Bench) -> &[Sent] {
    &bench.parties[0].packets
}

#[test]
fn a_peer_that_takes_it_is_told_of_silence_five_times_a_second() {
    for (codec, others) in [(Codec::Pcmu, 1), (Codec::G722, 1), (Codec::Pcma, 12)] {
        let bench = silent(codec, TOLD, others);
        let packets = packets(&bench);
        assert_eq!(packets.len(), 5, "{codec:?} {others}");
        for pair in packets.windows(2) {
            assert!(pair.iter().all(|sent| sent.level.is_some_and(|level| level >= 60)));
            assert_eq!(pair[1].at.since(pair[0].at), Duration::from_millis(200));
            let (one, next) = (pair[0].header, pair[1].header);
            assert_eq!(next.timestamp.wrapping_sub(one.timestamp), 1600, "real time goes on");
            assert_eq!(next.sequence, one.sequence.wrapping_add(1), "nothing looks lost");
            assert!(!next.marker);
        }
    }
}

#[test]
fn nobody_else_is() {
    let only_us = Joining { takes: Silence::Sent, ..TOLD };
    let only_they = Joining { silence: Silence::Sent, ..TOLD };
    for (codec, joining) in [(Codec::Pcmu, only_us), (Codec::Pcmu, only_they), (Codec::Opus, TOLD)]
    {
        let bench = silent(codec, joining, 1);
        assert!((49..=51).contains(&packets(&bench).len()), "{codec:?}");
        assert!(packets(&bench).iter().all(|sent| sent.level.is_none()));
    }
}

#[test]
fn the_first_word_after_silence_is_heard_whole_and_begins_with_a_marker() {
    for (codec, ptime_ms) in [(Codec::Pcmu, 20), (Codec::G722, 20), (Codec::Pcmu, 30)] {
        let heard = [Silence::Sent, Silence::Described].map(|silence| {
            let mut bench = silent(codec, Joining { silence, ptime_ms, ..TOLD }, 1);
            let before = packets(&bench).len();
            bench.parties[0].heard.clear();
            bench.parties[1].is_speaking = true;
            bench.runs(20);
            bench.parties[1].is_speaking = false;
            bench.runs(20);
            let is_sound = |sent: &&Sent| sent.level.is_none();
            let first = packets(&bench)[before..].iter().copied().filter(|sent| is_sound(&sent));
            let first = first.into_iter().next().expect("sound");
            assert_eq!(first.header.marker, silence == Silence::Described, "{codec:?}");
            let loud = bench.parties[0].heard.iter().filter(|sample| sample.abs() > 1_000);
            loud.count()
        });
        let off = heard[0].abs_diff(heard[1]);
        assert!(off * 200 <= heard[0], "{codec:?} {ptime_ms} ms: {heard:?} loud samples");
    }
}

#[test]
fn an_answer_says_so_only_where_both_want_it() {
    for (silence, takes) in [
        (Silence::Sent, Silence::Sent),
        (Silence::Sent, Silence::Described),
        (Silence::Described, Silence::Sent),
        (Silence::Described, Silence::Described),
    ] {
        let mut bench = Bench::new();
        bench.joins_with(Codec::Pcmu, 400.0, Joining { silence, takes, ..TOLD });
        let both = silence == Silence::Described && takes == Silence::Described;
        assert_eq!(bench.parties[0].takes_noise, both, "{silence:?} {takes:?}");
    }
}
