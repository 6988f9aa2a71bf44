//! Rooms of many legs, mixed all at once.

use std::time::Duration;

use audio::tone::power_dbfs;
use model::{Gain, MediaCommand, Route};

use crate::kit::{Bench, FRAME, UNHEARD_DBFS};
use crate::recordings::library;

/// Tones that fit 20 times into a second, each its own.
fn tone_hz(index: usize) -> f64 {
    200.0 + 50.0 * index as f64
}

fn room(parties: usize) -> Bench {
    let mut bench = Bench::with_library(library(&[("a", 3275.0, 2000)], &[]));
    for index in 0..parties {
        bench.joins(tone_hz(index));
        if index == 0 {
            bench.confers(Vec::new());
        }
    }
    bench
}

/// The levels of all parties' tones in what `listener` hears from now on for 400 ms.
fn levels(bench: &mut Bench, listener: usize) -> Vec<f64> {
    let from = bench.parties[listener].samples.len();
    bench.runs_ms(400);
    let samples = &bench.parties[listener].samples[from..];
    (0..bench.parties.len()).map(|index| power_dbfs(samples, tone_hz(index), 8000)).collect()
}

#[test]
fn fifty_loud_talkers_are_heard_alike_and_nobody_hears_herself() {
    let mut bench = room(50);
    bench.runs_ms(4000);
    for listener in [0, 7, 49] {
        let mut levels = levels(&mut bench, listener);
        let own = levels.remove(listener);
        assert!(own < UNHEARD_DBFS, "{listener} hears herself at {own:.0} dBFS");
        let mean = levels.iter().sum::<f64>() / levels.len() as f64;
        for (other, level) in levels.iter().enumerate() {
            assert!((level - mean).abs() < 1.0, "{other} at {level:.1} of {mean:.1} dBFS");
        }
    }
    let heard = &bench.parties[3].samples[16_000..];
    let flat = heard.windows(4).any(|w| w.iter().all(|&s| s == w[0] && s.abs() > 25_000));
    assert!(!flat, "a clipped wave has flat tops");
}

#[test]
fn each_listener_gets_one_even_stream_and_not_all_at_one_instant() {
    let mut bench = room(40);
    bench.runs_ms(2000);
    let from = bench.now;
    bench.runs_ms(5000);
    let mut instants: Vec<_> = Vec::new();
    for party in &bench.parties {
        let heard: Vec<_> = party.heard.iter().filter(|packet| packet.at >= from).collect();
        for pair in heard.windows(2) {
            let gap = pair[1].at.since(pair[0].at);
            assert!(gap.abs_diff(Duration::from_millis(20)) < Duration::from_millis(1), "{gap:?}");
            assert_eq!(pair[1].header.sequence, pair[0].header.sequence.wrapping_add(1));
            let media = pair[1].header.timestamp.wrapping_sub(pair[0].header.timestamp);
            assert_eq!(media as usize, FRAME);
        }
        instants.push(heard[0].at.as_nanos() % 20_000_000);
    }
    instants.sort_unstable();
    instants.dedup();
    assert!(instants.len() >= 5, "40 legs at {} instants", instants.len());
}

#[test]
fn three_talkers_among_thirty_are_heard_by_all_within_a_turn() {
    let mut bench = room(30);
    bench.parties[3..].iter_mut().for_each(|party| party.is_speaking = false);
    bench.runs_ms(2000);
    for listener in [0, 5, 29] {
        let levels = levels(&mut bench, listener);
        for (speaker, level) in levels.iter().enumerate() {
            let is_heard = speaker < 3 && speaker != listener;
            assert_eq!(*level > -25.0, is_heard, "{listener} hears {speaker} at {level:.0} dBFS");
            // So few tones are so regular that µ-law's own noise is tones too, at −57 dBFS.
            assert!(is_heard || *level < -50.0, "{listener}, {speaker}: {level:.0} dBFS");
        }
    }
    for burst in 0..20 {
        let speaker = burst % 3;
        bench.parties[speaker].burst = Some(0);
        let sent = bench.parties[speaker].next_send;
        let from = bench.parties[29].heard.len();
        bench.runs_ms(200);
        let party = &bench.parties[29];
        let mut frames = party.samples[from * FRAME..].chunks(FRAME).zip(&party.heard[from..]);
        let heard = frames.find(|(frame, _)| frame.iter().any(|sample| sample.abs() > 10_000));
        let delay = heard.expect("the burst is heard").1.at.since(sent);
        assert!(delay < Duration::from_millis(19), "{delay:?}");
    }
}

#[test]
fn legs_come_and_go_and_prompts_and_exceptions_are_as_in_small_rooms() {
    let mut bench = room(12);
    bench.runs_ms(1000);
    let leg = |bench: &Bench, index: usize| bench.parties[index].leg;
    let deaf = |bench: &Bench| Route::new(leg(bench, 0), leg(bench, 5), Gain::SILENT);
    let echo = |bench: &Bench| Route::new(leg(bench, 1), leg(bench, 1), Gain::UNITY);
    let except = vec![echo(&bench), deaf(&bench)];
    bench.confers(except);
    bench.runs_ms(200);
    assert!(levels(&mut bench, 0)[5] < UNHEARD_DBFS && levels(&mut bench, 2)[5] > -25.0);
    assert!(levels(&mut bench, 1)[1] > -25.0 && levels(&mut bench, 5)[5] < UNHEARD_DBFS);
    bench.confers(Vec::new());
    bench.runs_ms(200);
    assert!(levels(&mut bench, 0)[5] > -25.0 && levels(&mut bench, 1)[1] < UNHEARD_DBFS);
    for index in [11, 0, 4, 10] {
        let closed = leg(&bench, index);
        bench.command(MediaCommand::Close { leg: closed });
        bench.runs_ms(200);
        let levels = levels(&mut bench, 2);
        assert!(levels[index] < UNHEARD_DBFS && levels[1] > -25.0);
    }
    let late = bench.joins(tone_hz(12));
    bench.runs_ms(200);
    assert!(levels(&mut bench, late)[1] > -25.0 && levels(&mut bench, 1)[late] > -25.0);
    bench.plays(2, 1, &["a"]);
    let from = bench.parties[2].samples.len();
    bench.runs_ms(600);
    assert!(power_dbfs(&bench.parties[2].samples[from + 800..], 3275.0, 8000) > -25.0);
    assert!(power_dbfs(&bench.parties[1].samples[from + 800..], 3275.0, 8000) < UNHEARD_DBFS);
    bench.routes(&[(1, 2), (2, 1)]);
    bench.runs_ms(200);
    let levels = levels(&mut bench, 1);
    assert!(levels[2] > -25.0 && levels[3] < UNHEARD_DBFS);
    assert_eq!(bench.shard.legs(), 9);
}

#[test]
fn those_who_say_nothing_hear_all_who_talk_whether_they_send_silence_or_nothing() {
    let mut bench = room(10);
    bench.parties[2..].iter_mut().for_each(|party| party.is_speaking = false);
    bench.parties[9].is_sending = false;
    bench.runs_ms(2000);
    for listener in 2..10 {
        let levels = levels(&mut bench, listener);
        assert!(levels[0] > -17.0 && levels[1] > -17.0, "{:.1} {:.1}", levels[0], levels[1]);
    }
}
