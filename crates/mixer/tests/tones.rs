//! Gains, sums and their limit, proved on tones. Who hears whom in a room, over 10 000 changes, is
//! proved where rooms are: `media/tests/shard/matrix.rs`.

use std::f64::consts::TAU;

use mixer::{Limiter, Ramp, Sum};
use model::{Chance, Gain};
use proptest::prelude::*;

const FRAME: usize = 160;
const SPEAKERS: usize = 6;
const AMPLITUDE: f64 = 4_000.0;

type Frame = [i16; FRAME];

fn tone_hz(speaker: usize) -> f64 {
    50.0 * (speaker as f64 * 3.0 + 4.0)
}

/// Every tone is a multiple of 50 Hz and repeats after 20 ms: one frame of each is all there is.
fn tone(speaker: usize) -> Frame {
    std::array::from_fn(|at| {
        (AMPLITUDE * (at as f64 * TAU * tone_hz(speaker) / 8000.0).sin()).round() as i16
    })
}

fn limited(sum: &Sum, limiter: &mut Limiter) -> Frame {
    let mut out = [0; FRAME];
    sum.finish(limiter, &mut out);
    out
}

#[test]
fn no_change_of_gains_is_a_click() {
    let tones: [Frame; SPEAKERS] = std::array::from_fn(tone);
    let (mut gains, mut limiter) = ([Ramp::SILENT; SPEAKERS], Limiter::default());
    let mut chance = Chance::from_number(2);
    // The steepest that the six tones at unity are together, and the fastest ramp on top of it.
    let slopes: f64 = (0..SPEAKERS).map(|one| AMPLITUDE * TAU * tone_hz(one) / 8000.0).sum();
    let ramps = AMPLITUDE * SPEAKERS as f64 / FRAME as f64;
    let mut last = 0;
    for _ in 0..2_000 {
        let mut sum = Sum::new(FRAME);
        for (gain, tone) in gains.iter_mut().zip(&tones) {
            gain.set(Gain(chance.below(1025) as u16));
            sum.add_ramped(tone, gain.step());
        }
        for sample in limited(&sum, &mut limiter) {
            let step = (i32::from(sample) - i32::from(last)).abs();
            assert!(f64::from(step) < slopes + ramps);
            last = sample;
        }
    }
}

#[test]
fn a_ramp_takes_one_frame_and_ends_exactly() {
    let loud = [10_240_i16; FRAME];
    let mut gain = Ramp::SILENT;
    gain.set(Gain::UNITY);
    let mut mixed = || {
        let mut sum = Sum::new(FRAME);
        sum.add_ramped(&loud, gain.step());
        sum.samples().to_vec()
    };
    let rising = mixed();
    assert_eq!((rising[0], rising[79], rising[159]), (64, 5120, 10_240));
    assert!(rising.is_sorted());
    assert_eq!(mixed(), [10_240; FRAME]);
}

#[test]
fn the_order_of_adding_never_saturates() {
    let speakers = [[30_000_i16; FRAME], [30_000; FRAME], [-30_000; FRAME]];
    let mut limiter = Limiter::default();
    let mut sum = Sum::new(FRAME);
    speakers.iter().for_each(|frame| sum.add(frame));
    assert_eq!(sum.samples(), [30_000; FRAME]);
    limited(&sum, &mut limiter);
    // Above -1 dBFS the limiter holds it just under; the sum itself is exact.
    let out = limited(&sum, &mut limiter);
    assert!(out.iter().all(|sample| (29_000..=30_000).contains(sample)), "{out:?}");
    sum.subtract(&speakers[2]);
    assert_eq!(sum.samples(), [60_000; FRAME]);
}

#[test]
fn a_thousand_legs_at_the_highest_gain_do_not_overflow() {
    let spoken = [i16::MIN; FRAME];
    let (mut limiter, mut sum) = (Limiter::default(), Sum::new(FRAME));
    for _ in 0..1_000 {
        sum.add_ramped(&spoken, Ramp::settled(Gain(u16::MAX)));
    }
    for _ in 0..3 {
        let out = limited(&sum, &mut limiter);
        assert!(out.iter().all(|&sample| sample < 0 && sample > i16::MIN));
    }
}

#[test]
fn a_room_is_ducked_under_a_prompt_by_a_ramp() {
    let (room, duck) = ([8_000_i16; FRAME], Gain(363));
    let mut sum = Sum::new(FRAME);
    sum.add(&room);
    let mut ramp = Ramp::UNITY;
    ramp.set(duck);
    sum.scale(ramp.step());
    assert!(sum.samples()[0] > 7_900 && sum.samples()[FRAME - 1] == 2_836);
    assert_eq!(ramp.constant(), Some(duck), "9 dB down, and staying there");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_sum_of_all_less_ones_own_is_the_sum_of_the_others(
        spoken in proptest::collection::vec(proptest::collection::vec(any::<i16>(), 40), 1..9),
        own in 0_usize..8,
    ) {
        let own = own % spoken.len();
        let (mut all, mut others, mut less) = (Sum::new(40), Sum::new(40), Sum::new(0));
        for (speaker, frame) in spoken.iter().enumerate() {
            all.add(frame);
            if speaker != own {
                others.add(frame);
            }
        }
        less.copy(&all);
        less.subtract(&spoken[own]);
        prop_assert_eq!(less.samples(), others.samples());
    }
}
