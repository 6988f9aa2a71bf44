//! Rooms of few legs, each mixed by itself: what several of them hear alike is encoded once.

use std::path::Path;
use std::sync::Arc;

use audio::tone::{Sine, power_dbfs};
use audio::wav;
use media::Library;
use model::{
    Chance, Codec, MediaCommand, PlayId, Prompt, SampleRate, SessionDescription, TextPolicy,
};

use crate::editions::{encoded, level_db, worst_noise_db};
use crate::kit::{Bench, Joining, SPOKEN_DBFS};

const LEGS: usize = 8;
const CODECS: [Codec; 3] = [Codec::Opus, Codec::G722, Codec::L16(SampleRate::Wide)];
/// How far what is no tone lies below the tones, at least: a click is louder.
const SOFTEST_CLICK: [(Codec, f64); 2] = [(Codec::G722, -18.0), (Codec::Opus, -16.0)];
/// Of parties 0, 1 and so on: whole in 10 ms.
const TONES: [f64; LEGS] = [400.0, 700.0, 1_000.0, 1_300.0, 1_600.0, 1_900.0, 2_200.0, 2_500.0];

/// Eight of a codec who all hear each other, and of whom nobody talks.
fn room(codec: Codec, jitter_ms: u64) -> Bench {
    let mut bench = Bench::new();
    for (index, hz) in TONES.into_iter().enumerate() {
        bench.joins_with(codec, hz, Joining { jitter_ms, ..Joining::default() });
        bench.parties[index].is_speaking = false;
        bench.parties[index].next_ms = 13 * index as u64 % 20;
    }
    bench
}

/// The same, and the first of them has been talking for a second.
fn one_talks(codec: Codec) -> Bench {
    let mut bench = room(codec, 0);
    bench.parties[0].is_speaking = true;
    bench.runs(50);
    bench
}

/// A party will say its tone for so many frames, which swells and fades within 100 ms.
fn will_say(bench: &mut Bench, index: usize, pause: usize, frames: usize) {
    let party = &mut bench.parties[index];
    let rate = party.encoder.rate();
    let mut said = vec![0; rate.frame() * frames];
    Sine::new(party.tone_hz, SPOKEN_DBFS, rate.hz()).fill(&mut said);
    let (length, slope) = (said.len(), rate.frame() * 5);
    for (at, sample) in said.iter_mut().enumerate() {
        let weight = at.min(length - 1 - at).min(slope) as f64 / slope as f64;
        *sample = (f64::from(*sample) * weight) as i16;
    }
    party.said.extend(vec![0; rate.frame() * pause]);
    party.said.extend(said);
}

fn expect_no_click(bench: &Bench, listeners: &[usize], tones: &[f64], allowed_db: f64, what: &str) {
    for &listener in listeners {
        let noise = worst_noise_db(bench, listener, tones);
        assert!(noise < allowed_db, "{what}: {listener} hears {noise:.1} dB");
    }
}

#[test]
fn seven_who_hear_one_talker_cost_one_encode_a_frame() {
    for codec in CODECS {
        let mut bench = one_talks(codec);
        // Hers is the other one: she hears nobody.
        assert_eq!(encoded(&mut bench, 50), 2 * 50, "{codec:?}");
        for listener in 1..LEGS {
            let level = level_db(&bench, listener, 400.0);
            assert!(level.abs() < 3.0, "{codec:?} {listener}: {level:.1} dB");
        }
        assert!(level_db(&bench, 0, 400.0) < -50.0, "{codec:?}: she hears herself");
    }
}

#[test]
fn so_they_do_with_jitter_once_it_is_known() {
    for codec in CODECS {
        for jitter_ms in [5, 15] {
            let mut bench = room(codec, jitter_ms);
            // Not whole in a frame: a frame that another one is a packet ahead of is not the same.
            bench.parties[0].sine =
                Sine::new(437.0, SPOKEN_DBFS, bench.parties[0].encoder.rate().hz());
            bench.parties[0].is_speaking = true;
            bench.runs(250);
            let encodes = encoded(&mut bench, 250);
            assert!(encodes <= 2 * 250 + 10, "{codec:?}, {jitter_ms} ms: {encodes}");
        }
    }
}

