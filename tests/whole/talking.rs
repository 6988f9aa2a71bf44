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

/// A phone on hold is silence: it is asked to talk again before the caller is taken back to it.
#[test]
fn a03_a_caller_held_by_the_phone_and_taken_back_by_star_code_is_heard_again() {
    let Scene { hotline, caller, alice, .. } = talking();
    for _ in 0..2 {
        alice.holds();
        caller.hears("on-hold");
        hotline.pass(Duration::from_secs(5));
        assert!(caller.hears_music());
        caller.hears_exactly(&[]);
        alice.presses("**");
        caller.hears("off-hold");
        hotline.pass(Duration::from_secs(3));
        hear_exactly(&[(&caller, &[&alice]), (&alice, &[&caller])]);
    }
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn a03_hold_and_private_talk_in_the_audio() {
    let Scene { caller, alice, first, .. } = interpreted();
    alice.presses("**");
    caller.hears("es/on-hold");
    hear_exactly(&[(&caller, &[]), (&alice, &[&first]), (&first, &[&alice])]);
    alice.presses("**");
    caller.hears("es/off-hold");
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

#[test]
fn i01_nobody_is_told_about_the_search_while_they_talk() {
    let Scene { hotline, caller, alice, first, .. } = talking();
    alice.presses(&hotline.code_for("es"));
    first.answers();
    hotline.pass(Duration::from_secs(3));
    first.says_nothing();
    hotline.pass(Duration::from_secs(40));
    assert!(!caller.was_told("es/interpreter-still-searching"), "she speaks all the time");
    caller.says_nothing();
    alice.says_nothing();
    caller.hears_within("es/interpreter-still-searching", Duration::from_secs(20));
}

#[test]
fn i10_the_vendors_machine_is_the_advocates_alone() {
    let Scene { hotline, caller, alice, first, .. } = talking();
    alice.presses(&hotline.code_for("vi"));
    first.answers();
    hear_exactly(&[(&caller, &[&alice]), (&alice, &[&caller, &first]), (&first, &[])]);
    first.says_nothing();
    hotline.pass(Duration::from_secs(5));
    assert_eq!(first.was_sent(), "4711#");
    first.greets();
    alice.hears("adv-open-way");
    assert!(!first.ever_heard(&caller), "before the advocate has opened the way");
    alice.presses("*1");
    alice.hears("adv-way-open");
    hear_exactly(&[
        (&caller, &[&alice, &first]),
        (&alice, &[&caller, &first]),
        (&first, &[&caller, &alice]),
    ]);
    assert_eq!(caller.was_sent() + &alice.was_sent(), "", "no digit goes anywhere else");
}
