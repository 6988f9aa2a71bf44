//! What anybody can dial to measure: the numbers of `dialplans/lab.yaml`.

use std::time::Duration;

use model::{EndReason, SampleRate};
use switchboard::{Board, Notice};
use testkit::{Caller, Hotline, Party};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A lab with a call to `number`.
fn measured(number: &str) -> (Hotline, Caller) {
    let lab = Hotline::lab();
    let caller = lab.caller();
    caller.dials(number);
    (lab, caller)
}

fn ended(lab: &Hotline, as_said: EndReason) -> bool {
    lab.noticed(|notice| matches!(notice, Notice::CallEnded { reason, .. } if *reason == as_said))
}

#[test]
fn an_echo_lets_a_party_hear_itself_and_nobody_else() {
    let (lab, caller) = measured("echo");
    let other = lab.caller();
    other.dials("echo");
    assert_eq!(caller.was_answered_with(), [200]);
    caller.hears_exactly(&[&caller]);
    other.hears_exactly(&[&other]);
    lab.pass(seconds(7200));
    lab.is_empty();
    assert!(ended(&lab, EndReason::Released));
}

#[test]
fn everybody_who_dials_the_same_number_hears_all_others_whenever_they_come_and_go() {
    let lab = Hotline::lab();
    let [ann, ben, cyd, dan] = [(); 4].map(|()| lab.caller());
    ann.dials("3000");
    ann.hears_exactly(&[]);
    ben.dials("3000");
    dan.dials("3001");
    cyd.dials("3000");
    ann.hears_exactly(&[&ben, &cyd]);
    ben.hears_exactly(&[&ann, &cyd]);
    cyd.hears_exactly(&[&ann, &ben]);
    dan.hears_exactly(&[]);
    ann.hangs_up();
    ben.hears_exactly(&[&cyd]);
    cyd.hears_exactly(&[&ben]);
    for party in [&ben, &cyd, &dan] {
        party.hangs_up();
    }
    lab.is_empty();
    let eve = lab.caller();
    eve.dials("3000");
    eve.hears_exactly(&[]);
}

#[test]
fn what_a_joining_call_costs_does_not_depend_on_how_many_are_there() {
    let lab = Hotline::lab();
    let joins = |count: usize| {
        let before = lab.media_was_told();
        let parties: Vec<Caller> = (0..count).map(|_| lab.caller()).collect();
        parties.iter().for_each(|party| party.dials("3000"));
        (parties, lab.media_was_told() - before)
    };
    let (first, cost) = joins(1);
    let (_, cost_of_more) = joins(300);
    assert_eq!((cost, cost_of_more), (2, 300), "a port each, and once that all hear all others");
    assert_eq!(lab.board(), Board { calls: 301, legs: 301, ..Board::default() });
    let before = lab.media_was_told();
    first.iter().for_each(Party::hangs_up);
    assert_eq!(lab.media_was_told() - before, 1, "it only closes its leg");
}

#[test]
fn a_room_whose_first_party_is_refused_is_one_for_the_others() {
    let lab = Hotline::lab();
    let [ann, ben, cyd] = [(); 3].map(|()| lab.caller());
    lab.media_refuses_next(Duration::from_millis(150));
    ann.dials("3000");
    ben.dials("3000");
    assert_eq!(ann.was_answered_with(), [488]);
    cyd.dials("3000");
    ben.hears_exactly(&[&cyd]);
    cyd.hears_exactly(&[&ben]);
}

#[test]
fn a_wide_band_room_is_one_even_if_all_legs_are_narrow_band() {
    let lab = Hotline::lab();
    for (number, rate) in
        [("3999", SampleRate::Narrow), ("4000", SampleRate::Wide), ("echo", SampleRate::Narrow)]
    {
        let caller = lab.caller();
        caller.dials(number);
        assert_eq!(caller.least_rate(), rate, "{number}");
    }
}

#[test]
fn what_rings_is_never_answered_and_refused_in_the_end() {
    let (lab, caller) = measured("ring");
    lab.pass(seconds(179));
    assert_eq!(caller.was_answered_with(), [180]);
    assert_eq!(lab.board().calls, 1);
    lab.pass(seconds(1));
    assert_eq!(caller.was_answered_with(), [180, 480]);
    lab.is_empty();
    assert!(!lab.noticed(|notice| *notice == Notice::Healed));
}