#[test]
fn g711_is_encoded_once_too_as_it_is() {
    for codec in [Codec::Pcmu, Codec::Pcma] {
        let mut bench = one_talks(codec);
        // Not whole in a frame, so that each one is new.
        bench.parties[0].sine = Sine::new(437.0, SPOKEN_DBFS, 8_000);
        bench.runs(5);
        assert_eq!(encoded(&mut bench, 50), 2 * 50, "{codec:?}");
        assert!((1..LEGS).all(|listener| level_db(&bench, listener, 437.0).abs() < 1.0));
    }
}

#[test]
fn two_groups_who_hear_two_mixes_cost_two_encodes_a_frame() {
    for codec in CODECS {
        let mut bench = room(codec, 0);
        (0..3).for_each(|talker| bench.parties[talker].is_speaking = true);
        bench.routes(&[(3, 0), (3, 1), (4, 0), (4, 1), (5, 2), (6, 2), (7, 2)]);
        bench.runs(50);
        // And one for the talkers, who hear nobody.
        assert_eq!(encoded(&mut bench, 50), 3 * 50, "{codec:?}");
        for (listener, heard) in [(3, [0, 1, 1]), (4, [0, 1, 1]), (5, [2; 3]), (7, [2; 3])] {
            for (talker, hz) in TONES.into_iter().enumerate().take(3) {
                let level = level_db(&bench, listener, hz);
                let is_right =
                    if heard.contains(&talker) { level.abs() < 3.0 } else { level < -30.0 };
                assert!(is_right, "{codec:?}: {listener} hears {talker} at {level:.1} dB");
            }
        }
    }
}

#[test]
fn another_talker_is_heard_without_a_click_and_one_encode_is_enough_again() {
    for (codec, allowed_db) in SOFTEST_CLICK {
        let mut bench = room(codec, 0);
        will_say(&mut bench, 0, 0, 100);
        will_say(&mut bench, 1, 95, 150);
        bench.runs(50);
        let encodes = encoded(&mut bench, 100);
        assert!(encodes <= 3 * 100 + 60, "{codec:?}: {encodes} encodes while the talker changes");
        let listeners: Vec<_> = (2..LEGS).collect();
        expect_no_click(&bench, &listeners, &TONES[..2], allowed_db, "the talker changes");
        bench.runs(40);
        assert_eq!(encoded(&mut bench, 50), 2 * 50, "{codec:?}");
    }
}

#[test]
fn who_begins_to_talk_takes_nobody_away_from_what_the_others_hear() {
    for (codec, allowed_db) in SOFTEST_CLICK {
        let mut bench = one_talks(codec);
        will_say(&mut bench, 5, 10, 30);
        let encodes = encoded(&mut bench, 75);
        assert!(encodes <= 3 * 75, "{codec:?}: {encodes} encodes");
        expect_no_click(&bench, &[5], &TONES[..1], allowed_db, "who talks and ceases");
        let tones = [TONES[0], TONES[5]];
        expect_no_click(&bench, &[1, 2, 3, 4, 6, 7], &tones, allowed_db, "the others");
        assert_eq!(encoded(&mut bench, 50), 2 * 50, "{codec:?}");
    }
}

/// The second of a room while one of its listeners does something else; nobody else notices, and
/// one encode is enough for all others.
fn check_unbroken(what: &str, more: u64, act: impl Fn(&mut Bench)) {
    for (codec, allowed_db) in SOFTEST_CLICK {
        let mut bench = one_talks(codec);
        encoded(&mut bench, 5);
        act(&mut bench);
        bench.runs(45);
        let others: Vec<_> = (1..LEGS).filter(|&listener| listener != 5).collect();
        expect_no_click(&bench, &others, &TONES[..1], allowed_db, what);
        let encodes = encoded(&mut bench, 50);
        assert_eq!(encodes, (2 + more) * 50, "{codec:?}, {what}");
    }
}

