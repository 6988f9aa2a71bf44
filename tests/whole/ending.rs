//! Hanging up, in every state, and what is left of a call afterwards: nothing.

use std::time::Duration;

use testkit::wire::Climate;

use crate::scenes::{Scene, ready};

/// Plays the caller's way up to a state, the higher the further.
fn scene(state: usize) -> Scene {
    let scene = ready(1, Climate::FAIR);
    let Scene { hotline, caller, alice, first, .. } = &scene;
    let steps: [&dyn Fn(); 12] = [
        &|| caller.dials("100"),
        &|| caller.hears("welcome"),
        &|| alice.is_rung(),
        &|| alice.answers(),
        &|| caller.hears("connecting"),
        &|| alice.presses(&hotline.code_for("es")),
        &|| first.is_rung(),
        &|| first.answers(),
        &|| first.says_nothing(),
        &|| hotline.pass(Duration::from_secs(5)),
        &|| first.greets(),
        &|| alice.presses("**"),
    ];
    for step in &steps[..=state] {
        step();
    }
    scene
}

const STATES: usize = 12;

#[test]
fn c11_a_caller_who_hangs_up_in_any_state_leaves_nothing_behind() {
    for state in 0..STATES {
        let Scene { hotline, caller, alice, first, .. } = scene(state);
        caller.hangs_up();
        hotline.pass(Duration::from_secs(1));
        assert_eq!(hotline.board(), switchboard::Board::default(), "in state {state}");
        assert!(!alice.has_call() && !first.has_call(), "in state {state}");
        hotline.is_empty();
    }
}

#[test]
fn c11_a_caller_who_gives_up_before_she_is_answered_leaves_nothing_behind() {
    let Scene { hotline, caller, .. } = ready(1, Climate::FAIR);
    for wait in 0..6 {
        caller.starts_to_dial();
        hotline.pass(Duration::from_micros(700 * wait));
        caller.hangs_up();
        hotline.pass(Duration::from_secs(5));
    }
    hotline.is_empty();
}

#[test]
fn c11_whoever_else_hangs_up_leaves_nothing_behind_either() {
    for state in 3..STATES {
        let Scene { hotline, caller, alice, first, .. } = scene(state);
        alice.hangs_up();
        caller.hears(if state < 5 { "goodbye" } else { "es/goodbye" });
        assert!(!caller.ever_heard(&first) || state >= 10, "in state {state}");
        hotline.pass(Duration::from_secs(10));
        hotline.is_empty();
    }
}
