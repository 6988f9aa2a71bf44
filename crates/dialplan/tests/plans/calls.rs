//! What callers live through in the plan that ships with Northline.

use std::time::Duration;

use dialplan::{Input, Runner, StepName};
use model::{Digit, Language};

use crate::caller::{Backup, Caller, HOTLINE, Staff, plan, runner};
use crate::facts::facts;

const GREETING: &str = "play en/welcome es/espanol-oprima-dos en/interpreter-press-three";
const WAIT: &str = "play en/please-wait en/not-recorded";
const ESPERA: &str = "play es/please-wait es/not-recorded";
const STILL: &str = "play en/still-with-you en/position-3";

/// A caller of the hotline in the queue, her past forgotten.
fn waiting() -> Caller {
    let mut caller = Caller::of_the_hotline();
    caller.is_answered();
    caller.waits_seconds(10);
    caller.forgets_the_past();
    caller
}

#[test]
fn c01_a_caller_who_presses_nothing_is_queued_within_ten_seconds() {
    let mut caller = Caller::of_the_hotline();
    caller.is_answered();
    caller.waits_seconds(10);
    assert_eq!(caller.lived_through(), [GREETING, "queue crisis", "music calm", WAIT]);
    assert!(caller.times_of("queue")[0] <= 10.0);
}

#[test]
fn c01_a_caller_whose_prompts_never_report_their_end_is_queued_all_the_same() {
    let mut runner = runner(plan(HOTLINE, &facts()), "100", Language::ENGLISH);
    let mut now = model::Instant::ZERO;
    runner.handle_input(now, Input::Arrive);
    runner.handle_input(now, Input::Begin);
    let mut queued = false;
    while let Some(deadline) = runner.deadline().filter(|_| !queued) {
        now = now.max(deadline);
        runner.handle_input(now, Input::Timeout);
        queued = std::iter::from_fn(|| runner.poll_output())
            .any(|output| matches!(output, dialplan::Output::Queue { .. }));
    }
    assert!(queued && now.since(model::Instant::ZERO) < Duration::from_secs(12));
}

#[test]
fn a_key_has_a_meaning_where_its_step_says_so_and_nowhere_else() {
    let mut runner = runner(plan(HOTLINE, &facts()), "100", Language::ENGLISH);
    let now = model::Instant::ZERO;
    let key = |key| Digit::from_char(key).expect("a key");
    let step = |runner: &Runner, digit| runner.takes(key(digit)).map(StepName::to_string);
    assert_eq!(step(&runner, '2'), None, "nobody has answered");
    runner.handle_input(now, Input::Arrive);
    runner.handle_input(now, Input::Begin);
    assert_eq!(step(&runner, '2').as_deref(), Some("greeting"));
    assert_eq!(step(&runner, '7'), None);
    runner.handle_input(now, Input::Digit(key('2')));
    assert_eq!(step(&runner, '2').as_deref(), Some("wait"));
    runner.handle_input(now, Input::Suspend);
    assert_eq!(step(&runner, '2'), None, "a person is there");
}

#[test]
fn c02_the_first_word_comes_with_the_answer_and_silence_stays_under_two_seconds() {
    let mut caller = Caller::of_the_hotline();
    caller.is_answered();
    assert_eq!(caller.times_of("play"), [0.0]);
    caller.waits_seconds(300);
    assert!(caller.longest_silence() <= Duration::from_secs(2));
}

#[test]
fn c04_a_key_cuts_the_greeting_short_at_once() {
    let mut caller = Caller::of_the_hotline();
    caller.is_answered();
    caller.waits(Duration::from_millis(200));
    caller.presses('2');
    let expected = [GREETING, "stop", "language es", "queue crisis", "music calm", ESPERA];
    assert_eq!(caller.lived_through(), expected);
    assert_eq!(caller.times_of("queue"), [0.2]);
}

#[test]
fn c05_the_spanish_key_works_through_the_whole_greeting_and_sets_all_later_prompts() {
    for tenths in [0, 10, 30, 50, 65, 70, 74] {
        let mut caller = Caller::of_the_hotline();
        caller.is_answered();
        caller.waits(Duration::from_millis(100 * tenths));
        caller.presses('2');
        assert_eq!(caller.runner.language(), Language::SPANISH, "after {tenths} tenths");
        caller.forgets_the_past();
        caller.waits_seconds(60);
        let messages = ["play es/still-with-you es/position-3"; 2];
        assert_eq!(caller.lived_through(), messages, "after {tenths} tenths");
    }
}

#[test]
fn c05_a_number_of_its_own_greets_in_spanish() {
    let mut caller = Caller::of_the_hotline();
    caller.runner = runner(plan(HOTLINE, &facts()), "100", Language::SPANISH);
    caller.is_answered();
    let greeting = "play es/welcome es/espanol-oprima-dos es/interpreter-press-three";
    assert_eq!(caller.lived_through(), [greeting]);
}

