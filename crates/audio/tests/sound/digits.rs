//! Digits pressed as sound: everything ITU-T Q.24 asks of a receiver.

use audio::dtmf::Detector;
use model::{Chance, Digit};

use crate::material::{KEYS, OVERLOAD_DBM0, Press, add_noise, through_g711};

/// What a detector hears in packets of 20 ms.
fn heard(samples: &[i16], rate_hz: u32) -> String {
    let mut detector = Detector::new(rate_hz);
    let frames = samples.chunks(rate_hz as usize / 50);
    frames.filter_map(|frame| detector.frame(frame)).map(Digit::as_char).collect()
}

/// All keys pressed in a row, each after a pause that moves it over the frame.
fn pressed(press: impl Fn(Press) -> Press, rate_hz: u32) -> Vec<i16> {
    let mut samples = Vec::new();
    for (at, key) in KEYS.chars().chain(KEYS.chars().rev()).enumerate() {
        let press = press(Press::of(key));
        Press { pause_ms: press.pause_ms + at * 7 % 20, ..press }.sound(rate_hz, &mut samples);
    }
    samples.resize(samples.len() + rate_hz as usize / 10, 0);
    samples
}

fn all_keys() -> String {
    KEYS.chars().chain(KEYS.chars().rev()).collect()
}

fn check(press: impl Fn(Press) -> Press, expected: &str, what: &str) {
    for rate_hz in [8000, 16_000, 48_000] {
        let mut samples = pressed(&press, rate_hz);
        assert_eq!(heard(&samples, rate_hz), expected, "{what} at {rate_hz} Hz");
        through_g711(&mut samples);
        assert_eq!(heard(&samples, rate_hz), expected, "{what} at {rate_hz} Hz through G.711");
    }
}

#[test]
fn forty_milliseconds_of_tone_and_of_pause_are_one_digit_each() {
    check(|press| press, &all_keys(), "40/40 ms");
    check(|press| Press { tone_ms: 500, ..press }, &all_keys(), "500/40 ms");
    check(|press| Press { tone_ms: 65, pause_ms: 2000, ..press }, &all_keys(), "65/2000 ms");
    check(|press| Press { tone_ms: 15, ..press }, "", "15/40 ms");
    check(|press| Press { tone_ms: 20, pause_ms: 200, ..press }, "", "20/200 ms");
}

#[test]
fn levels_from_minus_36_to_minus_4_dbm0_are_heard() {
    for level in (-36..=-4).step_by(1).map(f64::from) {
        check(|press| press.at(level, level), &all_keys(), &format!("{level} dBm0"));
    }
    check(|press| press.at(-50.0, -50.0), "", "-50 dBm0");
}

#[test]
fn a_twist_of_8_db_down_and_4_db_up_is_heard_and_of_14_is_not() {
    for low in [-8.0, -16.0, -22.0] {
        for twist in (-8..=4).map(f64::from) {
            check(|press| press.at(low, low + twist), &all_keys(), &format!("{low}{twist:+} dB"));
        }
    }
    check(|press| press.at(-6.0, -20.0), "", "-14 dB");
    check(|press| press.at(-20.0, -6.0), "", "+14 dB");
}

#[test]
fn one_and_a_half_percent_off_is_a_key_and_three_and_a_half_is_none() {
    for (low_off, high_off) in [(1, 1), (1, -1), (-1, 1), (-1, -1), (1, 0), (0, -1)] {
        let off = |share: f64, press: Press| Press {
            low_off: share * f64::from(low_off),
            high_off: share * f64::from(high_off),
            ..press
        };
        for twist in [-8.0, 0.0, 4.0] {
            let at = |press: Press| press.at(-15.0, -15.0 + twist);
            let what = format!("{low_off} {high_off} {twist:+} dB");
            check(|press| off(0.015, at(press)), &all_keys(), &format!("1.5 % {what}"));
            check(|press| off(0.035, at(press)), "", &format!("3.5 % {what}"));
            check(|press| off(0.045, at(press)), "", &format!("4.5 % {what}"));
        }
    }
}

