//! A caller who has nothing but text has no keys: one that she types alone on a line is pressed.

use std::time::Duration;

use model::Language;
use switchboard::CallStage;
use testkit::{Advocate, Caller, Hotline, Party, Writer};

/// A caller who only writes, two seconds into the greeting, and somebody with a screen.
fn greeted() -> (Hotline, Caller, Advocate) {
    let hotline = Hotline::simulated();
    hotline.callers_only_write();
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(2));
    let alice = hotline.advocate("alice");
    (hotline, caller, alice)
}

fn types(hotline: &Hotline, caller: &Caller, text: &str, apart: Duration) {
    for character in text.chars() {
        caller.writes(&character.to_string());
        hotline.pass(apart);
    }
}

fn language(alice: &Advocate) -> Language {
    alice.screen().calls[0].language
}

#[test]
fn c05_a_key_typed_alone_on_a_line_chooses_spanish_at_once() {
    let (hotline, caller, alice) = greeted();
    caller.writes("2\r\n");
    assert_eq!(language(&alice), Language::SPANISH);
    hotline.pass(Duration::from_secs(1));
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
    assert!(caller.has_heard().iter().any(|heard| heard.contains("es/please-wait")));
}

#[test]
fn c05_a_key_typed_alone_is_pressed_when_nothing_follows() {
    let (hotline, caller, alice) = greeted();
    caller.writes("2");
    hotline.pass(Duration::from_millis(1_800));
    assert_eq!(language(&alice), Language::ENGLISH);
    hotline.pass(Duration::from_millis(300));
    assert_eq!(language(&alice), Language::SPANISH);
}

#[test]
fn c20_ordinary_writing_presses_no_key() {
    for apart in [50, 500, 3_000] {
        let (hotline, caller, alice) = greeted();
        types(&hotline, &caller, "I have 2 kids", Duration::from_millis(apart));
        hotline.pass(Duration::from_secs(30));
        assert_eq!(language(&alice), Language::ENGLISH, "{apart} ms");
        assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
        assert!(!caller.was_told("repeat-keys"));
    }
}

#[test]
fn c08_a_character_that_the_step_has_no_meaning_for_is_text() {
    let (hotline, caller, alice) = greeted();
    caller.writes("7\n7\n*\n");
    hotline.pass(Duration::from_secs(20));
    assert!(!caller.was_told("repeat-keys"));
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
    assert_eq!(language(&alice), Language::ENGLISH);
}

#[test]
fn the_plan_waits_while_it_is_open_whether_a_key_stands_alone() {
    let (hotline, caller, alice) = greeted();
    caller.hears("interpreter-press-three");
    // The last of it takes two seconds, and the step listens one more.
    hotline.pass(Duration::from_millis(2_500));
    caller.writes("3");
    hotline.pass(Duration::from_millis(1_500));
    assert_eq!(alice.screen().calls[0].stage, CallStage::Plan, "it would have gone on by now");
    hotline.pass(Duration::from_millis(700));
    assert_eq!(language(&alice), Language::UNKNOWN, "she asked for an interpreter");
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
}

#[test]
fn the_plan_waits_where_its_step_does_not_listen_after_the_last_word() {
    let hotline = Hotline::simulated();
    hotline.callers_only_write();
    hotline.publish(NO_PAUSE);
    let caller = hotline.caller();
    caller.dials_in();
    // The greeting takes two seconds.
    hotline.pass(Duration::from_secs(1));
    caller.writes("2");
    hotline.pass(Duration::from_millis(1_500));
    let alice = hotline.advocate("alice");
    assert_eq!(alice.screen().calls[0].stage, CallStage::Plan);
    hotline.pass(Duration::from_secs(1));
    assert_eq!(language(&alice), Language::SPANISH);
}

const NO_PAUSE: &str = "
plan: small
languages: [en, es]
start: greeting
steps:
  greeting:
    play: es/espanol-oprima-dos
    keys: { 2: { language: es, go: wait } }
    wait: 0s
    then: wait
  wait:
    queue: crisis
    waiting: { music: calm, every: { 25s: still-with-you } }
    nobody-on-shift: stay
  stay: { play: nobody-now, queue: crisis, when-empty: keep }
";

#[test]
fn c01_words_do_not_keep_a_caller_from_the_queue() {
    let (hotline, caller, alice) = greeted();
    caller.hears("interpreter-press-three");
    hotline.pass(Duration::from_millis(1_500));
    caller.writes("3");
    hotline.pass(Duration::from_millis(1_000));
    caller.writes("0 minutes ago");
    hotline.pass(Duration::from_secs(3));
    assert_eq!(alice.screen().calls[0].stage, CallStage::Waiting);
    assert_eq!(language(&alice), Language::ENGLISH);
    assert!(hotline.longest_silence() <= Duration::from_secs(2));
}

#[test]
fn a_caller_who_waits_types_a_key_and_one_who_talks_types_a_number() {
    let (hotline, caller, alice) = greeted();
    hotline.pass(Duration::from_secs(20));
    caller.writes("3\n");
    assert_eq!(language(&alice), Language::UNKNOWN);
    // One that is open when a person comes is not pressed when that person is lost.
    alice.is_ready();
    alice.is_rung();
    caller.writes("2");
    alice.answers();
    hotline.pass(Duration::from_secs(5));
    caller.writes("\n2\n");
    alice.vanishes();
    hotline.pass(Duration::from_secs(10));
    assert_eq!(language(&alice), Language::UNKNOWN);
}

#[test]
fn a_key_that_was_meant_for_one_step_is_not_pressed_in_the_next() {
    let hotline = Hotline::simulated();
    hotline.publish(TWO_MEANINGS);
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let other = hotline.caller();
    other.dials_in();
    alice.answers();
    hotline.callers_only_write();
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(5));
    other.hangs_up();
    caller.writes("2");
    alice.loses_her_phone();
    hotline.pass(Duration::from_secs(5));
    assert!(caller.was_told("nobody-now"), "she is in the next step");
    assert_eq!(language(&alice), Language::ENGLISH);
    caller.writes("\n2\n");
    assert_eq!(language(&alice), Language::UNKNOWN);
}

const TWO_MEANINGS: &str = "
plan: small
languages: [en, es]
start: wait
steps:
  wait:
    play: please-wait
    queue: crisis
    waiting:
      music: calm
      every: { 25s: still-with-you }
      keys: { 2: { language: es, go: wait } }
    nobody-on-shift: stay
  stay:
    play: nobody-now
    queue: crisis
    waiting:
      music: calm
      every: { 25s: still-with-you }
      keys: { 2: { interpreter: yes, go: wait } }
    when-empty: keep
";

#[test]
fn keys_of_callers_with_sound_are_pressed_and_not_written() {
    let hotline = Hotline::simulated();
    hotline.phones_have_text();
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(2));
    caller.writes("2\n");
    hotline.pass(Duration::from_secs(10));
    let alice = hotline.advocate("alice");
    assert_eq!(language(&alice), Language::ENGLISH);
    caller.presses("2");
    assert_eq!(language(&alice), Language::SPANISH);
}

#[test]
fn whose_phone_sends_keys_writes_whatever_she_writes() {
    let (hotline, caller, alice) = greeted();
    caller.presses("7");
    caller.writes("2\n");
    hotline.pass(Duration::from_secs(15));
    assert_eq!(language(&alice), Language::ENGLISH);
}
