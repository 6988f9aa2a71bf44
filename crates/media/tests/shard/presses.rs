//! Digits pressed as sound: each press once, whatever else the gateway sends, and not for others.

use audio::tone::{Dtmf, dtmf_pair_hz, power_dbfs};
use model::{Digit, MediaCommand, SessionDescription};

use crate::kit::{Bench, FRAME, UNHEARD_DBFS, offer};

/// Two parties who hear each other; the second is silent and presses keys as sound.
fn pressing(keys: &str, loss_percent: u64) -> Bench {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1), (1, 0)]);
    bench.parties[1].is_speaking = false;
    bench.runs_ms(1000);
    bench.loss_percent = loss_percent;
    bench.parties[1].sounds(keys, 100, 80);
    bench.runs_ms(180 * keys.len() as u64 + 400);
    bench
}

#[test]
fn m4_each_digit_pressed_as_sound_is_reported_once() {
    let keys = "0123456789*#ABCD5511";
    assert_eq!(pressing(keys, 0).digits_of(1), keys);
    assert_eq!(pressing("1223334444", 1).digits_of(1), "1223334444", "1 % of loss");
    let bench = pressing("12", 0);
    assert_eq!(bench.digits_of(0), "", "the other party pressed nothing");
}

#[test]
fn m5_of_a_digit_pressed_as_sound_others_hear_less_than_10_ms() {
    for phase in 0..10 {
        let mut bench = Bench::new();
        bench.joins(503.0);
        bench.joins(907.0);
        bench.routes(&[(0, 1)]);
        bench.parties[1].is_speaking = false;
        bench.runs_ms(1000);
        let from = bench.parties[0].samples.len();
        bench.parties[1].pauses(2 * phase);
        bench.parties[1].sounds("7", 200, 100);
        bench.runs_ms(600);
        let heard = &bench.parties[0].samples[from..];
        let loud = heard.iter().filter(|sample| sample.unsigned_abs() > 300).count();
        assert!(loud < 10 * 8, "phase {phase}: {loud} samples");
        let digit = Digit::from_char('7').expect("a key");
        let (low, high) = dtmf_pair_hz(digit);
        let settled = &heard[100 * 8..];
        for hz in [low, high] {
            let level = power_dbfs(settled, hz, 8000);
            assert!(level < UNHEARD_DBFS, "phase {phase}: {level:.0} dBFS");
        }
        assert_eq!(bench.digits_of(1), "7");
    }
}

#[test]
fn a_press_sent_as_sound_and_as_event_is_one_digit() {
    // The sound begins up to 60 ms before the events, or 60 ms after them.
    for (sound_ms, events_ms) in [(0, 0), (0, 40), (0, 60), (40, 0), (60, 0)] {
        let mut bench = Bench::new();
        bench.joins(503.0);
        bench.joins(907.0);
        bench.routes(&[(0, 1)]);
        bench.parties[1].is_speaking = false;
        bench.runs_ms(1000);
        for key in ["5", "5", "9"] {
            bench.parties[1].sounds_beside(key, sound_ms, events_ms);
            bench.runs_ms(600);
        }
        assert_eq!(bench.digits_of(1), "559", "{sound_ms} {events_ms}");
    }
}

#[test]
fn once_a_stream_sends_events_its_sound_is_no_key() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.joins(907.0);
    bench.parties[1].is_speaking = false;
    bench.runs_ms(500);
    bench.parties[1].presses("1");
    bench.runs_ms(1500);
    bench.parties[1].sounds("2", 100, 80);
    bench.runs_ms(500);
    assert_eq!(bench.digits_of(1), "1");
    bench.parties[1].ssrc += 1;
    bench.parties[1].sounds("3", 100, 80);
    bench.runs_ms(500);
    assert_eq!(bench.digits_of(1), "13", "another stream may be another gateway");
}

#[test]
fn the_echo_of_our_own_tones_is_no_key() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    let leg = bench.parties[0].leg;
    bench.reoffers(0, SessionDescription::new(offer(9, "0")));
    bench.parties[0].is_speaking = false;
    bench.runs_ms(500);
    let digits = "42".chars().filter_map(Digit::from_char).collect();
    bench.command(MediaCommand::SendDigits { leg, digits });
    for _ in 0..35 {
        bench.runs_ms(20);
        let heard = &bench.parties[0].samples;
        let echo = heard[heard.len() - FRAME..].iter().map(|sample| sample / 4).collect();
        bench.parties[0].says(echo);
    }
    bench.runs_ms(500);
    assert_eq!(bench.digits_of(0), "");
    bench.parties[0].sounds("8", 100, 80);
    bench.runs_ms(500);
    assert_eq!(bench.digits_of(0), "8");
}

/// The tone of a key.
pub(crate) fn tone(key: char, millis: usize) -> Vec<i16> {
    let mut samples = vec![0; millis * 8];
    Dtmf::new(Digit::from_char(key).expect("a key"), 8000).fill(&mut samples);
    samples
}
