//! Who hears whom, proved by tones: leg `n` speaks a sine of its own multiple of 50 Hz, so that in
//! a frame of 20 ms each tone is whole and none leaks into another.

use std::f64::consts::TAU;

use mixer::{Limiter, MAX_SLOTS, Matrix, Sum, mix_listener};
use model::{Chance, Gain};
use proptest::prelude::*;

const FRAME: usize = 160;
const LEGS: usize = 6;
const AMPLITUDE: f64 = 4_000.0;
const FULL_SCALE: f64 = 32_767.0;
const MINUS_60_DBFS: f64 = 0.001;

type Frame = [i16; FRAME];

fn tone_hz(leg: usize) -> f64 {
    50.0 * (leg as f64 * 3.0 + 4.0)
}

/// Every tone repeats after 20 ms, so one frame of each is all there is.
fn tone(leg: usize) -> Frame {
    std::array::from_fn(|at| {
        (AMPLITUDE * (at as f64 * TAU * tone_hz(leg) / 8000.0).sin()).round() as i16
    })
}

/// The amplitude of a leg's tone in a frame, against full scale.
fn heard(frame: &[i16], leg: usize) -> f64 {
    let (mut real, mut imaginary) = (0.0, 0.0);
    for (at, &sample) in frame.iter().enumerate() {
        let phase = at as f64 * TAU * tone_hz(leg) / 8000.0;
        real += f64::from(sample) * phase.cos();
        imaginary += f64::from(sample) * phase.sin();
    }
    f64::hypot(real, imaginary) * 2.0 / (FRAME as f64 * FULL_SCALE)
}

struct Room {
    matrix: Matrix,
    limiters: [Limiter; LEGS],
    tones: [Frame; LEGS],
    version: u64,
}

impl Room {
    fn new() -> Self {
        let tones = std::array::from_fn(tone);
        Self { matrix: Matrix::new(LEGS), limiters: Default::default(), tones, version: 0 }
    }

    fn route(&mut self, routes: &[(usize, usize, Gain)]) {
        self.version += 1;
        self.matrix.replace(self.version, routes.iter().copied());
    }

    fn mix(&mut self, listener: usize) -> Frame {
        let (mut out, tones) = ([0; FRAME], &self.tones);
        let spoken = |slot: usize| Some(&tones[slot][..]);
        mix_listener(&mut self.matrix, listener, &mut self.limiters[listener], spoken, &mut out);
        out
    }

    fn assert_hears(&mut self, listener: usize, expected: &[Gain; LEGS]) {
        let frame = self.mix(listener);
        for (speaker, gain) in expected.iter().enumerate() {
            let level = heard(&frame, speaker);
            let wanted = AMPLITUDE / FULL_SCALE * f64::from(gain.0) / 1024.0;
            let error = (level - wanted).abs();
            assert!(error < MINUS_60_DBFS, "{listener} hears {speaker} at {level}, not {wanted}");
        }
    }
}

fn gains_of(listener: usize, routes: &[(usize, usize, Gain)]) -> [Gain; LEGS] {
    let mut gains = [Gain::SILENT; LEGS];
    for &(_, speaker, gain) in routes.iter().filter(|(to, ..)| *to == listener) {
        gains[speaker] = gain;
    }
    gains
}

/// About half of all pairs, a leg also with itself now and then, at gains up to unity.
fn random_routes(chance: &mut Chance) -> Vec<(usize, usize, Gain)> {
    let mut routes = Vec::new();
    for listener in 0..LEGS {
        for speaker in 0..LEGS {
            match chance.below(8) {
                0..2 => routes.push((listener, speaker, Gain::UNITY)),
                2 => routes.push((listener, speaker, Gain::BESIDE)),
                3 => routes.push((listener, speaker, Gain(chance.below(1025) as u16))),
                _ => {}
            }
        }
    }
    routes
}

#[test]
fn settled_frames_hold_exactly_the_routed_tones_over_10_000_changes() {
    let (mut room, mut chance) = (Room::new(), Chance::from_number(1));
    for _ in 0..10_000 {
        let routes = random_routes(&mut chance);
        room.route(&routes);
        for listener in 0..LEGS {
            room.mix(listener);
        }
        let listener = chance.below(LEGS as u64) as usize;
        room.assert_hears(listener, &gains_of(listener, &routes));
    }
}

#[test]
fn i3_three_parties_hear_exactly_the_other_two() {
    let mut room = Room::new();
    let mut routes = Vec::new();
    for listener in 0..3 {
        let others = (0..3).filter(|&speaker| speaker != listener);
        routes.extend(others.map(|speaker| (listener, speaker, Gain::UNITY)));
    }
    room.route(&routes);
    for listener in 0..LEGS {
        room.mix(listener);
        room.assert_hears(listener, &gains_of(listener, &routes));
    }
}

#[test]
fn no_change_of_routes_is_a_click() {
    let (mut room, mut chance) = (Room::new(), Chance::from_number(2));
    let steepest = |frame: &[i16], last: i16| {
        let before = std::iter::once(last).chain(frame.iter().copied());
        let steps = before.zip(frame).map(|(a, &b)| (i32::from(b) - i32::from(a)).abs());
        steps.max().unwrap_or(0)
    };
    // The steepest that the six tones at unity are together, and the fastest ramp on top of it.
    let slopes: f64 = (0..LEGS).map(|leg| AMPLITUDE * TAU * tone_hz(leg) / 8000.0).sum();
    let ramps = AMPLITUDE * LEGS as f64 / FRAME as f64;
    let mut last = 0;
    for _ in 0..2_000 {
        room.route(&random_routes(&mut chance));
        let frame = room.mix(0);
        assert!(f64::from(steepest(&frame, last)) < slopes + ramps);
        last = frame[FRAME - 1];
    }
}