fn reoffers(bench: &mut Bench, index: usize, direction: &str, version: u32) {
    let party = &bench.parties[index];
    let offer = String::from_utf8(party.offer.bytes().to_vec()).expect("text");
    let offer = offer.replace("sendrecv", direction);
    let of_version = |line: &str| match line.split(' ').collect::<Vec<_>>()[..] {
        [name, session, _, ..] if name.starts_with("o=") => {
            let place = line.splitn(4, ' ').last().expect("it has six words");
            format!("{name} {session} {version} {place}")
        }
        _ => line.to_owned(),
    };
    let offer = offer.split_inclusive('\n').map(of_version).collect::<String>();
    let offer = SessionDescription::received(offer.as_bytes(), party.address.ip());
    let leg = party.leg;
    let command = MediaCommand::Reoffer { leg, offer: Some(offer), text: TextPolicy::Accepted };
    bench.command(command).expect("an answer");
}

#[test]
fn others_hear_on_when_one_leaves() {
    check_unbroken("one leaves", 0, |bench| {
        let leg = bench.parties[5].leg;
        bench.command(MediaCommand::Close { leg });
    });
}

#[test]
fn others_hear_on_when_one_is_held() {
    check_unbroken("one is held", 0, |bench| reoffers(bench, 5, "sendonly", 8));
}

#[test]
fn others_hear_on_when_one_hears_a_prompt() {
    check_unbroken("one hears a prompt", 1, |bench| {
        let mut library = Library::default();
        let mut samples = vec![0; 3 * 8_000];
        Sine::new(900.0, SPOKEN_DBFS, 8_000).fill(&mut samples);
        library.insert(Prompt::signal("long"), samples);
        bench.negotiator.set_library(Arc::new(library));
        let leg = bench.parties[5].leg;
        let prompts = vec![Prompt::signal("long")];
        bench.command(MediaCommand::Play { leg, play: PlayId(1), prompts });
    });
}

#[test]
fn others_hear_on_when_one_is_muted() {
    check_unbroken("one is muted", 0, |bench| {
        let all = (0..LEGS).flat_map(|listener| (0..LEGS).map(move |speaker| (listener, speaker)));
        let pairs: Vec<_> = all.filter(|&(one, other)| one != other && other != 5).collect();
        bench.routes(&pairs);
    });
}

#[test]
fn who_was_held_hears_without_a_click_and_costs_no_encode_of_her_own() {
    for (codec, allowed_db) in SOFTEST_CLICK {
        let mut bench = one_talks(codec);
        reoffers(&mut bench, 5, "sendonly", 8);
        bench.parties[5].heard.clear();
        bench.runs(20);
        assert!(bench.parties[5].heard.is_empty(), "she is held");
        reoffers(&mut bench, 5, "sendrecv", 9);
        bench.runs(20);
        assert_eq!(encoded(&mut bench, 50), 2 * 50, "{codec:?}");
        expect_no_click(&bench, &[5], &TONES[..1], allowed_db, "who was held");
        let level = level_db(&bench, 5, 400.0);
        assert!(level.abs() < 3.0, "{codec:?}: {level:.1} dB");
    }
}

