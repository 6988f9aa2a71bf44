//! Parties with noise behind them, whose legs have it suppressed or kept.

use std::f64::consts::TAU;
use std::path::Path;

use audio::tone::{Sine, dtmf_pair_hz};
use audio::{level_dbov, wav};
use model::{Chance, Codec, Digit, MediaCommand, Noise, SampleRate, TextPolicy};

use crate::kit::{Bench, Joining};

/// A codec of each rate.
const CODECS: [(Codec, u32); 4] =
    [(Codec::Pcmu, 14), (Codec::G722, 12), (Codec::L16(SampleRate::Full), 10), (Codec::Opus, 10)];
/// Of so many parties, a room is mixed all at once.
const LARGE: usize = 12;
const SUPPRESSED: Noise = Noise::Suppressed;

/// A talker and who hears her, both of one codec.
fn pair(codec: Codec, talker: Joining) -> Bench {
    let mut bench = Bench::new();
    bench.joins_with(codec, 500.0, talker);
    bench.joins(codec, 900.0);
    bench.parties.iter_mut().for_each(|party| party.is_speaking = false);
    bench
}

/// What is heard of a talker who says that.
fn heard(codec: Codec, talker: Joining, said: &[i16]) -> Vec<i16> {
    let mut bench = pair(codec, talker);
    bench.parties[0].said = said.iter().copied().collect();
    bench.runs(said.len() / codec.rate().frame() + 10);
    bench.parties[1].heard.split_off(0)
}

fn speech(rate: SampleRate) -> Vec<i16> {
    let prompts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts/demo");
    let said = ["caller-1.wav", "caller-2.wav", "caller-3.wav"].map(|name| {
        let bytes = std::fs::read(prompts.join(name)).expect("a recording of the repository");
        wav::load(&bytes, rate.hz()).expect("a WAV file")
    });
    let pause = vec![0; rate.frame() * 30];
    said.into_iter().flat_map(|said| [&pause[..], &said].concat()).collect()
}

/// The rush of a street added, of that RMS level: even up to 300 Hz, and ever less above.
fn in_a_street(samples: &[i16], level_dbfs: f64, rate: SampleRate) -> Vec<i16> {
    let mut chance = Chance::from_number(11);
    let weight = 1.0 - (-TAU * 300.0 / f64::from(rate.hz())).exp();
    // An even distribution of ±1 has a mean square of 1/3, and the filter leaves this part of it.
    let loudest =
        32_767.0 * 10_f64.powf(level_dbfs / 20.0) * (3.0 * (2.0 - weight) / weight).sqrt();
    let mut rush = 0.0;
    let mut next = || {
        let even = chance.below(65_536) as f64 / 32_768.0 - 1.0;
        rush += (even * loudest - rush) * weight;
        rush as i16
    };
    samples.iter().map(|&sample| sample.saturating_add(next())).collect()
}

/// The levels of the quietest and the loudest tenth of frames: between the words, and in them.
fn floor_and_voice_dbov(samples: &[i16], rate: SampleRate) -> (i8, i8) {
    let mut levels: Vec<i8> = samples.chunks(rate.frame()).map(level_dbov).collect();
    levels.sort_unstable();
    (levels[levels.len() / 10], levels[levels.len() * 9 / 10])
}

/// How like what was said what is heard is at most, and by how many samples later it is that.
fn likest(said: &[i16], heard: &[i16], rate: SampleRate) -> (f64, usize) {
    let part = rate.hz() as usize..2 * rate.hz() as usize;
    let product = |a: &[i16], b: &[i16]| {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>()
    };
    let likeness = |late: usize| {
        let (said, heard) = (&said[part.clone()], &heard[part.start + late..part.end + late]);
        product(said, heard) / (product(said, said) * product(heard, heard)).sqrt()
    };
    let all = (0..rate.hz() as usize / 1000 * 50).map(|late| (likeness(late), late));
    all.max_by(|(a, _), (b, _)| a.total_cmp(b)).expect("there are some")
}

