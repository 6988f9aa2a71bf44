//! Prompts and music.

use audio::tone::power_dbfs;
use model::{MediaCommand, MediaEvent, PlayId};

use crate::kit::{Bench, FRAME, UNHEARD_DBFS};
use crate::recordings::library;

fn ended(bench: &Bench, leg: usize) -> Vec<PlayId> {
    bench.of(leg, |event| match event {
        MediaEvent::PlayEnded { leg, play } => Some((*leg, *play)),
        _ => None,
    })
}

fn level(samples: &[i16], hz: f64) -> f64 {
    power_dbfs(samples, hz, 8000)
}

#[test]
fn a_prompt_is_heard_from_its_first_sample_by_one_leg_only_and_ends_with_its_last() {
    let mut bench = Bench::with_library(library(&[("a", 2000.0, 390), ("b", 2500.0, 200)], &[]));
    bench.joins(503.0);
    bench.joins(907.0);
    bench.parties[0].is_speaking = false;
    bench.parties[1].is_speaking = false;
    bench.routes(&[(0, 1), (1, 0)]);
    bench.runs_ms(1000);
    let starts = [0, 1].map(|index| bench.parties[index].samples.len());
    bench.plays(0, 7, &["a", "b"]);
    bench.runs_ms(580);
    assert!(ended(&bench, 0).is_empty());
    bench.runs_ms(20);
    assert_eq!(ended(&bench, 0), [PlayId(7)]);
    bench.runs_ms(500);
    let heard = &bench.parties[0].samples[starts[0]..];
    assert!(heard[1].abs() > 500, "it begins at once");
    assert!(level(&heard[..390 * 8], 2000.0) > -18.0);
    assert!(level(&heard[390 * 8..590 * 8], 2500.0) > -18.0);
    assert!(heard[590 * 8 + 8..].iter().all(|sample| sample.abs() < 10));
    let other = &bench.parties[1].samples[starts[1]..];
    assert!(level(other, 2000.0) < UNHEARD_DBFS && level(other, 2500.0) < UNHEARD_DBFS);
}

#[test]
fn the_room_is_ducked_by_nine_db_under_a_prompt() {
    let mut bench = Bench::with_library(library(&[("a", 2000.0, 2000)], &[]));
    bench.joins(503.0);
    bench.joins(907.0);
    bench.routes(&[(0, 1)]);
    bench.runs_ms(1000);
    let before = level(&bench.parties[0].samples[4000..7000], 907.0);
    bench.plays(0, 1, &["a"]);
    bench.runs_ms(1000);
    let count = bench.parties[0].samples.len();
    let under = level(&bench.parties[0].samples[count - 4000..], 907.0);
    assert!((8.0..10.0).contains(&(before - under)), "{} dB", before - under);
    bench.runs_ms(2000);
    let after = level(&bench.parties[0].samples[bench.parties[0].samples.len() - 4000..], 907.0);
    assert!((after - before).abs() < 0.5);
}

#[test]
fn a_stopped_prompt_is_silent_within_sixty_ms_without_a_click_and_never_ends() {
    let mut bench = Bench::with_library(library(&[("a", 400.0, 2000)], &[]));
    bench.joins(503.0);
    bench.plays(0, 1, &["a"]);
    bench.runs_ms(510);
    let stopped = bench.parties[0].samples.len();
    bench.command(MediaCommand::StopPlay { leg: bench.parties[0].leg });
    bench.runs_ms(3000);
    let samples = &bench.parties[0].samples;
    assert!(samples[stopped + 480..].iter().all(|sample| sample.abs() < 10));
    let steepest = |samples: &[i16]| {
        samples.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max()
    };
    assert!(
        steepest(&samples[stopped - FRAME..]) <= steepest(&samples[1600..3200]).map(|s| s + 200)
    );
    assert!(ended(&bench, 0).is_empty());
}

#[test]
fn a_replaced_prompt_gives_way_at_once_and_only_the_new_one_ends() {
    let mut bench = Bench::with_library(library(&[("a", 400.0, 2000), ("b", 2500.0, 200)], &[]));
    bench.joins(503.0);
    bench.plays(0, 1, &["a"]);
    bench.runs_ms(500);
    let at = bench.parties[0].samples.len();
    bench.plays(0, 2, &["b"]);
    bench.runs_ms(1000);
    let heard = &bench.parties[0].samples[at..];
    assert!(level(&heard[..FRAME], 2500.0) > -19.0);
    assert!(level(&heard[FRAME..1600], 400.0) < UNHEARD_DBFS);
    assert_eq!(ended(&bench, 0), [PlayId(2)]);
}

#[test]
fn a_request_without_any_recording_ends_at_once() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    bench.plays(0, 3, &["missing"]);
    bench.runs_ms(40);
    assert_eq!(ended(&bench, 0), [PlayId(3)]);
}

#[test]
fn music_pauses_under_prompts_and_continues_where_it_stopped() {
    // A second of each of four tones: where it stands is heard.
    let mut tones = Vec::new();
    for hz in [600.0, 1000.0, 1400.0, 1800.0] {
        let mut samples = vec![0; 8000];
        audio::tone::Sine::new(hz, -16.0, 8000).fill(&mut samples);
        tones.extend(samples);
    }
    let mut library = library(&[("a", 2500.0, 3000)], &[("other", 3000.0, 500)]);
    library.insert_music("calm".into(), tones);
    let mut bench = Bench::with_library(library);
    bench.joins(503.0);
    let leg = bench.parties[0].leg;
    let music = |name: Option<&str>| MediaCommand::Music { leg, music: name.map(Into::into) };
    let loudest = |bench: &mut Bench| {
        let from = bench.parties[0].samples.len();
        bench.runs_ms(100);
        let heard = &bench.parties[0].samples[from..];
        let all = [600.0, 1000.0, 1400.0, 1800.0, 2500.0, 3000.0];
        all.into_iter()
            .filter(|&hz| level(heard, hz) > -25.0)
            .map(|hz| hz as u32)
            .collect::<Vec<_>>()
    };
    bench.command(music(Some("calm")));
    bench.runs_ms(200);
    assert_eq!(loudest(&mut bench), [600]);
    bench.runs_ms(800);
    assert_eq!(loudest(&mut bench), [1000]);
    bench.plays(0, 1, &["a"]);
    bench.runs_ms(1000);
    assert_eq!(loudest(&mut bench), [2500]);
    bench.runs_ms(2000);
    assert_eq!(loudest(&mut bench), [1000], "continues after the prompt");
    bench.command(music(Some("other")));
    bench.runs_ms(1000);
    assert_eq!(loudest(&mut bench), [3000]);
    bench.command(music(None));
    bench.runs_ms(1000);
    assert!(loudest(&mut bench).is_empty());
    bench.command(music(Some("calm")));
    bench.runs_ms(40);
    assert_eq!(loudest(&mut bench), [1000], "continues after other music and none");
    bench.runs_ms(500);
    assert_eq!(loudest(&mut bench), [1400]);
    bench.runs_ms(1900);
    assert_eq!(loudest(&mut bench), [600], "and begins again at its end");
}