#[test]
fn c06_the_interpreter_key_needs_no_english_and_every_message_begins_with_the_wordless_signal() {
    let mut caller = Caller::of_the_hotline();
    caller.is_answered();
    caller.presses('3');
    caller.waits_seconds(30);
    let expected = [
        GREETING,
        "stop",
        "wants an interpreter",
        "queue crisis",
        "music calm",
        "play (waiting) en/please-wait en/not-recorded",
        "play (waiting) en/still-with-you en/position-3",
    ];
    assert_eq!(caller.lived_through(), expected);
}

#[test]
fn c07_language_survives_an_advocate_who_was_lost_and_is_not_asked_twice() {
    let mut caller = waiting();
    caller.presses('2');
    caller.waits_seconds(3);
    caller.forgets_the_past();
    caller.input(Input::Suspend);
    caller.waits_seconds(600);
    assert_eq!(caller.lived_through(), ["stop", "music off"]);
    caller.input(Input::Resume);
    caller.waits_seconds(26);
    let again = ["queue crisis", "music calm", "play es/still-with-you es/position-3"];
    assert_eq!(caller.lived_through()[2..], again);
}

#[test]
fn c18_a_caller_whose_advocate_was_lost_comes_back_to_her_own_queue() {
    let text = HOTLINE
        .replace("play: diverting\n", "play: diverting\n    music: calm\n")
        .replace("    then: wait  ", "      4: law\n    then: wait  ");
    let mut caller = Caller::of(plan(&(text + LAW), &facts()));
    caller.is_answered();
    caller.presses('4');
    caller.presses('9');
    caller.input(Input::Suspend);
    caller.forgets_the_past();
    caller.input(Input::Resume);
    assert_eq!(caller.lived_through(), ["queue legal", "music rain"]);
}

/// A second queue, with something to hear in it.
const LAW: &str = "
  law:
    queue: legal
    waiting: { music: rain, every: { 20s: still-with-you }, keys: { 9: aside } }
    nobody-on-shift: stay
  aside:
    play: nobody-now
    then: law
";

#[test]
fn a_caller_moved_to_another_queue_comes_back_to_that_one_and_to_none_the_plan_does_not_have() {
    let text = HOTLINE
        .replace("play: diverting\n", "play: diverting\n    music: calm\n")
        .replace("    then: wait  ", "      4: law\n    then: wait  ");
    let mut caller = Caller::of(plan(&(text + LAW), &facts()));
    caller.is_answered();
    caller.waits_seconds(30);
    caller.input(Input::Suspend);
    caller.forgets_the_past();
    assert!(caller.runner.move_to(&"legal".into()));
    assert!(!caller.runner.move_to(&"nowhere".into()));
    caller.input(Input::Resume);
    assert_eq!(caller.lived_through(), ["queue legal", "music rain"]);
}

#[test]
fn c23_who_comes_back_after_staying_is_told_again_if_nobody_is_left() {
    let mut caller = waiting();
    caller.staff = Staff::Nobody;
    caller.input(Input::NobodyOnShift);
    caller.waits_seconds(40);
    caller.input(Input::Suspend);
    caller.forgets_the_past();
    caller.input(Input::Resume);
    assert_eq!(caller.lived_through()[..2], ["queue crisis", "music calm"]);
    assert_eq!(caller.times_of("divert").len(), 1);
}

#[test]
fn c19_a_walk_begun_anew_after_a_crash_goes_straight_to_the_queue() {
    let mut caller = Caller::of_the_hotline();
    caller.input(Input::Resume);
    assert_eq!(caller.lived_through(), ["queue crisis", "music calm"]);
    caller.waits_seconds(26);
    assert_eq!(caller.times_of(STILL), [25.0]);
}

#[test]
fn c08_a_wrong_key_is_answered_once_and_the_second_leads_to_a_person() {
    let mut caller = Caller::of_the_hotline();
    caller.is_answered();
    caller.presses('7');
    caller.waits_seconds(1);
    caller.presses('#');
    let expected = [GREETING, "play en/repeat-keys", "stop", "queue crisis", "music calm", WAIT];
    assert_eq!(caller.lived_through(), expected);
}

#[test]
fn c08_after_one_wrong_key_silence_leads_to_a_person_and_the_right_key_still_counts() {
    let mut silent = Caller::of_the_hotline();
    silent.is_answered();
    silent.presses('7');
    silent.waits_seconds(5);
    assert!(silent.is_queued());
    let mut late = Caller::of_the_hotline();
    late.is_answered();
    late.presses('7');
    late.presses('2');
    assert!(late.is_queued() && late.runner.language() == Language::SPANISH);
}

