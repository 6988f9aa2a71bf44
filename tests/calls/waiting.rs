//! Waiting for an advocate: company, truth, and nobody on shift.

use std::time::Duration;

use model::EndReason;
use switchboard::Notice;
use testkit::{Hotline, Party};

#[test]
fn c03_two_hundred_callers_and_no_advocate_and_nobody_is_refused_or_dropped() {
    let hotline = Hotline::simulated();
    for _ in 0..200 {
        hotline.caller().dials_in();
    }
    hotline.pass(Duration::from_secs(300));
    assert_eq!(hotline.board().waiting, 200);
    assert!(!hotline.noticed(|notice| matches!(notice, Notice::CallRefused)));
}

#[test]
fn c17_waiting_messages_are_truthful_and_at_most_thirty_seconds_apart() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let (first, second) = (hotline.caller(), hotline.caller());
    first.dials_in();
    hotline.pass(Duration::from_secs(1));
    second.dials_in();
    alice.is_rung();
    second.hears_within("still-with-you", Duration::from_secs(40));
    second.hears_within("position-2", Duration::from_secs(10));
    assert!(!second.was_told("position-1"));
    first.hangs_up();
    second.hears_within("position-1", Duration::from_secs(40));
}

#[test]
fn c17_music_plays_between_the_messages() {
    let hotline = Hotline::simulated();
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(40));
    assert!(caller.hears_music());
}

#[test]
fn c23_with_nobody_on_shift_the_caller_is_told_at_once_and_staff_are_alarmed() {
    let hotline = Hotline::simulated();
    let caller = hotline.caller();
    caller.dials_in();
    caller.hears_within("nobody-now", Duration::from_secs(10));
    assert!(hotline.noticed(|notice| matches!(notice, Notice::NobodyOnShift { .. })));
    assert!(caller.is_connected(), "she may stay");
}

#[test]
fn c23_callers_who_wait_already_are_told_when_the_last_advocate_leaves() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    bruna.is_ready();
    let (talking, waiting) = (hotline.caller(), hotline.caller());
    talking.dials_in();
    alice.answers();
    bruna.dials("*2");
    waiting.dials_in();
    hotline.pass(Duration::from_secs(20));
    assert!(!waiting.was_told("nobody-now"), "alice is on shift");
    alice.dials("*2");
    talking.hangs_up();
    waiting.hears_within("nobody-now", Duration::from_secs(5));
}

#[test]
fn q11_a_closed_hotline_diverts_to_the_backup_centre_without_the_callers_number() {
    let hotline = Hotline::with_backup();
    let (caller, centre) = (hotline.caller(), hotline.centre());
    caller.dials_in();
    caller.presses("2");
    centre.answers();
    centre.hears("adv-call-from");
    centre.hears("language-es");
    caller.hears_exactly(&[&centre]);
    centre.hears_exactly(&[&caller]);
    centre.hangs_up();
    caller.hears("es/goodbye");
    hotline.pass(Duration::from_secs(10));
    hotline.is_empty();
}

#[test]
fn p5_a_lost_backup_centre_brings_the_caller_back_to_the_head() {
    let hotline = Hotline::with_backup();
    let (caller, centre) = (hotline.caller(), hotline.centre());
    caller.dials_in();
    centre.answers();
    centre.refuses(EndReason::Lost);
    caller.hears_within("advocate-lost", Duration::from_secs(5));
    assert_eq!(hotline.board().waiting, 1);
}

#[test]
fn an_unreachable_backup_centre_leaves_the_caller_here() {
    let hotline = Hotline::with_backup();
    let (caller, centre) = (hotline.caller(), hotline.centre());
    caller.dials_in();
    centre.refuses(EndReason::Unreachable);
    caller.hears("nobody-now");
    assert!(caller.is_connected());
}
