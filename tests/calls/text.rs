//! Real-time text: on phones that have it, and at the advocate's screen (C20).

use std::time::Duration;

use model::{CallId, Direction, Party as Author};
use switchboard::{Act, Aside, Attendance, CallStage, Outcome, Sound, Wanted, Whose};
use testkit::{Advocate, Caller, Hotline, Party, Vendor, Writer};

/// A caller with or without text, whose advocate has answered.
fn talking(has_text: bool) -> (Hotline, Caller, Advocate) {
    let hotline = Hotline::simulated();
    if has_text {
        hotline.phones_have_text();
    }
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    alice.is_rung();
    assert_eq!(alice.is_offered_text(), has_text, "only where the caller has it");
    alice.answers();
    hotline.pass(Duration::from_secs(1));
    (hotline, caller, alice)
}

fn interpreted() -> (Hotline, Caller, Advocate, Vendor) {
    let (hotline, caller, alice) = talking(true);
    let vendor = hotline.vendor("vendor-a");
    let spanish = "es".parse().expect("a tag");
    assert_eq!(alice.does(Act::Interpreter(Wanted::Tag(spanish))), Outcome::Done);
    vendor.is_dialled();
    (hotline, caller, alice, vendor)
}

fn call_of(alice: &Advocate) -> CallId {
    alice.screen().calls[0].call
}

fn write(alice: &Advocate, call: CallId, text: &str) -> Outcome {
    alice.does(Act::Write { call, text: text.to_owned().into() })
}

fn read(author: Author, text: &str) -> (Author, String) {
    (author, text.to_owned())
}

#[test]
fn c20_text_reaches_the_advocates_phone_and_screen_and_hers_the_caller() {
    let (_hotline, caller, alice) = talking(true);
    caller.writes("I cannot speak");
    assert_eq!(alice.has_read(), "I cannot speak");
    assert_eq!(alice.has_read_at_screen(), [read(Author::Caller, "I cannot speak")]);
    alice.writes("I am here");
    assert_eq!(write(&alice, call_of(&alice), ", always"), Outcome::Done);
    assert_eq!(caller.has_read(), "I am here, always");
    assert_eq!(alice.has_read_at_screen().len(), 1, "what she wrote herself is not read to her");
    assert!(alice.screen().calls[0].lines.iter().all(|line| line.text));
}

#[test]
fn where_nobody_could_read_it_or_the_call_is_another_nothing_is_written() {
    let (_hotline, caller, alice) = talking(false);
    let call = call_of(&alice);
    assert_eq!(write(&alice, call, "hello"), Outcome::NotNow, "her phone has no text");
    assert_eq!(caller.has_read(), "");

    let (hotline, caller, alice) = talking(true);
    let call = call_of(&alice);
    assert_eq!(write(&alice, CallId(call.0 ^ 1), "hello"), Outcome::NoCall);
    assert_eq!(caller.has_read(), "");
    caller.hangs_up();
    hotline.pass(Duration::from_secs(1));
    assert_eq!(write(&alice, call, "hello"), Outcome::NoCall);
    hotline.is_empty();
}

#[test]
fn a4_on_hold_and_in_private_talk_the_caller_neither_reads_nor_is_read() {
    let (hotline, caller, alice) = talking(true);
    assert_eq!(alice.does(Act::Hold), Outcome::Done);
    caller.writes("hello?");
    alice.writes("aside");
    assert_eq!(write(&alice, call_of(&alice), "aside"), Outcome::NotNow);
    assert_eq!((caller.has_read().as_str(), alice.has_read().as_str()), ("", ""));
    assert_eq!(alice.has_read_at_screen(), []);
    assert_eq!(alice.does(Act::TakeBack), Outcome::Done);
    hotline.pass(Duration::from_secs(1));
    caller.writes("there?");
    assert_eq!(alice.has_read_at_screen(), [read(Author::Caller, "there?")], "nothing is repeated");
}