#[test]
fn a_ramp_takes_one_frame_of_its_listener_and_ends_exactly() {
    let mut matrix = Matrix::new(2);
    matrix.replace(1, [(0, 1, Gain::UNITY)]);
    let loud = [10_240_i16; FRAME];
    let mut mixed = || {
        let mut sum = Sum::new(FRAME);
        matrix.mix(0, |slot| (slot == 1).then_some(&loud[..]), &mut sum);
        sum.samples().to_vec()
    };
    let rising = mixed();
    assert_eq!((rising[0], rising[79], rising[159]), (64, 5120, 10_240));
    assert!(rising.is_sorted());
    assert_eq!(mixed(), [10_240; FRAME]);
}

#[test]
fn a_stale_version_and_an_unknown_slot_change_nothing() {
    let mut matrix = Matrix::new(2);
    matrix.replace(5, [(0, 1, Gain::UNITY), (0, 2, Gain::UNITY), (2, 0, Gain::UNITY)]);
    matrix.replace(5, []);
    matrix.replace(4, []);
    assert_eq!((matrix.version(), matrix.cell(0, 1).target()), (5, Gain::UNITY));
    assert_eq!(matrix.cell(2, 0).target(), Gain::SILENT);
    matrix.mix(usize::MAX, |_| None, &mut Sum::new(FRAME));
    matrix.vacate(7);
}

#[test]
fn the_next_leg_in_a_slot_starts_silent_both_ways() {
    let mut room = Room::new();
    room.route(&[(0, 1, Gain::UNITY), (1, 0, Gain::UNITY), (2, 0, Gain::UNITY)]);
    for listener in 0..LEGS {
        room.mix(listener);
    }
    room.matrix.vacate(1);
    room.assert_hears(0, &[Gain::SILENT; LEGS]);
    room.assert_hears(1, &[Gain::SILENT; LEGS]);
    room.assert_hears(2, &gains_of(2, &[(2, 0, Gain::UNITY)]));
}

#[test]
fn the_order_of_adding_never_saturates() {
    let speakers = [[30_000_i16; 4], [30_000; 4], [-30_000; 4]];
    let mut matrix = Matrix::new(4);
    matrix.replace(1, (0..3).map(|speaker| (3, speaker, Gain::UNITY)));
    let mut out = [0; 4];
    let mut limiter = Limiter::default();
    for _ in 0..2 {
        let spoken = |slot: usize| speakers.get(slot).map(|frame| &frame[..]);
        let mut sum = Sum::new(4);
        matrix.mix(3, spoken, &mut sum);
        sum.subtract(&[0; 4]);
        sum.finish(&mut limiter, &mut out);
    }
    // Above -1 dBFS the limiter holds it just under; the sum itself is exact.
    let mut sum = Sum::of(4, 3, |slot| speakers.get(slot).map(|frame| &frame[..]));
    assert_eq!(sum.samples(), [30_000; 4]);
    assert!(out.iter().all(|sample| (29_000..=30_000).contains(sample)), "{out:?}");
    sum.subtract(&speakers[2]);
    assert_eq!(sum.samples(), [60_000; 4]);
}

#[test]
fn the_fullest_room_at_the_highest_gain_does_not_overflow() {
    let (spoken, mut out) = ([i16::MIN; 960], [0; 960]);
    let mut matrix = Matrix::new(usize::MAX);
    assert_eq!(matrix.slots(), MAX_SLOTS);
    matrix.replace(1, (0..MAX_SLOTS).map(|speaker| (7, speaker, Gain(u16::MAX))));
    let mut limiter = Limiter::default();
    for _ in 0..3 {
        mix_listener(&mut matrix, 7, &mut limiter, |_| Some(&spoken[..]), &mut out);
        assert!(out.iter().all(|&sample| sample < 0 && sample > i16::MIN));
    }
}

#[test]
fn a_room_is_ducked_under_a_prompt_by_a_ramp() {
    let (room, duck) = ([8_000_i16; FRAME], Gain(363));
    let mut sum = Sum::new(FRAME);
    sum.add(&room);
    let mut ramp = mixer::Ramp::UNITY;
    ramp.set(duck);
    sum.scale(ramp.step());
    assert!(sum.samples()[0] > 7_900 && sum.samples()[FRAME - 1] == 2_836);
    assert_eq!(ramp.constant(), Some(duck), "9 dB down, and staying there");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_shared_sum_gives_the_same_samples(
        spoken in proptest::collection::vec(
            proptest::option::of(proptest::collection::vec(any::<i16>(), 40)), 8),
        cuts in proptest::collection::vec((0_usize..8, 0_usize..8, 0_u16..1500), 0..3),
    ) {
        let frame = |slot: usize| spoken[slot].as_deref();
        let everyone = (0..8).flat_map(|l| (0..8).filter(move |&s| s != l).map(move |s| (l, s)));
        let unity = everyone.map(|(l, s)| (l, s, Gain::UNITY));
        let cut = cuts.iter().map(|&(l, s, gain)| (l, s, Gain(gain)));
        let mut matrix = Matrix::new(8);
        matrix.replace(1, unity.chain(cut));
        let mut other = matrix.clone();
        for _ in 0..2 {
            let shared = Sum::of(40, 8, frame);
            for listener in 0..8 {
                let (mut direct, mut by_shared) = (Sum::new(40), Sum::new(40));
                matrix.mix(listener, frame, &mut direct);
                other.mix_shared(listener, &shared, frame, &mut by_shared);
                prop_assert_eq!(direct.samples(), by_shared.samples());
                prop_assert_eq!(matrix.cell(listener, 0), other.cell(listener, 0));
            }
        }
    }
}
