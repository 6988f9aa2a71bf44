//! Who hears whom: legs that speak multiples of 50 Hz, so that in every frame of 20 ms each tone is
//! whole and none leaks into another, and that send and hear samples as they are mixed.

use std::time::Duration;

use audio::tone::power_dbfs;
use model::{Gain, Route};

use crate::kit::{Bench, FRAME, UNHEARD_DBFS};

/// Of which each pair is mixed by itself.
const FEW: usize = 6;
/// Of which a conference is mixed all at once.
const MANY: usize = 12;
/// All of them together are not limited.
const SPOKEN_DBFS: f64 = -26.0;

/// How the legs' packets lie in the 20 ms.
#[derive(Clone, Copy)]
enum Phases {
    /// Close together, so that a listener's instant is the same whomever it hears.
    Alike,
    /// Anywhere: the instant moves with who is heard, and sound is stretched meanwhile.
    Random,
}

fn room(legs: usize, phases: Phases) -> Bench {
    let mut bench = Bench::new();
    for leg in 0..legs {
        bench.joins_uncoded(50.0 * (3.0 * leg as f64 + 4.0));
        bench.parties[leg].speaks_at(SPOKEN_DBFS);
        if matches!(phases, Phases::Alike) {
            bench.parties[leg].next_send = bench.now + Duration::from_micros(100 * leg as u64);
        }
    }
    bench.runs_ms(500);
    bench
}

/// Some pairs at some gains, as (listener, speaker, gain); a leg also with itself now and then.
fn some_pairs(bench: &mut Bench) -> Vec<(usize, usize, Gain)> {
    let mut pairs = Vec::new();
    let legs = bench.parties.len();
    for listener in 0..legs {
        for speaker in 0..legs {
            let gain = match bench.chance.below(8) {
                0..2 => Gain::UNITY,
                2 => Gain::SILENT,
                3 => Gain(bench.chance.below(1025) as u16),
                _ => continue,
            };
            pairs.push((listener, speaker, gain));
        }
    }
    pairs
}

fn routes(bench: &Bench, pairs: &[(usize, usize, Gain)]) -> Vec<Route> {
    let leg = |index: usize| bench.parties[index].leg;
    let route = |&(listener, speaker, gain)| Route::new(leg(listener), leg(speaker), gain);
    pairs.iter().map(route).collect()
}

/// The gain of a pair among `pairs`, else `usual`.
fn gain(pairs: &[(usize, usize, Gain)], listener: usize, speaker: usize, usual: Gain) -> Gain {
    let of_pair = pairs.iter().find(|(l, s, _)| (*l, *s) == (listener, speaker));
    of_pair.map_or(usual, |(.., gain)| *gain)
}

/// Every frame that a leg got, from the `first` one on, holds exactly the tones that `gain_of`
/// gives it; how many frames that were.
fn assert_heard(
    bench: &Bench,
    first: usize,
    what: &str,
    gain_of: impl Fn(usize, usize) -> Gain,
) -> usize {
    let mut frames = 0;
    for (listener, party) in bench.parties.iter().enumerate() {
        for frame in party.samples.chunks(FRAME).skip(first) {
            frames += 1;
            for (speaker, spoken) in bench.parties.iter().enumerate() {
                let level = power_dbfs(frame, spoken.tone_hz, 8000);
                let gain = f64::from(gain_of(listener, speaker).0) / 1024.0;
                let off = (amplitude(level) - gain * amplitude(SPOKEN_DBFS)).abs();
                assert!(
                    off < amplitude(UNHEARD_DBFS),
                    "{what}: {listener} hears {speaker} at {level:.1} dBFS, gain {gain:.2}"
                );
            }
        }
    }
    frames
}

/// Against full scale.
fn amplitude(level_dbfs: f64) -> f64 {
    10_f64.powf(level_dbfs / 20.0)
}

/// So many changes, every fourth of few legs, and all but those of many, to a conference with
/// exceptions; how many frames were looked at,
/// from the `first` after each change on.
fn changes((legs, count): (usize, usize), phases: Phases, first: usize) -> usize {
    let (mut bench, mut frames) = (room(legs, phases), 0);
    for change in 0..count {
        let pairs = some_pairs(&mut bench);
        let routes = routes(&bench, &pairs);
        bench.forgets_what_was_heard();
        let is_conference = (change % 4 == 0) == (legs == FEW);
        if is_conference {
            bench.confers(routes);
        } else {
            bench.route(routes);
        }
        let lasts = 20 * first as u64 + 5 + bench.chance.below(60);
        bench.runs_ms(lasts);
        frames += assert_heard(&bench, first, &format!("change {change}"), |listener, speaker| {
            let others = is_conference && listener != speaker;
            gain(&pairs, listener, speaker, if others { Gain::UNITY } else { Gain::SILENT })
        });
    }
    frames
}

#[test]
fn b1_every_frame_but_that_of_the_ramp_is_exact_over_10_000_changes() {
    let frames = changes((FEW, 10_000), Phases::Alike, 1);
    assert!(frames > 80_000, "{frames} frames were looked at");
}

#[test]
fn b1_wherever_the_talkers_packets_lie_the_third_frame_is_exact() {
    changes((FEW, 2_000), Phases::Random, 3);
}

#[test]
fn b1_in_a_room_of_many_the_third_frame_is_exact_mixed_at_once_or_by_pairs() {
    let frames = changes((MANY, 600), Phases::Alike, 3);
    assert!(frames > 8_000, "{frames} frames were looked at");
}
