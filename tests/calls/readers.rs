//! A caller who has nothing but text reaches somebody who can read her.

use std::time::Duration;

use model::Party as Author;
use switchboard::{Act, CallStage, Outcome};
use testkit::{Advocate, Caller, Hotline, Party, Vendor, Writer};

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

/// Alice, and chris, whose screen is open: her first caller, who only wrote, has just hung up.
fn beside_a_reader_in_wrap_up() -> (Hotline, Advocate, Advocate) {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.is_ready();
    chris.opens_screen();
    let caller = waits(&hotline);
    chris.answers();
    caller.hangs_up();
    (hotline, alice, chris)
}

/// Alice, and chris, whose phone says that it has text, and who is longer idle.
fn beside_a_text_phone() -> (Hotline, Advocate, Advocate) {
    let hotline = hotline();
    let [alice, chris] = ["alice", "chris"].map(|name| hotline.advocate(name));
    chris.registers_text_phone();
    chris.is_ready();
    alice.is_ready();
    (hotline, alice, chris)
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
    let (hotline, alice, chris) = beside_a_text_phone();
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
fn c20_what_a_phone_did_after_it_signed_off_is_not_held_against_it_when_it_is_back() {
    let (hotline, alice, chris) = beside_a_text_phone();
    let first = waits(&hotline);
    chris.answers();
    hotline.pass(Duration::from_secs(1));
    chris.loses_her_phone();
    chris.drops_text();
    hotline.pass(Duration::from_secs(1));
    first.hangs_up();
    hotline.pass(Duration::from_secs(1));
    hotline.phones_have_no_text();
    hotline.callers_only_write();
    chris.registers_text_phone();
    chris.dials("*3");
    waits(&hotline);
    assert!(chris.has_call() && !alice.has_call(), "alice is longer idle");
}

#[test]
fn c20_she_waits_half_a_minute_for_a_reader_in_wrap_up_and_then_for_nobody() {
    let (hotline, alice, chris) = beside_a_reader_in_wrap_up();
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
    let (hotline, alice, _chris) = beside_a_reader_in_wrap_up();
    alice.is_ready();
    waits(&hotline);
    assert!(!alice.has_call());
    alice.opens_screen();
    assert!(alice.has_call());
}

#[test]
fn a_caller_with_sound_is_not_held_up_by_one_who_waits_for_a_reader() {
    let (hotline, alice, _chris) = beside_a_reader_in_wrap_up();
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
    let (hotline, alice, _chris) = beside_a_reader_in_wrap_up();
    alice.is_ready();
    let caller = waits(&hotline);
    assert!(!alice.has_call());
    caller.adds_sound();
    assert!(alice.has_call());
}

/// A caller who only writes, and alice, whose phone has no text, who has answered.
fn unread() -> (Hotline, Caller, Advocate) {
    let hotline = hotline();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = waits(&hotline);
    alice.declines_text();
    alice.answers();
    (hotline, caller, alice)
}

fn times(party: &dyn Party, name: &str) -> usize {
    party.has_heard().iter().filter(|heard| heard.ends_with(name)).count()
}

#[test]
fn c17_c20_an_advocate_who_cannot_read_is_told_to_open_her_screen_and_the_caller_how_it_stands() {
    let (hotline, caller, alice) = unread();
    alice.hears_within("adv-open-screen", Duration::from_secs(5));
    caller.hears_within("text-unread", Duration::from_secs(5));
    assert!(!caller.was_told("connecting"), "nobody is there for her yet");
    hotline.pass(Duration::from_secs(60));
    assert_eq!(times(&alice, "adv-open-screen"), 5, "every 15 s");
    assert_eq!(times(&caller, "text-unread"), 3, "every 30 s");
    alice.reads_at_screen();
    caller.hears_within("text-read", Duration::from_secs(1));
    caller.writes("he is asleep");
    assert_eq!(alice.has_read_at_screen(), [(Author::Caller, "he is asleep".to_owned())]);
    let reminded = times(&alice, "adv-open-screen");
    hotline.pass(Duration::from_secs(120));
    assert_eq!(times(&alice, "adv-open-screen"), reminded);
    assert_eq!(times(&caller, "text-read"), 1);
}

#[test]
fn c20_a_screen_that_is_open_has_a_moment_to_show_the_text() {
    let hotline = hotline();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    alice.opens_screen();
    let caller = waits(&hotline);
    alice.declines_text();
    alice.answers();
    hotline.pass(Duration::from_secs(2));
    assert!(!caller.was_told("connecting") && !caller.was_told("text-unread"));
    alice.reads_at_screen();
    caller.hears_within("connecting", Duration::from_secs(1));
    hotline.pass(Duration::from_secs(60));
    assert!(!caller.was_told("text-unread") && !caller.was_told("text-read"));
    assert!(!alice.was_told("adv-open-screen"));
}

#[test]
fn c20_a_reader_who_loses_her_screen_in_mid_call_is_told_and_so_is_the_caller() {
    let (hotline, caller, alice) = unread();
    alice.reads_at_screen();
    hotline.pass(Duration::from_secs(30));
    let before = (times(&alice, "adv-open-screen"), times(&caller, "text-unread"));
    alice.opens_screen();
    hotline.pass(Duration::from_secs(2));
    alice.reads_at_screen();
    hotline.pass(Duration::from_secs(30));
    let now = (times(&alice, "adv-open-screen"), times(&caller, "text-unread"));
    assert_eq!(now, before, "it was loaded again");
    alice.closes_screen();
    hotline.pass(Duration::from_secs(20));
    let now = (times(&alice, "adv-open-screen"), times(&caller, "text-unread"));
    assert_eq!(now, (before.0 + 2, before.1 + 1));
}

#[test]
fn c20_text_that_her_phone_gives_up_in_mid_call_is_missed_at_once() {
    let hotline = hotline();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = waits(&hotline);
    alice.answers();
    caller.hears("connecting");
    hotline.pass(Duration::from_secs(30));
    assert!(!caller.was_told("text-unread") && !alice.was_told("adv-open-screen"));
    alice.drops_text();
    hotline.pass(Duration::from_secs(10));
    assert!(caller.was_told("text-unread") && alice.was_told("adv-open-screen"));
    alice.adds_text();
    caller.hears_within("text-read", Duration::from_secs(2));
}

#[test]
fn c20_a_caller_set_aside_is_not_told_that_she_is_read() {
    let (hotline, caller, alice) = unread();
    hotline.pass(Duration::from_secs(20));
    assert_eq!(alice.does(Act::Hold), Outcome::Done);
    let told = times(&caller, "text-unread");
    alice.reads_at_screen();
    hotline.pass(Duration::from_secs(90));
    assert!(!caller.was_told("text-read"));
    assert_eq!(times(&caller, "text-unread"), told);
    assert_eq!(alice.does(Act::TakeBack), Outcome::Done);
    hotline.pass(Duration::from_secs(8));
    assert!(caller.was_told("text-read"));
}

#[test]
fn c20_a_caller_who_could_never_be_read_is_first_in_line_when_her_advocate_hangs_up() {
    let (hotline, caller, alice) = unread();
    let chris = hotline.advocate("chris");
    hotline.pass(Duration::from_secs(20));
    alice.hangs_up();
    hotline.pass(Duration::from_secs(1));
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
    chris.is_ready();
    chris.answers();
    chris.reads_at_screen();
    hotline.pass(Duration::from_secs(5));
    chris.hangs_up();
    hotline.pass(Duration::from_secs(1));
    caller.hears("goodbye");
    hotline.pass(Duration::from_secs(10));
    hotline.is_empty();
}

#[test]
fn an_advocate_who_ends_the_call_ends_it_whether_she_could_read_or_not() {
    let (hotline, caller, alice) = unread();
    alice.presses("*0");
    caller.hears("goodbye");
    hotline.pass(Duration::from_secs(10));
    hotline.is_empty();
}

#[test]
fn a_caller_with_sound_is_told_of_a_person_at_once_and_nobody_of_screens() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = waits(&hotline);
    alice.answers();
    caller.hears_within("connecting", Duration::from_secs(1));
    hotline.pass(Duration::from_secs(60));
    assert!(!caller.was_told("text-unread") && !alice.was_told("adv-open-screen"));
}

