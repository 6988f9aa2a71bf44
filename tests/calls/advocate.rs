//! Offers, the conversation, and its loss.

use std::time::Duration;

use switchboard::Notice;
use testkit::{Hotline, Party};

#[test]
fn an_advocate_who_speaks_the_language_is_rung_before_one_who_does_not() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    bruna.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    caller.presses("2");
    hotline.pass(Duration::from_secs(1));
    assert!(bruna.has_call() && !alice.has_call());
    assert_eq!(bruna.sees(), "Spanish, new call");
}

#[test]
fn a05_an_unanswered_offer_moves_on_after_twenty_seconds_and_the_caller_keeps_her_place() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    bruna.is_ready();
    let (first, second) = (hotline.caller(), hotline.caller());
    first.dials_in();
    alice.is_rung();
    second.dials_in();
    bruna.answers();
    second.hears_exactly(&[&bruna]);
    let chris = hotline.advocate("chris");
    chris.is_ready();
    hotline.pass(Duration::from_secs(20));
    assert!(!alice.has_call());
    assert!(hotline.noticed(|notice| matches!(notice, Notice::AdvocateSetAway { .. })));
    chris.answers();
    first.hears_exactly(&[&chris]);
}

#[test]
fn a05_two_advocates_never_get_one_call() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    bruna.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    alice.answers();
    hotline.pass(Duration::from_secs(60));
    assert!(!bruna.has_call());
    caller.hears_exactly(&[&alice]);
    alice.hears_exactly(&[&caller]);
}

#[test]
fn c11_a_caller_who_hangs_up_while_a_phone_rings_stops_it_at_once() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    alice.is_rung();
    caller.hangs_up();
    hotline.pass(Duration::from_millis(100));
    assert!(!alice.has_call());
    hotline.is_empty();
}

#[test]
fn c18_when_the_advocates_phone_dies_the_caller_hears_it_in_two_seconds_and_is_first_in_line() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    let (caller, other) = (hotline.caller(), hotline.caller());
    caller.dials_in();
    caller.presses("2");
    alice.answers();
    other.dials_in();
    hotline.pass(Duration::from_secs(30));
    alice.vanishes();
    caller.hears_within("es/advocate-lost", Duration::from_secs(2));
    bruna.is_ready();
    bruna.answers();
    caller.hears_exactly(&[&bruna]);
    assert!(other.is_connected() && !other.was_told("connecting"));
}

#[test]
fn c07_the_language_survives_the_loss_of_the_advocate() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    caller.presses("2");
    alice.answers();
    alice.vanishes();
    hotline.pass(Duration::from_secs(5));
    bruna.is_ready();
    bruna.is_rung();
    assert!(bruna.sees().starts_with("Spanish"), "{}", bruna.sees());
}

#[test]
fn c14_ten_minutes_without_a_packet_do_not_end_a_call_and_digits_still_count() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    for quiet in 1..=40 {
        caller.sends_nothing(Duration::from_secs(15 * quiet));
        hotline.pass(Duration::from_secs(15));
        if quiet == 4 {
            alice.answers();
        }
    }
    caller.hears_exactly(&[&alice]);
    caller.presses("1");
    assert!(caller.is_connected());
}

#[test]
fn a_panic_in_a_calls_handling_puts_its_caller_at_the_head_with_a_message() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    caller.presses("2");
    alice.answers();
    hotline.panics_in_the_call();
    caller.hears_exactly(&[]);
    caller.hears_within("es/advocate-lost", Duration::from_secs(2));
    bruna.is_ready();
    bruna.answers();
    caller.hears_exactly(&[&bruna]);
    hotline.panics_in_the_call();
    hotline.is_empty();
}