#[test]
fn noise_of_a_leg_that_asks_falls_by_10_db_and_the_voice_is_more_like_itself_and_as_loud() {
    for (codec, delay_ms) in CODECS {
        let rate = codec.rate();
        let said = speech(rate);
        let noisy = in_a_street(&said, -28.0, rate);
        let [kept, suppressed] = [Noise::Kept, SUPPRESSED]
            .map(|noise| heard(codec, Joining { noise, ..Joining::default() }, &noisy));
        let [(floor, voice), (lower, as_loud)] = [&kept, &suppressed]
            .map(|heard| floor_and_voice_dbov(&heard[rate.hz() as usize..], rate));
        assert!(lower + 10 <= floor, "{codec:?}: {lower} after {floor} dBov between words");
        assert!((voice - as_loud).abs() <= 1, "{codec:?}: {as_loud} after {voice} dBov in words");
        let [kept, suppressed] = [kept, suppressed].map(|heard| likest(&said, &heard, rate));
        // Of what Opus leaves unlike, its own coding is most.
        let left = if codec == Codec::Opus { 1.0 } else { 0.7 };
        assert!(1.0 - suppressed.0 < left * (1.0 - kept.0), "{codec:?}: {kept:?} {suppressed:?}");
        let later_ms = ((suppressed.1 - kept.1) as f64 * 1000.0 / f64::from(rate.hz())).round();
        assert_eq!(later_ms as u32, delay_ms, "{codec:?}");
    }
}

/// Where everyone is mixed at once, each voice is taken from its leg once, for all who hear it.
#[test]
fn noise_of_one_talker_falls_by_10_db_for_all_of_a_large_room() {
    for codec in [Codec::Pcmu, Codec::Opus] {
        let rate = codec.rate();
        let noisy = in_a_street(&speech(rate), -28.0, rate);
        let heard_by_all = |noise| {
            let mut bench = Bench::new();
            bench.is_conference = true;
            bench.joins_with(codec, 500.0, Joining { noise, ..Joining::default() });
            (1..LARGE).for_each(|_| bench.joins(codec, 900.0));
            bench.parties.iter_mut().for_each(|party| party.is_speaking = false);
            bench.parties[0].said = noisy.iter().copied().collect();
            bench.runs(noisy.len() / rate.frame() + 10);
            let others = bench.parties.iter_mut().skip(1);
            others.map(|party| party.heard.split_off(rate.hz() as usize)).collect::<Vec<_>>()
        };
        let (kept, suppressed) = (heard_by_all(Noise::Kept), heard_by_all(SUPPRESSED));
        for (kept, suppressed) in kept.iter().zip(&suppressed) {
            let [(floor, voice), (lower, as_loud)] =
                [kept, suppressed].map(|heard| floor_and_voice_dbov(heard, rate));
            assert!(lower + 10 <= floor, "{codec:?}: {lower} after {floor} dBov between words");
            assert!((voice - as_loud).abs() <= 1, "{codec:?}: {as_loud} after {voice} in words");
        }
    }
}

#[test]
fn silence_of_such_a_leg_is_silent_and_its_tones_are_as_loud_as_they_were() {
    for (codec, _) in CODECS {
        let rate = codec.rate();
        let joining = Joining { noise: SUPPRESSED, ..Joining::default() };
        assert!(
            heard(codec, joining, &vec![0; rate.frame() * 50])
                .iter()
                .all(|sample| sample.unsigned_abs() < 20)
        );
        let mut ringing = vec![0; rate.frame() * 100];
        Sine::new(425.0, -16.0, rate.hz()).fill(&mut ringing);
        let [kept, suppressed] = [Noise::Kept, SUPPRESSED].map(|noise| {
            let heard = heard(codec, Joining { noise, ..joining }, &ringing);
            level_dbov(&heard[rate.hz() as usize..][..rate.hz() as usize / 2])
        });
        assert!((kept - suppressed).abs() <= 1, "{codec:?}: {kept} and {suppressed} dBov");
    }
}

#[test]
fn a_key_in_band_is_known_by_its_own_sound_whatever_is_done_to_that_and_nobody_hears_more_of_it() {
    for (codec, _) in CODECS {
        let rate = codec.rate();
        let said: Vec<i16> = KEYS.chars().flat_map(|key| press(key, rate)).collect();
        let said = in_a_street(&said, -45.0, rate);
        let [kept, suppressed] = [Noise::Kept, SUPPRESSED].map(|noise| {
            let mut bench = pair(codec, Joining { noise, ..Joining::default() });
            bench.parties[0].said = said.iter().copied().collect();
            bench.runs(said.len() / rate.frame() + 5);
            assert_eq!(bench.digits, KEYS, "{codec:?} {noise:?}");
            let loud = |part: &&[i16]| level_dbov(part) > -30;
            bench.parties[1].heard.chunks(rate.frame() / 4).filter(loud).count() * 5
        });
        assert!(suppressed <= kept + 5 * KEYS.len(), "{codec:?}: {kept} ms and {suppressed} ms");
    }
}

