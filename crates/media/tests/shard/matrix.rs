//! Who hears whom, at the sockets: legs that speak multiples of 50 Hz, so that in every frame of
//! 20 ms each tone is whole and none leaks into another. The tones are soft, where G.711 adds
//! nothing above -80 dBFS.

use audio::tone::power_dbfs;
use model::{Gain, Route};

use crate::kit::{Bench, FRAME, UNHEARD_DBFS};

const LEGS: usize = 6;
const SPOKEN_DBFS: f64 = -34.0;

fn room() -> Bench {
    let mut bench = Bench::new();
    for leg in 0..LEGS {
        bench.joins(50.0 * (3.0 * leg as f64 + 4.0));
        bench.parties[leg].speaks_at(SPOKEN_DBFS);
    }
    bench.runs_ms(500);
    bench
}

/// Some pairs at some gains, as (listener, speaker, gain); a leg also with itself now and then.
fn some_pairs(bench: &mut Bench) -> Vec<(usize, usize, Gain)> {
    let mut pairs = Vec::new();
    for listener in 0..LEGS {
        for speaker in 0..LEGS {
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
    let route = |&(listener, speaker, gain): &(usize, usize, Gain)| Route {
        listener: leg(listener),
        speaker: leg(speaker),
        gain,
    };
    pairs.iter().map(route).collect()
}

/// The gain of a pair among `pairs`, else `usual`.
fn gain(pairs: &[(usize, usize, Gain)], listener: usize, speaker: usize, usual: Gain) -> Gain {
    let of_pair = pairs.iter().find(|(l, s, _)| (*l, *s) == (listener, speaker));
    of_pair.map_or(usual, |(.., gain)| *gain)
}

/// The newest frame of each leg holds exactly the tones that `gain_of` gives it.
fn assert_heard(bench: &Bench, change: usize, gain_of: impl Fn(usize, usize) -> Gain) {
    for listener in 0..LEGS {
        let samples = &bench.parties[listener].samples;
        let frame = &samples[samples.len() - FRAME..];
        for speaker in 0..LEGS {
            let level = power_dbfs(frame, bench.parties[speaker].tone_hz, 8000);
            let gain = f64::from(gain_of(listener, speaker).0) / 1024.0;
            let wanted = gain * amplitude(SPOKEN_DBFS);
            let off = (amplitude(level) - wanted).abs();
            assert!(
                off < amplitude(UNHEARD_DBFS),
                "change {change}: {listener} hears {speaker} at {level:.1} dBFS, gain {gain:.2}"
            );
        }
    }
}

/// Against full scale.
fn amplitude(level_dbfs: f64) -> f64 {
    10_f64.powf(level_dbfs / 20.0)
}

#[test]
fn b1_every_frame_holds_exactly_the_routed_tones_over_10_000_changes() {
    let mut bench = room();
    for change in 0..10_000 {
        let pairs = some_pairs(&mut bench);
        let routes = routes(&bench, &pairs);
        if change % 4 == 0 {
            bench.confers(routes);
        } else {
            bench.route(routes);
        }
        // The frame that is due next ramps, and the instant may move; the third is settled.
        bench.runs_ms(65);
        assert_heard(&bench, change, |listener, speaker| {
            let others = change % 4 == 0 && listener != speaker;
            gain(&pairs, listener, speaker, if others { Gain::UNITY } else { Gain::SILENT })
        });
    }
}