#[test]
fn digits_are_heard_in_noise_15_db_below_them() {
    let mut chance = Chance::from_number(15);
    for (twist, rate_hz) in [(0.0, 8000), (-6.0, 8000), (3.0, 8000), (0.0, 16_000), (0.0, 48_000)] {
        let press = |press: Press| Press { tone_ms: 50, ..press.at(-15.0, -15.0 + twist) };
        for _ in 0..5 {
            let mut samples = pressed(press, rate_hz);
            // The power of both tones together, at most 3 dB above the louder one's.
            let weaker = -15.0 - OVERLOAD_DBM0 + f64::min(twist, 0.0);
            add_noise(&mut samples, weaker - 15.0, &mut chance);
            through_g711(&mut samples);
            assert_eq!(heard(&samples, rate_hz), all_keys(), "{twist} dB at {rate_hz} Hz");
        }
    }
}

#[test]
fn a_gap_of_10_ms_in_a_tone_is_no_second_press() {
    for at_ms in 45..65 {
        let mut samples = Vec::new();
        Press { tone_ms: 100, ..Press::of('5') }.sound(8000, &mut samples);
        samples.resize(samples.len() + 800, 0);
        samples[(40 + at_ms) * 8..(50 + at_ms) * 8].fill(0);
        assert_eq!(heard(&samples, 8000), "5", "a gap after {at_ms} ms");
    }
}

#[test]
fn one_percent_of_lost_packets_loses_and_doubles_no_digit() {
    let mut chance = Chance::from_number(1);
    let mut lost = 0;
    for _ in 0..60 {
        let press = |press| Press { tone_ms: 100, pause_ms: 80, ..press };
        let mut samples = pressed(press, 8000);
        through_g711(&mut samples);
        let mut detector = Detector::new(8000);
        let mut heard = String::new();
        for frame in samples.chunks(160) {
            if chance.below(100) == 0 {
                lost += 1;
                detector.lost(frame.len());
            } else {
                heard.extend(detector.frame(frame).map(Digit::as_char));
            }
        }
        assert_eq!(heard, all_keys());
    }
    assert!(lost > 100);
}

#[test]
fn less_than_10_ms_of_a_tone_are_let_through_to_others() {
    for rate_hz in [8000, 16_000, 48_000] {
        let mut most = 0;
        for phase in 0..20 {
            let mut samples = Vec::new();
            let press = Press { tone_ms: 83, pause_ms: 100 + phase, ..Press::of('7') };
            press.sound(rate_hz, &mut samples);
            samples.resize(samples.len() + rate_hz as usize / 10, 0);
            let mut detector = Detector::new(rate_hz);
            for frame in samples.chunks(rate_hz as usize / 50) {
                detector.frame(frame);
                let tone = frame.iter().filter(|&&sample| sample != 0).count();
                most = most.max(if detector.is_sounding() { 0 } else { tone });
            }
        }
        assert!(most < rate_hz as usize / 100, "{most} samples at {rate_hz} Hz");
    }
}

#[test]
fn a_single_tone_and_a_pair_of_one_group_are_no_key() {
    for (one_hz, other_hz) in [(697.0, 697.0), (697.0, 941.0), (1209.0, 1633.0), (350.0, 440.0)] {
        let (mut one, mut other) = (vec![0; 8000], vec![0; 8000]);
        audio::tone::Sine::new(one_hz, -15.0, 8000).fill(&mut one);
        audio::tone::Sine::new(other_hz, -15.0, 8000).fill(&mut other);
        let both: Vec<i16> = one.iter().zip(&other).map(|(a, b)| a + b).collect();
        assert_eq!(heard(&both, 8000), "", "{one_hz} and {other_hz} Hz");
    }
}

#[test]
fn any_frame_and_any_sample_is_safe() {
    let mut detector = Detector::new(8000);
    let mut chance = Chance::from_number(3);
    for length in [0, 1, 7, 159, 160, 161, 480, 5000] {
        detector.frame(&vec![i16::MIN; length]);
        detector.lost(length);
        detector.frame(&vec![i16::MAX; length]);
        let noise: Vec<i16> = (0..length).map(|_| chance.next_u32() as i16).collect();
        detector.frame(&noise);
    }
    detector.lost(usize::MAX);
    detector.lost(usize::MAX);
}