#[test]
fn i10_a_vendors_line_is_read_by_the_advocate_alone_until_its_interpreter_joins() {
    let (hotline, caller, alice, vendor) = interpreted();
    assert!(!vendor.is_offered_text(), "a vendor is not bothered with text");
    vendor.brings_interpreter();
    hotline.pass(Duration::from_secs(20));
    vendor.writes("Hola");
    assert_eq!(caller.has_read(), "Hola");
    assert_eq!(alice.has_read_at_screen(), [read(Author::Interpreter, "Hola")]);
    assert_eq!(alice.does(Act::Private), Outcome::Done);
    hotline.pass(Duration::from_secs(1));
    vendor.writes("aside");
    assert_eq!(caller.has_read(), "Hola");
    assert_eq!(alice.has_read(), "Holaaside");
}

#[test]
fn c20_whoever_waits_is_read_by_nobody_and_nothing_is_kept_for_later() {
    let hotline = Hotline::simulated();
    hotline.phones_have_text();
    let alice = hotline.advocate("alice");
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(10));
    caller.writes("is anybody there");
    alice.is_ready();
    alice.is_rung();
    alice.answers();
    hotline.pass(Duration::from_secs(5));
    assert_eq!((alice.has_read().as_str(), alice.has_read_at_screen().len()), ("", 0));
    let shown = format!("{:?}", alice.screen());
    assert!(!shown.contains("anybody"), "no board shows text");
}

/// A caller and her advocate who talk, both by phones that can have text, and neither has any yet.
fn able_to_write() -> (Hotline, Caller, Advocate) {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    let caller = hotline.caller();
    caller.dials_in();
    hotline.phones_have_text();
    alice.is_ready();
    alice.is_rung();
    assert!(!alice.is_offered_text(), "her caller has none");
    alice.answers();
    hotline.pass(Duration::from_secs(1));
    (hotline, caller, alice)
}

/// Whoever refuses text, or an offer of it, talks on as before.
fn talks_on(caller: &Caller, alice: &Advocate) {
    caller.hears_exactly(&[alice]);
    alice.hears_exactly(&[caller]);
}

#[test]
fn c20_text_that_a_caller_adds_reaches_her_advocates_phone() {
    let (hotline, caller, alice) = able_to_write();
    caller.adds_text();
    hotline.pass(Duration::from_secs(1));
    assert!(alice.is_offered_text() && alice.has_text());
    talks_on(&caller, &alice);
    caller.writes("somebody came in");
    alice.writes("I read you");
    assert_eq!(alice.has_read(), "somebody came in");
    assert_eq!(alice.has_read_at_screen(), [read(Author::Caller, "somebody came in")]);
    assert_eq!(caller.has_read(), "I read you");
    assert!(alice.screen().calls[0].lines.iter().all(|line| line.text));
    caller.hangs_up();
    hotline.pass(Duration::from_secs(1));
    hotline.is_empty();
}

#[test]
fn text_that_a_caller_gives_up_goes_from_the_phone_it_was_offered_to() {
    let (hotline, caller, alice) = talking(true);
    for _ in 0..3 {
        caller.drops_text();
        hotline.pass(Duration::from_secs(1));
        assert!(!alice.is_offered_text() && !alice.has_text());
        talks_on(&caller, &alice);
        caller.adds_text();
        hotline.pass(Duration::from_secs(1));
        assert!(alice.has_text());
    }
    talks_on(&caller, &alice);
}

#[test]
fn text_added_while_the_advocates_phone_rings_is_offered_when_she_has_answered() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    let caller = hotline.caller();
    caller.dials_in();
    hotline.phones_have_text();
    alice.is_ready();
    alice.is_rung();
    caller.adds_text();
    assert!(!alice.is_offered_text(), "her phone rings with what it was offered");
    alice.answers();
    hotline.pass(Duration::from_secs(1));
    assert!(alice.has_text());
    talks_on(&caller, &alice);
}

