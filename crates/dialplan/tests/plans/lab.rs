//! A plan to measure by: what its numbers do, and what is wrong with one.

use std::time::Duration;

use dialplan::{Extension, Input, Purpose, Runner};
use model::{Language, SampleRate};

use crate::caller::{Caller, HOTLINE, plan};
use crate::facts::facts;
use crate::faults::said;

const LAB: &str = include_str!("../../../../dialplans/lab.yaml");

/// A call to a number of the lab that ships, from the INVITE on.
fn calls(number: &str) -> Caller {
    let mut caller = Caller::dialling(plan(LAB, &facts()), number);
    caller.is_answered();
    caller
}

#[test]
fn an_echo_lasts_until_its_time_is_over() {
    let mut caller = calls("echo");
    assert_eq!(caller.lived_through(), ["echo"]);
    caller.waits_seconds(7199);
    caller.presses('1');
    assert_eq!(caller.lived_through(), ["echo"]);
    caller.waits_seconds(1);
    assert_eq!(caller.lived_through(), ["echo", "echo off", "end"]);
}

#[test]
fn what_rings_is_never_answered() {
    let mut caller = calls("ring");
    caller.waits_seconds(180);
    assert_eq!(caller.lived_through(), ["ring", "end"]);
    assert_eq!(caller.times_of("end"), [180.0]);
}

#[test]
fn something_is_heard_before_the_answer() {
    let mut caller = calls("early");
    caller.waits_seconds(3);
    assert_eq!(caller.lived_through(), ["answer early", "music calm", "music off", "echo"]);
    assert_eq!(caller.times_of("echo"), [3.0]);
}

#[test]
fn a_call_is_ended_after_a_pause_or_by_its_key() {
    let mut caller = calls("hangup");
    caller.waits_seconds(10);
    assert_eq!(caller.times_of("end"), [2.0]);
    let mut caller = calls("dtmf");
    caller.waits_seconds(5);
    caller.presses('2');
    assert_eq!(caller.times_of("end"), []);
    caller.presses('1');
    assert_eq!(caller.times_of("end"), [5.0]);
}

#[test]
fn staff_who_end_a_call_end_its_echo() {
    let mut caller = calls("echo");
    caller.input(Input::Close);
    assert_eq!(caller.lived_through(), ["echo", "echo off", "end"]);
}

#[test]
fn each_number_of_a_range_is_a_room_of_its_own() {
    let plan = plan(LAB, &facts());
    assert!(matches!(plan.purpose(), Purpose::Lab { .. }));
    let room = |number: &str| plan.entry(number).and_then(|entry| entry.room);
    for (number, rate) in [("3000", SampleRate::Narrow), ("4999", SampleRate::Wide)] {
        let room = room(number).expect("a room");
        assert_eq!((room.extension, room.least_rate), (Extension::from(number), rate));
    }
    assert!(room("echo").is_none());
    assert!(plan.entry("100").is_none() && plan.entry("ivr").is_none());
}

#[test]
fn every_step_of_a_lab_survives_a_restart_of_the_engine() {
    for number in ["echo", "3000", "ring", "early", "hangup", "dtmf"] {
        let mut caller = calls(number);
        let (plan, state) = (plan(LAB, &facts()), caller.runner.state().clone());
        let restored = Runner::restore(plan, state).expect("the same plan");
        assert_eq!(restored.deadline(), caller.runner.deadline(), "{number}");
        caller.runner = restored;
        caller.waits(Duration::from_secs(86_400));
        assert_eq!(caller.lived_through().last(), Some(&"end"), "{number}");
    }
}

#[test]
fn a_hotline_answers_any_number_from_its_start() {
    let plan = plan(HOTLINE, &facts());
    let entry = plan.entry("whatever").expect("any number");
    assert_eq!((entry.start.as_str(), entry.room), ("front-door", None));
    let mut runner = Runner::new(plan, &plan_entry(), Language::ENGLISH);
    runner.handle_input(model::Instant::ZERO, Input::Begin);
    assert_eq!(runner.poll_output(), None, "nothing before the plan says that it answers");
}

fn plan_entry() -> dialplan::Entry {
    plan(HOTLINE, &facts()).entry("100").expect("any number")
}

/// A plan without a fault; each line of the table makes one in it.
const SOUND: &str = "\
plan: small
purpose: lab
languages: [en]
numbers:
  echo: echo
  3000-3999: room
  early: ring
steps:
  echo: { echo: 60s, keys: { 1: over }, then: over }
  room: { room: 60s, then: over }
  ring: { ring: 20s, then: early }
  early: { early: 3s, music: calm, then: echo }
  over: { end: [] }
";

