//! The main call through bad networks, for many seeds: the same people hear each other in the end.

use std::time::Duration;

use testkit::wire::{Climate, Weather, hear_exactly};

use crate::scenes::{Scene, ready};
use crate::seeds::for_seeds;

const fn storm(loss: u64) -> Climate {
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