#[test]
fn a_phone_that_refuses_text_keeps_its_sound_and_is_not_asked_again() {
    // With port 0.
    let (hotline, caller, alice) = talking(false);
    caller.adds_text();
    hotline.pass(Duration::from_secs(1));
    assert!(alice.is_offered_text() && !alice.has_text());
    talks_on(&caller, &alice);
    // With 488.
    let (hotline, caller, alice) = able_to_write();
    alice.will_reanswer(None);
    caller.adds_text();
    hotline.pass(Duration::from_secs(1));
    assert!(alice.is_offered_text() && !alice.has_text());
    talks_on(&caller, &alice);
    caller.writes("still here");
    assert_eq!(alice.has_read_at_screen(), [read(Author::Caller, "still here")]);
    alice.will_reanswer(Some(Direction::Both));
    alice.uses_hold_button(Direction::SendOnly);
    assert_eq!(alice.does(Act::TakeBack), Outcome::Done);
    hotline.pass(Duration::from_secs(1));
    assert!(!alice.is_offered_text(), "an offer with text would be refused, the call with it");
    talks_on(&caller, &alice);
}

#[test]
fn an_offer_of_text_that_crosses_one_of_the_phones_is_made_again() {
    let (hotline, caller, alice) = able_to_write();
    alice.will_reanswer(None);
    caller.adds_text();
    alice.will_reanswer(Some(Direction::Both));
    alice.uses_hold_button(Direction::SendOnly);
    hotline.pass(Duration::from_secs(1));
    assert!(!alice.has_text(), "a phone on hold is left alone");
    alice.uses_hold_button(Direction::Both);
    hotline.pass(Duration::from_secs(1));
    assert!(alice.has_text());
    talks_on(&caller, &alice);
}

#[test]
fn a_supervisor_who_takes_the_caller_over_is_offered_her_text() {
    let (hotline, caller, alice) = talking(true);
    let chris = hotline.advocate("chris");
    chris.is_away();
    let whose = Whose::Call(call_of(&alice));
    assert_eq!(chris.does(Act::Supervise(whose, Attendance::Joining)), Outcome::Done);
    chris.answers();
    hotline.pass(Duration::from_secs(10));
    assert!(!chris.is_offered_text(), "she is a guest");
    alice.vanishes();
    hotline.pass(Duration::from_secs(5));
    assert!(chris.has_text());
    caller.writes("who is there?");
    assert_eq!(chris.has_read(), "who is there?");
}

#[test]
fn c01_c20_a_caller_who_only_writes_waits_is_told_and_writes_with_her_advocate() {
    let hotline = Hotline::simulated();
    hotline.callers_only_write();
    let alice = hotline.advocate("alice");
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(10));
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
    caller.hears("please-wait");
    alice.is_ready();
    alice.is_rung();
    assert!(alice.sees().ends_with(", by text"), "{}", alice.sees());
    assert!(alice.is_offered_text());
    alice.answers();
    hotline.pass(Duration::from_secs(2));
    caller.writes("I cannot speak");
    assert_eq!(write(&alice, call_of(&alice), "I read you"), Outcome::Done);
    assert_eq!(alice.has_read(), "I cannot speak");
    assert_eq!(alice.has_read_at_screen(), [read(Author::Caller, "I cannot speak")]);
    assert_eq!(caller.has_read(), "I read you");
    let call = &alice.screen().calls[0];
    let line = call.lines.iter().find(|line| line.party == Author::Caller).expect("hers");
    assert_eq!((line.sound, line.text), (Sound::None, true));
    assert_eq!(call.aside, Aside::None, "a phone without sound is not one on hold");
    hotline.pass(Duration::from_secs(600));
    assert!(alice.has_call());
    caller.hangs_up();
    hotline.pass(Duration::from_secs(1));
    hotline.is_empty();
}