#[test]
fn c11_a_call_that_is_given_up_before_the_answer_leaves_nothing() {
    for number in ["ring", "early"] {
        let (lab, caller) = measured(number);
        caller.cancels();
        lab.pass(seconds(1));
        lab.is_empty();
        assert!(ended(&lab, EndReason::HungUp));
    }
}

#[test]
fn something_is_heard_before_the_answer() {
    let (lab, caller) = measured("early");
    assert_eq!(caller.was_answered_with(), [183]);
    assert!(caller.hears_music());
    lab.pass(seconds(3));
    assert_eq!(caller.was_answered_with(), [183, 200]);
    assert!(!caller.hears_music());
    caller.hears_exactly(&[&caller]);
    caller.hangs_up();
    lab.is_empty();
}

#[test]
fn an_early_offer_of_ours_is_answered_before_the_call_is() {
    let lab = Hotline::lab();
    let caller = lab.caller();
    caller.dials_without_offer("early");
    assert_eq!(caller.was_answered_with(), [183]);
    lab.pass(seconds(4));
    assert_eq!(caller.was_answered_with(), [183, 200]);
    caller.hears_exactly(&[&caller]);
    caller.hangs_up();
    lab.is_empty();
}

#[test]
fn a_call_is_ended_by_us_after_two_seconds_or_by_a_digit() {
    let (lab, caller) = measured("hangup");
    lab.pass(Duration::from_millis(1800));
    assert!(caller.is_connected());
    lab.pass(Duration::from_millis(200));
    lab.is_empty();
    let (lab, caller) = measured("dtmf");
    lab.pass(seconds(20));
    caller.presses("23");
    assert!(caller.is_connected());
    caller.presses("1");
    lab.is_empty();
}

#[test]
fn the_hotline_itself_can_be_dialled() {
    let (lab, caller) = measured("ivr");
    caller.hears("welcome");
    caller.hears("please-wait");
    assert_eq!(lab.board().waiting, 1);
}

#[test]
fn a_number_that_leads_nowhere_is_refused() {
    for number in ["5000", "100", "", "03000", "over"] {
        let (lab, caller) = measured(number);
        assert_eq!(caller.was_answered_with(), [404], "{number}");
        lab.is_empty();
    }
}

#[test]
fn staff_may_measure_too_and_still_dial_their_codes() {
    let lab = Hotline::lab();
    let (phone, alice) = (lab.caller(), lab.advocate("alice"));
    phone.dials_as(&alice, "echo");
    phone.hears_exactly(&[&phone]);
    assert_eq!(alice.dials("*1"), ["adv-ready"]);
}

#[test]
fn a_call_without_any_packet_goes_on_while_its_phone_answers() {
    let (lab, caller) = measured("echo");
    caller.sends_nothing(seconds(60));
    lab.pass(seconds(60));
    assert!(caller.is_connected());
    caller.vanishes();
    lab.pass(seconds(100));
    lab.is_empty();
    assert!(ended(&lab, EndReason::Lost));
}

#[test]
fn a_panic_in_one_call_of_a_room_ends_that_call_only() {
    let lab = Hotline::lab();
    let [ann, ben, cyd] = [(); 3].map(|()| lab.caller());
    for party in [&ann, &ben, &cyd] {
        party.dials("3000");
    }
    lab.panics_in_the_call();
    assert!(!ann.is_connected());
    ben.hears_exactly(&[&cyd]);
    cyd.hears_exactly(&[&ben]);
    let dan = lab.caller();
    dan.dials("3000");
    dan.hears_exactly(&[&ben, &cyd]);
}

#[test]
fn a_lab_that_drains_lets_running_measurements_finish() {
    let (lab, caller) = measured("hangup");
    lab.drains();
    let late = lab.caller();
    late.dials("echo");
    assert_eq!(late.was_answered_with(), [503]);
    assert!(caller.is_connected());
    lab.pass(seconds(2));
    lab.is_empty();
}
