//! A voice heard under another: the original under a simultaneous interpreter.

use audio::tone::power_dbfs;
use model::{Gain, MediaCommand, Route};

use crate::kit::{Bench, FRAME, UNHEARD_DBFS};

const LISTENER: usize = 0;
const ORIGINAL: usize = 1;
const INTERPRETER: usize = 2;
/// Multiples of 50 Hz: whole in every frame.
const TONES_HZ: [f64; 3] = [350.0, 500.0, 1_250.0];
const SPOKEN_DBFS: f64 = -20.0;
const DUCKED_DB: f64 = 15.0;

/// All hear each other, the first the second under the third, who is silent yet.
fn interpreted() -> Bench {
    let mut bench = Bench::new();
    for (party, tone_hz) in TONES_HZ.into_iter().enumerate() {
        bench.joins_uncoded(tone_hz);
        bench.parties[party].speaks_at(SPOKEN_DBFS);
    }
    bench.parties[INTERPRETER].is_speaking = false;
    let routes = all_hear_all(&bench, Some(INTERPRETER));
    bench.route(routes);
    bench.runs_ms(2_000);
    bench
}

fn all_hear_all(bench: &Bench, under: Option<usize>) -> Vec<Route> {
    let leg = |party: usize| bench.parties[party].leg;
    let pairs = (0..3).flat_map(|one| (0..3).map(move |other| (one, other)));
    let route = |(listener, speaker)| {
        let route = Route::new(leg(listener), leg(speaker), Gain::UNITY);
        let is_original = (listener, speaker) == (LISTENER, ORIGINAL);
        under.filter(|_| is_original).map_or(route, |voice| route.under(leg(voice)))
    };
    pairs.filter(|(listener, speaker)| listener != speaker).map(route).collect()
}

/// How loud `listener` hears `speaker` in each of the next frames.
fn levels(bench: &mut Bench, (listener, speaker): (usize, usize), millis: u64) -> Vec<f64> {
    bench.forgets_what_was_heard();
    bench.runs_ms(millis);
    let frames = bench.parties[listener].samples.chunks(FRAME);
    frames.map(|frame| power_dbfs(frame, TONES_HZ[speaker], 8000)).collect()
}

fn mean(levels: &[f64]) -> f64 {
    levels.iter().sum::<f64>() / levels.len() as f64
}

fn is_about(level: f64, wanted: f64) -> bool {
    (level - wanted).abs() < 0.5
}

#[test]
fn the_original_is_lowered_while_the_interpreter_speaks_and_comes_back() {
    let mut bench = interpreted();
    let before = levels(&mut bench, (LISTENER, ORIGINAL), 400);
    assert!(before.iter().all(|&level| is_about(level, SPOKEN_DBFS)), "{before:.1?}");
    bench.parties[INTERPRETER].is_speaking = true;
    let falls = levels(&mut bench, (LISTENER, ORIGINAL), 1_000);
    let after_200_ms = &falls[10..];
    let ducked = SPOKEN_DBFS - DUCKED_DB;
    assert!(after_200_ms.iter().all(|&level| is_about(level, ducked)), "{falls:.1?}");
    let interpreter = mean(&levels(&mut bench, (LISTENER, INTERPRETER), 400));
    assert!(is_about(interpreter, SPOKEN_DBFS), "{interpreter:.1}");
    bench.parties[INTERPRETER].is_speaking = false;
    let rises = levels(&mut bench, (LISTENER, ORIGINAL), 2_000);
    let steepest = rises.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f64::max);
    assert!(steepest < 1.0, "{steepest:.1} dB in a frame: {rises:.1?}");
    assert!(is_about(mean(&rises[85..]), SPOKEN_DBFS), "{rises:.1?}");
}

#[test]
fn pauses_between_words_do_not_pump() {
    let mut bench = interpreted();
    for _ in 0..12 {
        let words = (0..3200).map(|at| (9_000.0 * f64::sin(f64::from(at) * 0.98)) as i16);
        bench.parties[INTERPRETER].says(words.collect());
        bench.parties[INTERPRETER].pauses(300);
    }
    bench.runs_ms(500);
    let levels = levels(&mut bench, (LISTENER, ORIGINAL), 7_500);
    let (lowest, highest) =
        levels.iter().fold((0.0_f64, -99.0_f64), |(lowest, highest), &level| {
            (lowest.min(level), highest.max(level))
        });
    assert!(highest - lowest < 1.0, "between {lowest:.1} and {highest:.1} dBFS");
    assert!(is_about(mean(&levels), SPOKEN_DBFS - DUCKED_DB));
}

#[test]
fn nobody_else_hears_anyone_lower() {
    let mut bench = interpreted();
    bench.parties[INTERPRETER].is_speaking = true;
    bench.runs_ms(1_000);
    for pair in [(INTERPRETER, ORIGINAL), (ORIGINAL, LISTENER), (INTERPRETER, LISTENER)] {
        let level = mean(&levels(&mut bench, pair, 400));
        assert!(is_about(level, SPOKEN_DBFS), "{pair:?} at {level:.1} dBFS");
    }
}

#[test]
fn a_voice_that_ends_or_a_rule_that_is_lifted_brings_the_original_back() {
    let mut bench = interpreted();
    bench.parties[INTERPRETER].is_speaking = true;
    bench.runs_ms(1_000);
    let routes = all_hear_all(&bench, None);
    bench.route(routes);
    let rises = levels(&mut bench, (LISTENER, ORIGINAL), 1_500);
    assert!(rises[0] < SPOKEN_DBFS - DUCKED_DB + 1.0, "at once it would click: {rises:.1?}");
    assert!(is_about(mean(&rises[60..]), SPOKEN_DBFS), "{rises:.1?}");
    let routes = all_hear_all(&bench, Some(INTERPRETER));
    bench.route(routes);
    bench.runs_ms(500);
    assert!(is_about(mean(&levels(&mut bench, (LISTENER, ORIGINAL), 200)), -35.0));
    let leg = bench.parties[INTERPRETER].leg;
    bench.command(MediaCommand::Close { leg });
    bench.runs_ms(1_500);
    assert!(is_about(mean(&levels(&mut bench, (LISTENER, ORIGINAL), 200)), SPOKEN_DBFS));
    assert!(mean(&levels(&mut bench, (LISTENER, INTERPRETER), 200)) < UNHEARD_DBFS);
}

#[test]
fn in_a_room_that_is_mixed_at_once_the_rule_holds_too() {
    let mut bench = interpreted();
    for extra in 0..8 {
        let party = bench.joins_uncoded(2_000.0 + 100.0 * f64::from(extra));
        bench.parties[party].is_speaking = false;
    }
    let leg = |party: usize| bench.parties[party].leg;
    let rule = Route::new(leg(LISTENER), leg(ORIGINAL), Gain::UNITY).under(leg(INTERPRETER));
    bench.confers(vec![rule]);
    bench.runs_ms(500);
    assert!(is_about(mean(&levels(&mut bench, (LISTENER, ORIGINAL), 200)), SPOKEN_DBFS));
    bench.parties[INTERPRETER].is_speaking = true;
    bench.runs_ms(500);
    assert!(is_about(mean(&levels(&mut bench, (LISTENER, ORIGINAL), 200)), -35.0));
    assert!(is_about(mean(&levels(&mut bench, (3, ORIGINAL), 200)), SPOKEN_DBFS));
}
