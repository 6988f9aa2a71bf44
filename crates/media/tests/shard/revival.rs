//! Legs that a defect took from their shard, and what they hear after it.

use media::Loss;
use model::{LegId, MediaCommand, MediaEvent, PlayId, PromptName, SrtpPolicy};

use crate::guard::RealTime;
use crate::kit::Bench;
use crate::recordings::library;

impl Bench {
    /// These legs, or all of a shard, are lost and served anew.
    fn revives(&mut self, legs: &[LegId], loss: Loss) {
        match loss {
            Loss::Leg => legs.iter().for_each(|&leg| self.shard.forget(leg)),
            Loss::Shard => self.shard = RealTime::new(64),
        }
        self.drain();
        self.negotiator.revive(legs, loss);
        self.carry();
    }
}

fn legs(bench: &Bench) -> Vec<LegId> {
    bench.parties.iter().map(|party| party.leg).collect()
}

fn ends_of(bench: &Bench, index: usize) -> Vec<PlayId> {
    bench.of(index, |event| match event {
        MediaEvent::PlayEnded { leg, play } => Some((*leg, *play)),
        _ => None,
    })
}

#[test]
fn a_leg_that_is_lost_is_heard_again_and_hears_whom_it_heard() {
    for srtp in [SrtpPolicy::Off, SrtpPolicy::Required] {
        let mut bench = Bench::new();
        bench.joins_with(503.0, srtp);
        bench.joins(907.0);
        bench.joins(1361.0);
        bench.routes(&[(0, 1), (1, 0), (2, 0)]);
        bench.expect_exactly(&[&[1], &[0], &[0]]);
        let lost = bench.parties[0].leg;
        bench.revives(&[lost], Loss::Leg);
        bench.expect_exactly(&[&[1], &[0], &[0]]);
        let revived = bench.of(0, |event| match event {
            MediaEvent::Revived { leg } => Some((*leg, ())),
            _ => None,
        });
        assert_eq!((revived.len(), bench.shard.legs()), (1, 3));
    }
}

#[test]
fn a_shard_that_is_lost_with_a_matrix_is_taken_up_by_another_and_says_what_is_in_force() {
    let mut bench = Bench::new();
    for tone_hz in [503.0, 907.0, 1361.0] {
        bench.joins(tone_hz);
    }
    bench.routes(&[(0, 1), (1, 0), (2, 0)]);
    let all = legs(&bench);
    bench.revives(&all, Loss::Shard);
    assert!(matches!(bench.events.last(), Some((_, MediaEvent::Routed { version: 1, .. }))));
    bench.expect_exactly(&[&[1], &[0], &[0]]);
    bench.routes(&[(2, 1)]);
    bench.expect_exactly(&[&[], &[], &[1]]);
}

#[test]
fn a_conference_goes_on_in_another_shard_whatever_its_size() {
    for count in [3, 10] {
        let mut bench = Bench::new();
        for index in 0..count {
            bench.joins(403.0 + 150.0 * index as f64);
        }
        bench.confers(Vec::new());
        let all = legs(&bench);
        bench.revives(&all, Loss::Shard);
        let others: Vec<Vec<usize>> =
            (0..count).map(|own| (0..count).filter(|&other| other != own).collect()).collect();
        let others: Vec<&[usize]> = others.iter().map(Vec::as_slice).collect();
        bench.expect_exactly(&others);
    }
}

#[test]
fn what_was_playing_begins_again_and_what_had_ended_does_not() {
    let library =
        library(&[("short", 503.0, 100), ("long", 907.0, 1000)], &[("calm", 1361.0, 500)]);
    let mut bench = Bench::with_library(library);
    bench.joins(409.0);
    bench.joins(1777.0);
    let lost = bench.parties[0].leg;
    bench.command(MediaCommand::Music { leg: lost, music: Some(PromptName::from("calm")) });
    bench.plays(0, 1, &["long"]);
    bench.plays(1, 2, &["short"]);
    bench.runs_ms(500);
    let all = legs(&bench);
    bench.revives(&all, Loss::Shard);
    bench.runs_ms(900);
    assert_eq!((ends_of(&bench, 0), ends_of(&bench, 1)), (vec![], vec![PlayId(2)]));
    bench.runs_ms(300);
    assert_eq!(ends_of(&bench, 0), [PlayId(1)]);
    let from = bench.parties[0].samples.len();
    bench.runs_ms(400);
    let music = audio::tone::power_dbfs(&bench.parties[0].samples[from..], 1361.0, 8000);
    assert!(music > -25.0, "the music goes on: {music:.0} dBFS");
}

#[test]
fn a_leg_that_was_closed_meanwhile_stays_closed() {
    let mut bench = Bench::new();
    bench.joins(503.0);
    let closed = bench.parties[0].leg;
    bench.command(MediaCommand::Close { leg: closed });
    bench.revives(&[closed], Loss::Leg);
    assert_eq!((bench.shard.legs(), bench.shard.deadline()), (0, None));
}
