//! A caller who has nothing but text reaches somebody who can read her.

use std::time::Duration;

use model::Party as Author;
use switchboard::CallStage;
use testkit::{Caller, Hotline, Party, Writer};

/// Callers have nothing but text; the phones of advocates have none.
fn hotline() -> Hotline {
    let hotline = Hotline::simulated();
    hotline.callers_only_write();
    hotline
}

/// A caller who writes and waits.
fn waits(hotline: &Hotline) -> Caller {
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(10));
    caller
}

#[test]
fn c20_a_caller_who_only_writes_is_offered_to_whoever_has_a_screen_open() {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    alice.is_ready();
    chris.is_ready();
    chris.opens_screen();
    let caller = waits(&hotline);
    assert!(chris.has_call() && !alice.has_call(), "alice is longer idle and reads nothing");
    chris.answers();
    hotline.pass(Duration::from_secs(1));
    caller.writes("he is here");
    assert_eq!(chris.has_read_at_screen(), [(Author::Caller, "he is here".to_owned())]);
}

#[test]
fn callers_with_sound_are_offered_as_ever_whoever_could_read() {
    let hotline = Hotline::simulated();
    hotline.phones_have_text();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    alice.is_ready();
    chris.is_ready();
    chris.opens_screen();
    waits(&hotline);
    assert!(alice.has_call() && !chris.has_call(), "alice is longer idle");
}

#[test]
fn c20_a_phone_that_says_it_has_text_is_rung_before_one_that_does_not() {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.registers_text_phone();
    alice.is_ready();
    chris.is_ready();
    waits(&hotline);
    assert!(chris.has_call() && !alice.has_call());
}

#[test]
fn c20_what_a_phone_did_with_the_text_of_its_last_call_counts_more_than_what_it_says() {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.registers_text_phone();
    chris.is_ready();
    alice.is_ready();
    let first = waits(&hotline);
    // Both take the first two calls: the phone that boasted has no text, the modest one has.
    hotline.phones_have_no_text();
    assert!(chris.has_call());
    chris.declines_text();
    chris.answers();
    hotline.pass(Duration::from_secs(1));
    let second = {
        hotline.callers_only_write();
        waits(&hotline)
    };
    alice.answers();
    hotline.pass(Duration::from_secs(1));
    for caller in [&first, &second] {
        caller.hangs_up();
        hotline.pass(Duration::from_secs(1));
    }
    chris.dials("*3");
    alice.dials("*3");
    waits(&hotline);
    assert!(alice.has_call() && !chris.has_call(), "chris is longer idle");
}

#[test]
fn c20_she_waits_half_a_minute_for_a_reader_in_wrap_up_and_then_for_nobody() {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.is_ready();
    chris.opens_screen();
    let first = waits(&hotline);
    chris.answers();
    first.hangs_up();
    alice.is_ready();
    let caller = waits(&hotline);
    hotline.pass(Duration::from_secs(18));
    assert!(!alice.has_call() && !chris.has_call());
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
    caller.hears("still-with-you");
    hotline.pass(Duration::from_secs(14));
    assert!(alice.has_call(), "anybody is better than nobody");
}

#[test]
fn c20_an_advocate_who_opens_her_screen_is_offered_at_once_the_caller_who_waits_for_a_reader() {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.is_ready();
    chris.opens_screen();
    let first = waits(&hotline);
    chris.answers();
    first.hangs_up();
    alice.is_ready();
    waits(&hotline);
    assert!(!alice.has_call());
    alice.opens_screen();
    assert!(alice.has_call());
}

#[test]
fn a_caller_with_sound_is_not_held_up_by_one_who_waits_for_a_reader() {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.is_ready();
    chris.opens_screen();
    let first = waits(&hotline);
    chris.answers();
    first.hangs_up();
    waits(&hotline);
    hotline.phones_have_no_text();
    alice.is_ready();
    let speaks = waits(&hotline);
    alice.answers();
    hotline.pass(Duration::from_secs(1));
    speaks.hears_exactly(&[&alice]);
}

#[test]
fn a_caller_who_gets_her_sound_back_is_for_anybody_at_once() {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.is_ready();
    chris.opens_screen();
    let first = waits(&hotline);
    chris.answers();
    first.hangs_up();
    alice.is_ready();
    let caller = waits(&hotline);
    assert!(!alice.has_call());
    caller.adds_sound();
    assert!(alice.has_call());
}
