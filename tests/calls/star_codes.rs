//! A desk-phone advocate's whole shift by star codes.

use std::time::Duration;

use model::Direction;
use testkit::{Advocate, Caller, Hotline, Party, Vendor};

/// Caller and alice talk; the first vendor's line is free.
pub(crate) fn talking() -> (Hotline, Caller, Advocate, Vendor) {
    let hotline = Hotline::simulated();
    let (caller, alice) = (hotline.caller(), hotline.advocate("alice"));
    let vendor = hotline.vendor("vendor-a");
    alice.is_ready();
    caller.dials_in();
    alice.answers();
    hotline.pass(Duration::from_secs(5));
    (hotline, caller, alice, vendor)
}

pub(crate) fn interpreted() -> (Hotline, Caller, Advocate, Vendor) {
    let (hotline, caller, alice, vendor) = talking();
    alice.presses(&hotline.code_for("es"));
    vendor.brings_interpreter();
    hotline.pass(Duration::from_secs(10));
    (hotline, caller, alice, vendor)
}

#[test]
fn outside_a_call_ready_away_and_wrap_up_done_are_dialled() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    assert_eq!(alice.dials("*2"), ["adv-away"]);
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(30));
    assert!(!alice.has_call());
    assert_eq!(alice.dials("*1"), ["adv-ready"]);
    alice.answers();
    caller.hangs_up();
    let next = hotline.caller();
    next.dials_in();
    hotline.pass(Duration::from_secs(20));
    assert!(!alice.has_call(), "she is in wrap-up");
    assert_eq!(alice.dials("*3"), ["adv-wrapup-done"]);
    alice.is_rung();
}

#[test]
fn a_wrong_number_outside_a_call_says_what_is_possible() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    assert_eq!(alice.dials("5550100"), ["adv-wrong-code", "adv-idle-help"]);
    hotline.is_empty();
}

#[test]
fn a_wrong_code_says_what_is_possible_and_nobody_else_hears_it() {
    let (_hotline, caller, alice, _) = talking();
    let before = caller.has_heard();
    alice.presses("*3");
    alice.hears("adv-wrong-code");
    alice.hears("adv-code-help");
    alice.presses("*#");
    assert_eq!(caller.has_heard(), before);
}

#[test]
fn an_unknown_language_number_is_said_to_be_one() {
    let (_hotline, _, alice, vendor) = talking();
    alice.presses("*5000");
    alice.hears("adv-wrong-language");
    assert!(vendor.leg().is_none());
}

#[test]
fn the_language_is_spoken_back_before_the_vendor_is_dialled() {
    let (hotline, _, alice, vendor) = talking();
    alice.presses(&hotline.code_for("vi"));
    assert!(vendor.leg().is_none());
    alice.hears("language-vi");
    vendor.is_dialled();
}

#[test]
fn a03_hold_is_announced_and_taken_back() {
    let (hotline, caller, alice, _) = talking();
    alice.presses("**");
    caller.hears("on-hold");
    caller.hears_exactly(&[]);
    assert!(caller.hears_music());
    hotline.pass(Duration::from_secs(10));
    alice.presses("**");
    caller.hears("off-hold");
    caller.hears_exactly(&[&alice]);
    assert!(!caller.hears_music());
}

#[test]
fn a03_the_hold_button_of_her_phone_is_announced_too() {
    let (hotline, caller, alice, _) = talking();
    alice.uses_hold_button(Direction::ReceiveOnly);
    caller.hears("on-hold");
    caller.hears_exactly(&[]);
    assert!(caller.hears_music());
    hotline.pass(Duration::from_secs(10));
    alice.uses_hold_button(Direction::Both);
    caller.hears("off-hold");
    caller.hears_exactly(&[&alice]);
}

#[test]
fn a04_private_talk_is_between_advocate_and_interpreter() {
    let (_hotline, caller, alice, vendor) = interpreted();
    alice.presses("*4");
    caller.hears("es/on-hold");
    caller.hears_exactly(&[]);
    alice.hears_exactly(&[&vendor]);
    vendor.hears_exactly(&[&alice]);
    alice.presses("*4");
    caller.hears_exactly(&[&alice, &vendor]);
}

#[test]
fn this_is_a_person_joins_at_once() {
    let (hotline, caller, alice, vendor) = talking();
    alice.presses(&hotline.code_for("es"));
    vendor.answers();
    alice.presses("*9");
    hotline.pass(Duration::from_secs(10));
    caller.hears_exactly(&[&alice, &vendor]);
}

#[test]
fn next_route_leaves_the_first_vendor() {
    let (hotline, _, alice, vendor) = talking();
    alice.presses(&hotline.code_for("vi"));
    vendor.answers();
    alice.presses("*6");
    assert!(vendor.leg().is_none());
    hotline.vendor("vendor-b").is_dialled();
}

#[test]
fn i04_replace_thanks_the_interpreter_and_brings_another() {
    let (hotline, caller, alice, vendor) = interpreted();
    alice.presses("*8");
    caller.hears_exactly(&[&alice]);
    vendor.hears("int-goodbye");
    let other = hotline.vendor("vendor-b");
    other.brings_interpreter();
    hotline.pass(Duration::from_secs(10));
    caller.hears_exactly(&[&alice, &other]);
    assert!(vendor.leg().is_none());
}

#[test]
fn cancel_stops_the_search_and_lets_the_interpreter_go() {
    let (hotline, caller, alice, vendor) = interpreted();
    alice.presses("*7");
    alice.hears("adv-interpreter-left");
    caller.hears("es/interpreter-left");
    hotline.pass(Duration::from_secs(5));
    assert!(vendor.leg().is_none());
    caller.hears_exactly(&[&alice]);
    alice.presses("*7");
    alice.hears("adv-not-now");
}

#[test]
fn end_says_goodbye_to_the_caller_and_the_advocate_wraps_up() {
    let (hotline, caller, alice, _) = talking();
    alice.presses("*0");
    caller.hears("goodbye");
    hotline.pass(Duration::from_secs(5));
    hotline.is_empty();
}
