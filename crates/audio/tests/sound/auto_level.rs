//! Soft and loud talkers end alike, and silence is left alone.

use audio::{AutoLevel, Measure, TARGET_DBOV, level_dbov};
use model::Chance;

use crate::material::{active_level, add_noise, recordings};

/// The hotline's prompts one after the other, at an active level.
fn talker(active_dbov: f64, rate_hz: u32) -> Vec<i16> {
    said(&recordings("demo", rate_hz).concat(), active_dbov, rate_hz)
}

fn said(speech: &[i16], active_dbov: f64, rate_hz: u32) -> Vec<i16> {
    let gain = 10_f64.powf((active_dbov - active_level(speech, rate_hz)) / 20.0);
    speech
        .iter()
        .map(|&sample| (f64::from(sample) * gain).clamp(-32_767.0, 32_767.0) as i16)
        .collect()
}

fn levelled(mut samples: Vec<i16>, rate_hz: u32) -> Vec<i16> {
    let mut level = AutoLevel::new(rate_hz);
    samples.chunks_mut(rate_hz as usize / 50).for_each(|frame| level_frame(&mut level, frame));
    samples
}

fn level_frame(level: &mut AutoLevel, frame: &mut [i16]) {
    let measure = Measure::of(frame);
    level.frame(frame, &measure);
}

#[test]
fn soft_and_loud_talkers_are_within_3_db_of_the_target_after_2_s() {
    for rate_hz in [8000, 16_000, 48_000] {
        let speech = recordings("demo", rate_hz).concat();
        for active_dbov in [-35.0, -30.0, -22.0, -15.0, -10.0] {
            let samples = levelled(said(&speech, active_dbov, rate_hz), rate_hz);
            for seconds in [2..6, 6..14, 14..30] {
                let part =
                    &samples[seconds.start * rate_hz as usize..seconds.end * rate_hz as usize];
                let off = active_level(part, rate_hz) - f64::from(TARGET_DBOV);
                assert!(off.abs() < 3.0, "{active_dbov} dBov in {seconds:?} s: {off:+.1} dB");
            }
        }
    }
}

#[test]
fn silence_and_steady_noise_leave_the_gain_alone() {
    for noise_dbov in [-90.0, -65.0, -45.0, -30.0] {
        let mut level = AutoLevel::new(8000);
        let mut chance = Chance::from_number(4);
        for _ in 0..1000 {
            let mut frame = [0; 160];
            add_noise(&mut frame, noise_dbov, &mut chance);
            level_frame(&mut level, &mut frame);
        }
        assert!(level.gain_db().abs() < 0.5, "{noise_dbov} dBov: {:+.1} dB", level.gain_db());
    }
}

#[test]
fn steady_noise_after_digital_silence_is_not_taken_for_speech() {
    let (mut level, mut chance) = (AutoLevel::new(8000), Chance::from_number(6));
    for frame in 0..1500 {
        let mut samples = [0; 160];
        if frame % 300 > 20 {
            add_noise(&mut samples, -45.0, &mut chance);
        }
        level_frame(&mut level, &mut samples);
    }
    assert!(level.gain_db().abs() < 0.5, "{:+.1} dB", level.gain_db());
}

#[test]
fn a_pause_after_talk_is_not_lifted() {
    let mut level = AutoLevel::new(8000);
    let mut chance = Chance::from_number(5);
    for frame in talker(-35.0, 8000).chunks_mut(160).take(500) {
        level_frame(&mut level, frame);
    }
    let gain_db = level.gain_db();
    assert!(gain_db > 9.0, "{gain_db}");
    let mut loudest = -127;
    for _ in 0..1500 {
        let mut frame = [0; 160];
        add_noise(&mut frame, -62.0, &mut chance);
        level_frame(&mut level, &mut frame);
        loudest = loudest.max(level_dbov(&frame));
        assert!((level.gain_db() - gain_db).abs() < 0.01, "the gain moves in a pause");
    }
    assert!(loudest < -40, "{loudest}");
}

#[test]
fn no_frame_is_driven_into_clipping() {
    let mut level = AutoLevel::new(8000);
    for frame in talker(-35.0, 8000).chunks_mut(160).take(500) {
        level_frame(&mut level, frame);
    }
    let mut shout = vec![0; 8000];
    audio::tone::Sine::new(400.0, -2.0, 8000).fill(&mut shout);
    shout.chunks_mut(160).for_each(|frame| level_frame(&mut level, frame));
    let clipped = shout.iter().filter(|sample| sample.unsigned_abs() >= 32_767).count();
    assert!(clipped < 40, "{clipped} samples clip before the gain is down");
    assert!(shout[160..].iter().all(|sample| sample.unsigned_abs() < 29_300));
}

#[test]
fn any_frame_is_safe() {
    let mut level = AutoLevel::new(8000);
    for length in [0, 1, 160, 960] {
        level_frame(&mut level, &mut vec![i16::MIN; length]);
        level_frame(&mut level, &mut vec![0; length]);
        level_frame(&mut level, &mut vec![i16::MAX; length]);
    }
}