#[test]
fn whatever_the_matrix_nobody_hears_whom_she_must_not() {
    for codec in [Codec::Opus, Codec::G722] {
        let mut bench = room(codec, 0);
        let mut chance = Chance::from_number(21);
        for party in &mut bench.parties[..TALKERS] {
            party.sine = Sine::new(party.tone_hz, SOFT_DBFS, party.encoder.rate().hz());
            party.is_speaking = true;
        }
        let (mut encodes, mut frames) = (0, 0);
        for change in 0..150 {
            // Two mixes among all, so that many hear the same.
            let mixes = [chance.below(16), chance.below(16)];
            let heard: [u64; LEGS] = std::array::from_fn(|_| mixes[chance.below(2) as usize]);
            let all = (0..LEGS).flat_map(|one| (0..TALKERS).map(move |other| (one, other)));
            let hears =
                |&(one, other): &(usize, usize)| one != other && heard[one] >> other & 1 == 1;
            let pairs: Vec<_> = all.filter(hears).collect();
            bench.routes(&pairs);
            encoded(&mut bench, SETTLING);
            let lasts = 1 + chance.below(12) as usize;
            encodes += encoded(&mut bench, lasts);
            frames += lasts as u64;
            for listener in 0..LEGS {
                for (talker, hz) in TONES.into_iter().enumerate().take(TALKERS) {
                    let party = &bench.parties[listener];
                    let rate_hz = party.decoder.rate().hz();
                    let level = power_dbfs(&party.heard, hz, rate_hz) - SOFT_DBFS;
                    let is_right = match pairs.contains(&(listener, talker)) {
                        true => level.abs() < 6.0,
                        false => level < -20.0,
                    };
                    let what = format!("{codec:?}, change {change}, {pairs:?}");
                    assert!(is_right, "{what}: {listener} hears {talker} at {level:.1} dB");
                }
            }
        }
        assert!(encodes < 6 * frames, "{codec:?}: {encodes} encodes in {frames} frames");
    }
}

/// Eight turns of three seconds of recorded speech, three talkers in turn; frames encoded.
fn conversation(codec: Codec, jitter_ms: u64) -> u64 {
    let mut bench = room(codec, jitter_ms);
    let rate = bench.parties[0].encoder.rate();
    let mut said = speech(rate.hz()).into_iter();
    let encodes = (0..8).map(|turn| {
        bench.parties[turn % 3].said = said.by_ref().take(150 * rate.frame()).collect();
        encoded(&mut bench, 150)
    });
    encodes.sum()
}

/// How loud the last of so many hears the first, who says a tone of −70 dBFS.
fn faint_heard_dbfs(legs: usize) -> f64 {
    let mut bench = Bench::new();
    TONES[..legs].iter().for_each(|&hz| bench.joins(Codec::L16(SampleRate::Wide), hz));
    bench.parties.iter_mut().for_each(|party| party.is_speaking = false);
    bench.parties[0].sine = Sine::new(400.0, -70.0, SampleRate::Wide.hz());
    bench.parties[0].is_speaking = true;
    bench.runs(50);
    encoded(&mut bench, 50);
    power_dbfs(&bench.parties[legs - 1].heard, 400.0, SampleRate::Wide.hz())
}

#[test]
fn two_hear_each_other_however_faint() {
    let [two, three] = [2, 3].map(faint_heard_dbfs);
    assert!((two + 70.0).abs() < 2.0, "{two:.0} dBFS");
    assert!(three < -90.0, "{three:.0} dBFS");
}

fn speech(rate_hz: u32) -> Vec<i16> {
    let prompts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts/en");
    let files = std::fs::read_dir(prompts).expect("recordings of the repository");
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "wav"));
    paths.sort();
    let load =
        |path| wav::load(&std::fs::read(path).expect("a file"), rate_hz).expect("a WAV file");
    paths.iter().flat_map(load).collect()
}

#[test]
fn where_talkers_and_their_jitter_change_most_is_encoded_once_still() {
    // Of 1 200 frames each, where two mixes a frame are as few as can be and eight were encoded.
    for codec in [Codec::G722, Codec::Opus] {
        for (jitter_ms, most) in [(0, 2_900), (5, 3_300), (15, 4_000)] {
            let encodes = conversation(codec, jitter_ms);
            println!("{codec:?}, {jitter_ms} ms: {encodes} encodes");
            assert!(encodes < most, "{codec:?}, {jitter_ms} ms: {encodes} encodes");
        }
    }
}

/// All of them together are not limited.
const SOFT_DBFS: f64 = -26.0;
const TALKERS: usize = 4;
/// Frames until a change of the matrix has gone through two codecs.
const SETTLING: usize = 4;
