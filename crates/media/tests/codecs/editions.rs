//! Rooms in which many hear the same: encoded once for all of them.

use audio::tone::power_dbfs;
use model::{Codec, MediaCommand, SampleRate};

use crate::kit::{Bench, SPOKEN_DBFS};

const LISTENERS: usize = 50;

/// Fifty of a codec, of whom the first talks.
fn room(codec: Codec, parties: usize) -> Bench {
    let mut bench = Bench::new();
    bench.is_conference = true;
    for index in 0..parties {
        bench.joins(codec, 400.0 + 150.0 * (index % 3) as f64);
        bench.parties[index].is_speaking = index == 0;
    }
    bench.runs(40);
    bench
}

/// Frames encoded while `frames` pass.
pub(crate) fn encoded(bench: &mut Bench, frames: usize) -> u64 {
    let before = bench.shard.encoded();
    bench.parties.iter_mut().for_each(|party| party.heard.clear());
    bench.runs(frames);
    bench.shard.encoded() - before
}

/// How far what is none of these tones lies below them, in the worst 10 ms of what a party heard.
pub(crate) fn worst_noise_db(bench: &Bench, listener: usize, tones: &[f64]) -> f64 {
    let party = &bench.parties[listener];
    let rate_hz = party.decoder.rate().hz();
    let noise = party.heard.chunks_exact(rate_hz as usize / 100).map(|part| {
        let energy: f64 = part.iter().map(|&sample| f64::from(sample).powi(2)).sum();
        let power = energy / part.len() as f64 / (32_767_f64.powi(2) / 2.0);
        let tone = |&hz: &f64| 10_f64.powf(power_dbfs(part, hz, rate_hz) / 10.0);
        let tones: f64 = tones.iter().map(tone).sum();
        10.0 * ((power - tones).max(1e-9) / tones).log10()
    });
    noise.fold(f64::MIN, f64::max)
}

pub(crate) fn level_db(bench: &Bench, listener: usize, hz: f64) -> f64 {
    let party = &bench.parties[listener];
    power_dbfs(&party.heard, hz, party.decoder.rate().hz()) - SPOKEN_DBFS
}

#[test]
fn fifty_who_hear_one_talker_cost_two_encodes_a_frame() {
    for codec in [Codec::G722, Codec::Opus, Codec::L16(SampleRate::Wide)] {
        let mut bench = room(codec, LISTENERS);
        let encodes = encoded(&mut bench, 50);
        // The talker hears the others' silence, which nobody else does.
        assert!((96..=104).contains(&encodes), "{codec:?}: {encodes} encodes in 50 turns");
        for listener in 1..LISTENERS {
            let level = level_db(&bench, listener, 400.0);
            assert!(level.abs() < 3.0, "{codec:?} {listener}: {level:.1} dB");
        }
        assert!(level_db(&bench, 0, 400.0) < -50.0, "{codec:?}: she hears herself");
    }
}

#[test]
fn g711_of_a_wide_room_is_encoded_once_too() {
    let mut bench = room(Codec::Pcmu, 20);
    bench.joins(Codec::G722, 1_000.0);
    bench.parties[20].is_speaking = false;
    bench.runs(40);
    let encodes = encoded(&mut bench, 50);
    assert!((145..=155).contains(&encodes), "one each but the talker's: {encodes}");
    assert!((1..21).all(|listener| level_db(&bench, listener, 400.0).abs() < 1.0));
}

#[test]
fn a_listener_who_talks_and_stops_hears_no_click_when_its_encoder_changes() {
    for (codec, allowed_db) in [(Codec::G722, -18.0), (Codec::Opus, -12.0)] {
        let mut bench = room(codec, 12);
        encoded(&mut bench, 60);
        let quiet = worst_noise_db(&bench, 5, &[400.0]);
        for turn in 0..6 {
            bench.parties[5].is_speaking = turn % 2 == 0;
            let encodes = encoded(&mut bench, 37);
            let settled = if turn % 2 == 0 { 3 * 37 } else { 2 * 37 };
            assert!(encodes <= settled + 24, "{codec:?}: {encodes} encodes of {settled}");
            let noise = worst_noise_db(&bench, 5, &[400.0]);
            assert!(noise < allowed_db, "{codec:?} turn {turn}: {noise:.1} dB, else {quiet:.1}");
            let other = level_db(&bench, 8, 400.0);
            assert!(other.abs() < 3.0, "{codec:?} turn {turn}: {other:.1} dB");
        }
    }
}

#[test]
fn who_is_alone_again_with_a_matrix_hears_on_without_a_click() {
    let mut bench = room(Codec::G722, 12);
    encoded(&mut bench, 10);
    bench.all_hear_all();
    encoded(&mut bench, 50);
    for listener in 1..12 {
        let noise = worst_noise_db(&bench, listener, &[400.0]);
        assert!(noise < -20.0, "{listener}: {noise:.1} dB");
    }
}

#[test]
fn editions_follow_the_legs_as_they_come_and_go_and_change_the_rate() {
    let mut bench = room(Codec::Opus, 10);
    for _ in 0..6 {
        bench.joins(Codec::G722, 700.0);
        bench.parties.last_mut().expect("it came").is_speaking = false;
    }
    bench.runs(40);
    let encodes = encoded(&mut bench, 50);
    assert!((145..=156).contains(&encodes), "two editions and the talker: {encodes}");
    for index in [3, 12] {
        let leg = bench.parties[index].leg;
        bench.command(MediaCommand::Close { leg });
    }
    let encodes = encoded(&mut bench, 50);
    assert!((145..=156).contains(&encodes), "{encodes}");
    let listeners = (1..16).filter(|listener| ![3, 12].contains(listener));
    for listener in listeners {
        let level = level_db(&bench, listener, 400.0);
        assert!(level.abs() < 3.0, "{listener}: {level:.1} dB");
    }
}