/// What is replaced by what, and what is said then.
const FAULTS: &[(&str, &str, &str)] = &[
    ("purpose: lab", "purpose: labs", "2:10 a plan has no purpose `labs` | did you mean `lab`?"),
    (
        "numbers:\n  echo: echo\n  3000-3999: room\n  early: ring\n",
        "",
        "1:1 `numbers` is missing | say which step each number leads to: `numbers: { echo: echo }`",
    ),
    (
        "numbers:",
        "start: echo\nnumbers:",
        "4:1 a lab's plan has no `start` | say which step each number leads to: `numbers: { echo: \
         echo }`",
    ),
    ("echo: echo\n", "echo: ehco\n", "5:9 there is no step `ehco` | did you mean `echo`?"),
    (
        "3000-3999",
        "3999-3000",
        "6:3 `3999-3000` is no range of numbers | write the lowest and the highest with as many \
         digits: `3000-3999`",
    ),
    (
        "  early: ring\n",
        "  3500: ring\n",
        "7:3 `3500` leads somewhere already, with `3000-3999` | let every number lead to one step",
    ),
    (
        "room: 60s,",
        "room: 60s, least-rate: 11025,",
        "10:34 no room has the rate `11025` | write 8000, 16000 or 48000 samples a second",
    ),
    (
        "echo: 60s,",
        "echo: long,",
        "9:17 `long` is no time | write seconds or milliseconds, for example `25s`, `1.5s` or \
         `800ms`",
    ),
    (
        "room: 60s, then: over",
        "room: 60s",
        "10:3 `then` is missing | say where it leads when its time is over, for example `then: over`",
    ),
    (
        "music: calm, ",
        "",
        "12:3 `music` is missing | name what is heard before the answer, for example `music: calm`",
    ),
    (
        "ring: 20s",
        "ring: 181s",
        "11:17 `ring` lasts 181.0 s | 180 seconds at most: a proxy gives up then",
    ),
    ("echo: 60s", "echo: 86401s", "9:17 `echo` lasts 86401.0 s | a day at most: `86400s`"),
    (
        "keys: { 1: over }, then: over",
        "keys: { 1: ring }, then: over",
        "11:28 an endless loop: `early` → `echo` → `ring` → `early` | lead to an `end`: a measurement \
         must come to one",
    ),
    (
        "then: early }",
        "then: over }",
        "12:3 nothing leads to step `early` | name it in a step that callers come to, or remove it",
    ),
    (
        "room: 60s, then: over",
        "room: 60s, then: echo",
        "10:28 the call goes on after the room `room` | lead to a step with `end: []`: a room is the \
         whole call",
    ),
    (
        "keys: { 1: over }, then: over",
        "keys: { 1: over }, then: room",
        "9:47 the room `room` begins in the middle of a call | name it under `numbers`: a room is the \
         whole call",
    ),
    (
        "steps:\n",
        "steps:\n  late: { pause: 1s, then: ring }\n",
        "9:3 nothing leads to step `late` | name it in a step that callers come to, or remove it\n\
         12:17 `ring` is before the answer, but comes after one | let a number lead to it, or \
         another step before the answer\n\
         13:19 `early` is before the answer, but comes after one | let a number lead to it, or \
         another step before the answer",
    ),
    (
        "then: over }\n  room",
        "then: away }\n  away: { divert: backup, music: calm, failed: over }\n  room",
        "10:3 `away` leads to a person, and there is none in a lab | a hotline's plan is measured \
         by the number `ivr`",
    ),
];

#[test]
fn o1_every_fault_in_a_plan_to_measure_by_has_its_place_its_words_and_its_cure() {
    assert_eq!(said(SOUND), "sound");
    for (from, to, expected) in FAULTS {
        assert!(SOUND.contains(from), "{from}");
        assert_eq!(said(&SOUND.replacen(from, to, 1)), *expected, "{from} → {to}");
    }
}

#[test]
fn o1_no_caller_of_a_hotline_meets_a_step_to_measure_by() {
    for step in ["echo: 5s", "room: 5s", "ring: 5s", "early: 5s\n    music: calm", "pause: 5s"] {
        let text = HOTLINE.replace("otherwise: greeting", "otherwise: odd")
            + &format!("\n  odd:\n    {step}\n    then: greeting\n");
        let said = said(&text);
        let expected = "`odd` is a step to measure by, and callers come here | leave it out; only a \
                        plan with `purpose: lab` may have it";
        assert!(said.ends_with(expected) && said.lines().count() == 1, "{step}: {said}");
    }
    let said = said(&HOTLINE.replace("start: front-door", "numbers: { 100: front-door }"));
    assert!(said.contains("every number of a hotline's plan leads to its `start`"), "{said}");
    assert!(said.contains("`start` is missing"), "{said}");
}

#[test]
fn c8_no_call_of_a_hotline_ends_without_a_word() {
    let said = said(&HOTLINE.replace("end: goodbye", "end: []"));
    assert!(said.ends_with("`goodbye` ends the call without a word | say goodbye: `end: goodbye`"));
}
