//! Access scripts as the configuration writes them, and what they do at their edges.

use interpreting::{
    Languages, Limit, ScriptFailure, ScriptInput, ScriptOutput, ScriptRun, Step, VendorRoute,
};
use model::Instant;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer};

use crate::vendor::{A, digits, language, secs};

fn written(name: &str, value: &str) -> Result<Step, Error> {
    let map = MapDeserializer::new([(name.to_owned(), value.to_owned())].into_iter());
    Step::deserialize(MapAccessDeserializer::new(map))
}

#[test]
fn steps_are_read_as_they_are_written() {
    assert_eq!(written("wait", "2s"), Ok(Step::Wait(Limit(secs(2)))));
    assert_eq!(written("hear-speech", "10s"), Ok(Step::HearSpeech(Limit(secs(10)))));
    assert_eq!(written("hear-silence", "20s"), Ok(Step::HearSilence(Limit(secs(20)))));
    assert_eq!(written("send", "{language}#"), Ok(Step::Send(digits("{language}#"))));
    assert_eq!(written("person", "60s"), Ok(Step::Person(Limit(secs(60)))));
    assert!(written("person", "soon").is_err());
    assert!(written("shout", "2s").is_err());
}

#[test]
fn a_routes_languages_are_all_or_a_list() {
    let all = Languages::deserialize(IntoDeserializer::<Error>::into_deserializer("all"));
    assert_eq!(all, Ok(Languages::All));
    let list = vec!["am", "ti"];
    let only = Languages::deserialize(IntoDeserializer::<Error>::into_deserializer(list));
    assert_eq!(only, Ok(Languages::Only(vec![language("am"), language("ti")])));
}

fn run(script: Vec<Step>) -> ScriptRun {
    let route = VendorRoute { script, ..VendorRoute::new(A) };
    ScriptRun::new(Instant::ZERO, &route, language("am")).expect("no code is needed")
}

fn said(run: &mut ScriptRun) -> Vec<ScriptOutput> {
    std::iter::from_fn(|| run.poll_output()).collect()
}

#[test]
fn an_empty_script_ends_in_a_person_at_the_answer() {
    let mut run = run(Vec::new());
    assert_eq!(said(&mut run), [ScriptOutput::PersonHeard]);
    assert_eq!(run.deadline(), None);
}

#[test]
fn waits_follow_one_another_to_the_millisecond() {
    let mut run = run(vec![Step::Wait(Limit(secs(2))), Step::Send(digits("1"))]);
    assert_eq!(said(&mut run), [ScriptOutput::Menu]);
    let at = run.deadline().expect("a wait");
    assert_eq!(at, Instant::ZERO + secs(2));
    run.handle_input(at, ScriptInput::Timeout);
    assert!(matches!(said(&mut run)[..], [ScriptOutput::SendDigits(_)]));
    run.handle_input(at, ScriptInput::DigitsSent);
    assert_eq!(said(&mut run), [ScriptOutput::PersonHeard]);
}

#[test]
fn a_prompt_that_already_speaks_is_heard() {
    let mut run = run(vec![Step::Wait(Limit(secs(2))), Step::HearSpeech(Limit(secs(1)))]);
    run.handle_input(Instant::ZERO + secs(1), ScriptInput::Speech { speaking: true });
    run.handle_input(Instant::ZERO + secs(2), ScriptInput::Timeout);
    assert_eq!(said(&mut run).last(), Some(&ScriptOutput::PersonHeard));
}

#[test]
fn late_timeouts_and_inputs_after_the_end_change_nothing() {
    let mut run = run(vec![Step::HearSpeech(Limit(secs(1)))]);
    run.handle_input(Instant::ZERO + secs(9), ScriptInput::Timeout);
    let failed = ScriptOutput::Failed(ScriptFailure::NoPrompt);
    assert_eq!(said(&mut run).last(), Some(&failed));
    run.handle_input(Instant::ZERO + secs(10), ScriptInput::Speech { speaking: true });
    assert_eq!(said(&mut run), []);
}
