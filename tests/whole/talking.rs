//! From the greeting to a conversation of two and of three.

use std::time::Duration;

use testkit::wire::{Climate, hear_exactly};

use crate::scenes::{Scene, interpreted, ready, talking};

#[test]
fn c01_c05_from_the_greeting_through_the_queue_to_an_advocate() {
    let Scene { hotline, caller, alice, .. } = ready(1, Climate::FAIR);
    caller.dials_in();
    caller.hears_within("welcome", Duration::from_secs(1));
    caller.presses("2");
    caller.hears_within("es/please-wait", Duration::from_secs(2));
    caller.hears_exactly(&[]);
    alice.answers();
    caller.hears("es/connecting");
    assert!(!caller.was_told("please-wait"), "nothing in English after the choice");
    hear_exactly(&[(&caller, &[&alice]), (&alice, &[&caller])]);
    assert!(!alice.was_told("es/connecting"), "prompts are the caller's only");
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn a03_c22_an_interpreter_asked_for_by_keys_makes_it_three() {
    let Scene { hotline, caller, alice, first, .. } = talking();
    alice.presses(&hotline.code_for("es"));
    alice.hears("language-es");
    first.brings_interpreter();
    assert_eq!(first.was_sent(), "4711#");
    caller.hears("es/interpreter-joining");
    hotline.pass(Duration::from_secs(3));
    hear_exactly(&[
        (&caller, &[&alice, &first]),
        (&alice, &[&caller, &first]),
        (&first, &[&caller, &alice]),
    ]);
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn a03_hold_and_private_talk_in_the_audio() {
    let Scene { caller, alice, first, .. } = interpreted();
    alice.presses("**");
    caller.hears("on-hold");
    hear_exactly(&[(&caller, &[]), (&alice, &[&first]), (&first, &[&alice])]);
    alice.presses("**");
    caller.hears("off-hold");
    alice.presses("*4");
    alice.hears("adv-private");
    hear_exactly(&[(&caller, &[]), (&alice, &[&first]), (&first, &[&alice])]);
    alice.presses("*4");
    alice.hears("adv-private-off");
    hear_exactly(&[
        (&caller, &[&alice, &first]),
        (&alice, &[&caller, &first]),
        (&first, &[&caller, &alice]),
    ]);
}
