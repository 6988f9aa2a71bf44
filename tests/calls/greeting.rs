//! What a caller hears first, and how she chooses a language or nothing at all.

use std::time::Duration;

use testkit::{Hotline, Party};

#[test]
fn c01_a_caller_who_presses_nothing_waits_for_an_advocate_within_ten_seconds() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    caller.hears("welcome");
    hotline.pass(Duration::from_secs(10));
    assert_eq!(hotline.board().waiting, 1);
    assert!(alice.has_call(), "an advocate's phone rings");
}

#[test]
fn c02_a_caller_never_waits_in_unexplained_silence() {
    let hotline = Hotline::simulated();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(120));
    bruna.is_ready();
    bruna.answers();
    hotline.pass(Duration::from_secs(5));
    bruna.vanishes();
    hotline.pass(Duration::from_secs(90));
    assert!(hotline.longest_silence() <= Duration::from_secs(2), "{:?}", hotline.longest_silence());
}

#[test]
fn c05_the_spanish_key_works_through_the_whole_greeting_and_sets_every_later_prompt() {
    for pressed_after in [0, 1000, 3000, 5000] {
        let hotline = Hotline::simulated();
        let bruna = hotline.advocate("bruna");
        bruna.is_ready();
        let caller = hotline.caller();
        caller.dials_in();
        hotline.pass(Duration::from_millis(pressed_after));
        caller.presses("2");
        caller.hears("es/please-wait");
        bruna.answers();
        caller.hears("es/connecting");
        assert!(!caller.was_told("please-wait"), "nothing in English after the choice");
    }
}

#[test]
fn c06_an_interpreter_is_asked_for_by_one_key_and_any_advocate_may_answer() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    caller.presses("3");
    caller.hears("signals/waiting");
    alice.answers();
    alice.hears("adv-language-unknown");
}

#[test]
fn c08_wrong_keys_lead_to_a_person() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    caller.presses("7");
    caller.hears("repeat-keys");
    caller.presses("##");
    caller.hears("please-wait");
    alice.answers();
    caller.hears_exactly(&[&alice]);
}

#[test]
fn o2_a_published_plan_is_for_new_calls_and_running_calls_finish_on_theirs() {
    let hotline = Hotline::simulated();
    let early = hotline.caller();
    early.dials_in();
    early.hears("welcome");
    hotline.publish(SHORT_PLAN);
    let late = hotline.caller();
    late.dials_in();
    early.hears("please-wait");
    late.hears("still-with-you");
    assert!(!late.was_told("welcome"));
}

#[test]
fn c16_a_dialled_number_may_have_a_greeting_of_its_own() {
    let hotline = Hotline::simulated();
    hotline.publish_for("15550100", SHORT_PLAN);
    let (quiet, usual) = (hotline.caller(), hotline.caller());
    quiet.dials("+15550100");
    usual.dials("15550199");
    usual.hears("welcome");
    quiet.hears("still-with-you");
    assert!(!quiet.was_told("welcome"));
}

const SHORT_PLAN: &str = "
plan: short
languages: [en, es]
start: wait
steps:
  wait:
    play: still-with-you
    queue: crisis
    waiting: { music: calm, every: { 25s: still-with-you } }
    nobody-on-shift: stay
  stay:
    play: nobody-now
    queue: crisis
    when-empty: keep
";