#[test]
fn noise_alone_is_no_speech_where_it_is_suppressed() {
    let rate = SampleRate::Narrow;
    let street = in_a_street(&vec![0; rate.frame() * 200], -30.0, rate);
    let speaks_at_last = |noise| {
        let mut bench = pair(Codec::Pcmu, Joining { noise, ..Joining::default() });
        bench.parties[0].said = street.iter().copied().collect();
        bench.runs(199);
        let talker = bench.parties[0].leg;
        let of_talker = bench.speech.iter().rev().find(|(leg, _)| *leg == talker);
        of_talker.is_some_and(|&(_, is_speaking)| is_speaking)
    };
    assert!(speaks_at_last(Noise::Kept));
    assert!(!speaks_at_last(SUPPRESSED));
}

#[test]
fn what_gets_lost_on_the_way_is_concealed_as_ever() {
    for (codec, _) in CODECS {
        let rate = codec.rate();
        let joining = Joining { noise: SUPPRESSED, lost_percent: 5, ..Joining::default() };
        let mut bench = pair(codec, joining);
        bench.parties[0].is_speaking = true;
        bench.runs(300);
        let heard = &bench.parties[1].heard[rate.hz() as usize..];
        let silent = heard.chunk_by(|a, b| a.unsigned_abs().max(b.unsigned_abs()) < 100);
        let longest =
            silent.map(<[i16]>::len).max().unwrap_or_default() * 1000 / rate.hz() as usize;
        let steepest =
            heard.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
        assert!(longest <= 10, "{codec:?}: silent for {longest} ms");
        let own = TAU * 500.0 / f64::from(rate.hz()) * 32_767.0 * 10_f64.powf(-16.0 / 20.0);
        assert!(
            steepest.is_some_and(|steep| f64::from(steep) < own + 3_277.0),
            "{codec:?}: {steepest:?}"
        );
    }
}

#[test]
fn a_re_invite_that_changes_nothing_is_not_heard() {
    let said = in_a_street(&speech(SampleRate::Narrow), -28.0, SampleRate::Narrow);
    let heard = |is_reoffered: bool| {
        let mut bench = pair(Codec::Pcmu, Joining { noise: SUPPRESSED, ..Joining::default() });
        bench.parties[0].said = said.iter().copied().collect();
        bench.runs(120);
        if is_reoffered {
            let (leg, offer) = (bench.parties[0].leg, Some(bench.parties[0].offer.clone()));
            assert!(
                bench
                    .command(MediaCommand::Reoffer { leg, offer, text: TextPolicy::Accepted })
                    .is_some()
            );
        }
        bench.runs(100);
        bench.parties[1].heard.split_off(0)
    };
    assert!(heard(true) == heard(false));
}

#[test]
fn a_room_goes_on_at_another_rate_and_the_voice_in_it() {
    let rate = SampleRate::Narrow;
    let said = in_a_street(&speech(rate), -28.0, rate);
    let mut bench = pair(Codec::Pcmu, Joining { noise: SUPPRESSED, ..Joining::default() });
    bench.parties[0].said = said.iter().copied().collect();
    bench.runs(30);
    bench.joins(Codec::G722, 1_300.0);
    bench.parties[2].is_speaking = false;
    bench.runs(170);
    let heard = &bench.parties[1].heard;
    let (likeness, _) = likest(&said, heard, rate);
    assert!(likeness > 0.9, "{likeness}");
    let (floor, _) = floor_and_voice_dbov(&heard[rate.hz() as usize..], rate);
    assert!(floor < -40, "{floor} dBov between words");
}

/// A press of a key with a pause before it.
fn press(key: char, rate: SampleRate) -> Vec<i16> {
    let (low_hz, high_hz) = dtmf_pair_hz(Digit::from_char(key).expect("a key"));
    let mut samples = vec![0; rate.frame() * 4];
    let mut tones = vec![0; rate.frame() * 4];
    Sine::new(low_hz, -13.0, rate.hz()).fill(&mut samples);
    Sine::new(high_hz, -13.0, rate.hz()).fill(&mut tones);
    samples.iter_mut().zip(tones).for_each(|(sum, tone)| *sum += tone);
    [vec![0; rate.frame() * 4], samples].concat()
}

const KEYS: &str = "159D#*";
