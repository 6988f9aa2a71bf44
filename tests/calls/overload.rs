//! More than the media can carry: who is still taken, and what becomes of those who are inside.

use std::time::Duration;

use switchboard::{Capacity, Notice};
use testkit::{Caller, Hotline, Party};

fn a_new_caller(hotline: &Hotline) -> Caller {
    let caller = hotline.caller();
    caller.dials_in();
    caller
}

#[test]
fn o10_callers_are_refused_at_full_load_and_taken_again_when_it_has_fallen() {
    let hotline = Hotline::simulated();
    let first = a_new_caller(&hotline);
    hotline.media_is_loaded(85, 1);
    assert!(a_new_caller(&hotline).is_connected(), "one busy second refuses nobody");
    hotline.media_is_loaded(85, 2);
    let refused = a_new_caller(&hotline);
    assert_eq!(refused.was_answered_with(), [503]);
    assert!(hotline.noticed(|notice| *notice == Notice::Capacity(Capacity::Full)));
    hotline.media_is_loaded(75, 20);
    assert_eq!(a_new_caller(&hotline).was_answered_with(), [503], "not yet");
    hotline.media_is_loaded(65, 5);
    assert!(a_new_caller(&hotline).is_connected());
    assert!(first.is_connected() && !refused.is_connected());
}

#[test]
fn o10_who_is_inside_gets_advocate_and_interpreter_at_full_load() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    let caller = a_new_caller(&hotline);
    hotline.media_is_loaded(99, 5);
    alice.is_ready();
    hotline.pass(Duration::from_secs(15));
    alice.answers();
    hotline.pass(Duration::from_secs(5));
    caller.hears_exactly(&[&alice]);
    alice.presses(&hotline.code_for("vi"));
    let vendor = hotline.vendor("vendor-a");
    vendor.answers();
    assert!(vendor.is_connected());
}

#[test]
fn o10_a_lab_is_refused_before_any_caller() {
    let lab = Hotline::lab();
    let dials = |number: &str| {
        let party = lab.caller();
        party.dials(number);
        party.was_answered_with()
    };
    assert_eq!(dials("echo"), [200]);
    lab.media_is_loaded(75, 2);
    assert_eq!(dials("echo"), [503]);
    assert!(dials("ivr").contains(&200), "a caller of the hotline beside it");
    lab.media_is_loaded(50, 5);
    assert_eq!(dials("echo"), [200]);
}