#[test]
fn c08_keys_without_meaning_do_nothing_to_a_waiting_caller() {
    let mut caller = waiting();
    for key in "1456789*0#".chars() {
        caller.presses(key);
    }
    assert!(caller.lived_through().is_empty());
}

#[test]
fn c17_a_waiting_caller_is_spoken_to_every_twenty_five_seconds_with_her_true_place() {
    let mut caller = Caller::of_the_hotline();
    caller.is_answered();
    caller.waits_seconds(600);
    let said = caller.times_of("play");
    assert!(said.windows(2).all(|pair| pair[1] - pair[0] <= 30.0), "{said:?}");
    let messages = caller.times_of(STILL);
    assert!(messages.len() >= 23);
    assert!(messages.windows(2).all(|pair| (pair[1] - pair[0] - 25.0).abs() < 1e-6));
}

#[test]
fn c23_with_nobody_on_shift_and_no_back_up_the_caller_is_told_at_once_and_stays() {
    let mut facts = facts();
    facts.diversions.insert("backup".into(), dialplan::Line::Unset);
    let mut caller = Caller::of(plan(HOTLINE, &facts));
    caller.staff = Staff::Nobody;
    caller.is_answered();
    caller.waits_seconds(60);
    let nobody = "play en/nobody-now";
    let lived = caller.lived_through();
    let start = lived.iter().position(|what| *what == "queue crisis").expect("she is queued");
    let expected = ["queue crisis", "music calm", WAIT, "queue crisis", nobody, STILL];
    assert_eq!(lived[start..start + 6], expected);
    assert!(caller.times_of(nobody)[0] <= 10.0);
}

#[test]
fn c23_callers_who_already_wait_are_told_too_when_the_last_advocate_leaves() {
    let mut caller = waiting();
    caller.waits_seconds(100);
    caller.forgets_the_past();
    caller.staff = Staff::Nobody;
    caller.input(Input::NobodyOnShift);
    caller.waits_seconds(26);
    let expected = ["play en/diverting", "divert backup", "queue crisis", "play en/nobody-now"];
    assert_eq!(caller.lived_through(), expected);
    caller.forgets_the_past();
    caller.input(Input::NobodyOnShift);
    assert!(caller.lived_through().is_empty(), "told once");
}

#[test]
fn c03_a_back_up_that_answers_takes_over_and_one_that_is_lost_gives_her_back_to_the_queue() {
    let mut caller = waiting();
    caller.backup = Backup::AnswersAfter(6);
    caller.input(Input::NobodyOnShift);
    caller.waits_seconds(300);
    let expected = ["play en/diverting", "divert backup", "stop", "music off"];
    assert_eq!(caller.lived_through(), expected);
    caller.forgets_the_past();
    caller.loses_her_person();
    assert_eq!(caller.lived_through(), ["queue crisis", "music calm"]);
}

#[test]
fn o06_the_emergency_switch_diverts_new_callers_and_its_failure_leads_to_the_greeting() {
    let mut plan = plan(HOTLINE, &facts()).as_ref().clone();
    plan.switch("emergency", "yes").expect("the plan has this switch");
    let mut caller = Caller::of(plan.into());
    caller.is_answered();
    caller.waits_seconds(26);
    let expected = ["music calm", "play en/diverting", "divert backup", GREETING];
    assert_eq!(caller.lived_through(), expected);
    caller.waits_seconds(10);
    assert!(caller.is_queued());
}

#[test]
fn a07_the_closing_line_is_said_without_music_under_it() {
    let mut caller = waiting();
    caller.input(Input::Close);
    assert_eq!(caller.lived_through(), ["music off", "play en/goodbye"]);
}

#[test]
fn c07_a_language_that_staff_found_out_is_the_plans_from_then_on() {
    for (tag, closing) in [("es", "play es/goodbye"), ("vi", "play en/goodbye")] {
        let mut caller = waiting();
        caller.input(Input::Suspend);
        caller.forgets_the_past();
        caller.input(Input::Speaks(tag.parse().expect("a tag")));
        caller.input(Input::Close);
        assert_eq!(caller.lived_through(), [closing]);
    }
}

#[test]
fn a07_staff_end_a_call_with_the_closing_line() {
    let mut caller = waiting();
    caller.input(Input::Suspend);
    caller.forgets_the_past();
    caller.input(Input::Close);
    caller.input(Input::Close);
    assert_eq!(caller.lived_through(), ["play en/goodbye"]);
    caller.waits_seconds(10);
    assert_eq!(caller.lived_through(), ["play en/goodbye", "end"]);
    caller.presses('2');
    assert_eq!(caller.runner.deadline(), None);
}
