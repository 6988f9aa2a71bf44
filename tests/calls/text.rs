//! Real-time text: on phones that have it, and at the advocate's screen (C20).

use std::time::Duration;

use model::{CallId, Party as Author};
use switchboard::{Act, Outcome, Wanted};
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
