//! Hanging up, in every state.

use std::time::Duration;

use testkit::{Advocate, Caller, Hotline, Party, Vendor};

struct Scene {
    hotline: Hotline,
    caller: Caller,
    alice: Advocate,
    vendor: Vendor,
}

/// Plays the caller's way up to a state, the higher the further.
fn scene(state: usize) -> Scene {
    let hotline = Hotline::simulated();
    let (caller, alice) = (hotline.caller(), hotline.advocate("alice"));
    let vendor = hotline.vendor("vendor-a");
    let scene = Scene { hotline, caller, alice, vendor };
    let Scene { hotline, caller, alice, vendor } = &scene;
    let steps: [&dyn Fn(); 9] = [
        &|| caller.dials_in(),
        &|| caller.hears("please-wait"),
        &|| alice.is_ready(),
        &|| alice.answers(),
        &|| alice.presses(&hotline.code_for("vi")),
        &|| vendor.is_dialled(),
        &|| vendor.brings_interpreter(),
        &|| alice.presses("*1"),
        &|| alice.presses("**"),
    ];
    for step in &steps[..=state] {
        step();
    }
    scene
}

const STATES: usize = 9;

#[test]
fn c11_hanging_up_in_any_state_frees_all_legs_within_a_second() {
    for state in 0..STATES {
        let Scene { hotline, caller, alice, vendor } = scene(state);
        caller.hangs_up();
        hotline.pass(Duration::from_secs(1));
        hotline.is_empty();
        assert!(!alice.has_call() && vendor.leg().is_none(), "in state {state}");
        hotline.pass(Duration::from_secs(600));
        assert!(!alice.has_call(), "nothing is tried again after state {state}");
    }
}

#[test]
fn a_leg_whose_media_is_lost_ends_and_takes_nothing_else_along() {
    let Scene { hotline, caller, alice, .. } = scene(3);
    caller.loses_her_media();
    hotline.pass(Duration::from_secs(5));
    hotline.is_empty();
    assert!(!alice.has_call());
}

#[test]
fn a_caller_whose_advocate_hangs_up_hears_the_closing_line() {
    let Scene { hotline, caller, alice, .. } = scene(3);
    alice.hangs_up();
    caller.hears("goodbye");
    hotline.pass(Duration::from_secs(5));
    hotline.is_empty();
}

#[test]
fn i09_no_interpreter_stays_with_a_caller_whose_advocate_hangs_up() {
    let Scene { hotline, caller, alice, vendor } = scene(7);
    caller.hears_exactly(&[&alice, &vendor]);
    alice.hangs_up();
    caller.hears_exactly(&[]);
    vendor.hears("int-goodbye");
    caller.hears("goodbye");
    hotline.pass(Duration::from_secs(5));
    hotline.is_empty();
}

#[test]
fn a_stopping_engine_leaves_no_dead_line() {
    let Scene { hotline, caller, alice, vendor } = scene(7);
    hotline.stops();
    assert!(!caller.is_connected() && !alice.has_call() && vendor.leg().is_none());
    hotline.is_empty();
}