#[test]
fn c20_a_caller_whose_sound_ends_in_mid_call_is_minded_too() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = waits(&hotline);
    alice.answers();
    hotline.pass(Duration::from_secs(5));
    caller.drops_sound();
    alice.hears_within("adv-open-screen", Duration::from_secs(10));
    caller.adds_sound();
    caller.hears_within("text-read", Duration::from_secs(10));
}

/// A caller who only writes, with nobody on shift, whom the plan has led to a back-up centre.
fn diverted() -> (Hotline, Caller, Vendor) {
    let hotline = Hotline::with_backup();
    hotline.callers_only_write();
    let caller = hotline.caller();
    caller.dials_in();
    let centre = hotline.centre();
    centre.is_dialled();
    assert!(centre.is_offered_text());
    (hotline, caller, centre)
}

#[test]
fn c20_c23_a_back_up_centre_that_could_not_read_her_is_none_and_she_is_told_so() {
    let (hotline, caller, centre) = diverted();
    centre.declines_text();
    centre.answers();
    caller.hears("nobody-now");
    assert!(centre.leg().is_none(), "it does not listen to silence");
    let alice = hotline.advocate("alice");
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
    alice.is_ready();
    alice.answers();
}

#[test]
fn c20_a_back_up_centre_that_has_text_reads_her() {
    let (hotline, caller, centre) = diverted();
    centre.answers();
    hotline.pass(Duration::from_secs(1));
    caller.writes("he is asleep");
    centre.writes("I read you");
    assert_eq!(
        (centre.has_read(), caller.has_read()),
        ("he is asleep".into(), "I read you".into())
    );
}
