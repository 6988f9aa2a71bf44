//! The main call through bad networks, for many seeds: the same people hear each other in the end.

use std::time::Duration;

use testkit::wire::{Climate, Weather, hear_exactly};

use crate::scenes::{Scene, ready};
use crate::seeds::for_seeds;

pub(crate) const fn storm(loss: u64) -> Climate {
    let signalling = Weather {
        loss,
        duplication: loss,
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(100),
    };
    let media = Weather {
        loss: 2,
        duplication: 1,
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(30),
    };
    Climate::of(signalling, media)
}

fn main_call(seed: u64, climate: Climate) {
    let Scene { hotline, caller, alice, first, .. } = ready(seed, climate);
    caller.dials_in();
    caller.hears("welcome");
    caller.presses("2");
    alice.answers();
    caller.hears("es/connecting");
    hotline.pass(Duration::from_secs(1));
    hear_exactly(&[(&caller, &[&alice]), (&alice, &[&caller])]);
    alice.presses(&hotline.code_for("es"));
    alice.hears("language-es");
    first.brings_interpreter();
    caller.hears("es/interpreter-joining");
    hotline.pass(Duration::from_secs(5));
    assert_eq!(first.was_sent(), "4711#");
    hear_exactly(&[
        (&caller, &[&alice, &first]),
        (&alice, &[&caller, &first]),
        (&first, &[&caller, &alice]),
    ]);
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn the_main_call_survives_5_percent_loss_in_20_networks() {
    for_seeds(0..20, |seed| main_call(seed, storm(5)));
}

#[test]
fn the_main_call_survives_10_percent_loss_in_20_networks() {
    for_seeds(0..20, |seed| main_call(seed, storm(10)));
}

/// Storms while nobody sends RTP: the questions whether they live must not end a call.
#[test]
fn c14_c18_people_who_send_nothing_stay_through_5_percent_loss() {
    for_seeds(0..10, |seed| {
        let Scene { hotline, caller, alice, .. } = ready(seed, storm(5));
        caller.dials_in();
        alice.answers();
        hotline.pass(Duration::from_secs(3));
        caller.sends_nothing();
        alice.sends_nothing();
        hotline.pass(Duration::from_secs(120));
        assert!(caller.is_connected() && alice.is_connected());
        assert!(!caller.was_told("advocate-lost"));
    });
}

/// Everyone leaves in a storm, in any order, and nothing is left.
#[test]
fn c11_whoever_hangs_up_first_in_a_storm_nothing_is_left() {
    for_seeds(0..8, |seed| {
        let Scene { hotline, caller, alice, first, .. } = ready(seed, storm(10));
        caller.dials_in();
        alice.answers();
        hotline.pass(Duration::from_secs(3));
        alice.presses(&hotline.code_for("es"));
        first.is_rung();
        match seed % 4 {
            0 => caller.hangs_up(),
            1 => alice.hangs_up(),
            2 => first.refuses(486),
            _ => first.answers(),
        }
        hotline.pass(Duration::from_secs(2));
        [&caller, &alice, &first]
            .into_iter()
            .filter(|p| p.is_connected())
            .for_each(|p| p.hangs_up());
        hotline.pass(Duration::from_secs(60));
        hotline.is_empty();
    });
}
