//! What an advocate does at her screen takes the same road as her star codes, and doing it twice
//! does it once.

use std::time::Duration;

use model::Language;
use queue::Standing;
use switchboard::{Act, Aside, CallStage, InterpreterStep, Outcome, Wanted};
use testkit::{Advocate, Caller, Deed, Hotline, Party, Vendor};

use crate::star_codes::talking;

fn tag(language: &str) -> Act {
    Act::Interpreter(Wanted::Tag(language.parse().expect("a tag")))
}

fn interpreted() -> (Hotline, Caller, Advocate, Vendor) {
    let (hotline, caller, alice, vendor) = talking();
    assert_eq!(alice.does(tag("es")), Outcome::Done);
    vendor.brings_interpreter();
    hotline.pass(Duration::from_secs(10));
    (hotline, caller, alice, vendor)
}

fn standing(alice: &Advocate) -> Standing {
    alice.screen().advocates[0].standing
}

#[test]
fn ready_and_away_are_what_the_dialled_codes_do() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    assert_eq!(alice.does(Act::Away), Outcome::Done);
    assert_eq!(standing(&alice), Standing::Away);
    let caller = hotline.caller();
    caller.dials_in();
    hotline.pass(Duration::from_secs(30));
    assert!(!alice.has_call());
    assert_eq!(alice.does(Act::Ready), Outcome::Done);
    alice.is_rung();
    assert_eq!(alice.does(Act::Ready), Outcome::Done);
    alice.answers();
    caller.hangs_up();
    hotline.pass(Duration::from_secs(1));
    assert_eq!(standing(&alice), Standing::WrapUp);
    assert_eq!(alice.does(Act::WrapUpDone), Outcome::Done);
    assert_eq!(standing(&alice), Standing::Ready);
}

#[test]
fn without_a_call_the_acts_of_a_call_change_nothing() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    alice.is_ready();
    for act in [Act::Hold, Act::Private, Act::TakeBack, tag("es"), Act::OpenWay, Act::NextRoute] {
        assert_eq!(alice.does(act.clone()), Outcome::NoCall, "{act:?}");
    }
    for act in [Act::Cancel, Act::Replace, Act::Person] {
        assert_eq!(alice.does(act.clone()), Outcome::NoCall, "{act:?}");
    }
    assert_eq!(alice.does(Act::End), Outcome::Already);
    hotline.is_empty();
}

#[test]
fn hold_and_back_are_done_once_however_often_they_are_asked() {
    let (hotline, caller, alice, _) = talking();
    assert_eq!(alice.does(Act::TakeBack), Outcome::Already);
    assert_eq!(alice.does(Act::Hold), Outcome::Done);
    caller.hears("on-hold");
    hotline.pass(Duration::from_secs(5));
    assert_eq!(alice.does(Act::Hold), Outcome::Already);
    assert_eq!(alice.screen().calls[0].aside, Aside::Hold);
    caller.hears_exactly(&[]);
    assert!(caller.hears_music());
    alice.presses("**");
    caller.hears_exactly(&[&alice]);
    assert_eq!(alice.does(Act::TakeBack), Outcome::Already);
}

#[test]
fn an_interpreter_asked_for_twice_is_one_search() {
    let (hotline, _, alice, vendor) = talking();
    assert_eq!(alice.does(tag("es")), Outcome::Done);
    assert_eq!(alice.screen().calls[0].interpreter.expect("asked").step, InterpreterStep::Asked);
    vendor.is_dialled();
    let (leg, since) = (vendor.leg(), alice.screen().calls[0].interpreter.expect("sought").since);
    assert_eq!(alice.does(tag("es")), Outcome::Done);
    hotline.pass(Duration::from_secs(2));
    assert_eq!(vendor.leg(), leg);
    let sought = alice.screen().calls[0].interpreter.expect("sought");
    assert_eq!((sought.step, sought.since), (InterpreterStep::Dialling, since));
    assert_eq!(alice.does(Act::Interpreter(Wanted::Number(0))), Outcome::UnknownLanguage);
    assert_eq!(alice.does(Act::Person), Outcome::NotNow, "nobody has answered");
    assert_eq!(alice.does(Act::Cancel), Outcome::Done);
    assert_eq!(alice.does(Act::Cancel), Outcome::Already);
    assert!(alice.screen().calls[0].interpreter.is_none());
}

#[test]
fn a04_private_talk_needs_an_interpreter_and_ends_once() {
    let (_hotline, caller, alice, vendor) = interpreted();
    assert_eq!(alice.screen().calls[0].interpreter.expect("there").step, InterpreterStep::Joined);
    assert_eq!(alice.does(Act::OpenWay), Outcome::Already);
    assert_eq!(alice.does(Act::Person), Outcome::Already);
    assert_eq!(alice.does(Act::Private), Outcome::Done);
    caller.hears_exactly(&[]);
    vendor.hears_exactly(&[&alice]);
    assert_eq!(alice.does(Act::Hold), Outcome::Done);
    assert_eq!(alice.does(Act::TakeBack), Outcome::Done);
    caller.hears_exactly(&[&alice, &vendor]);
    assert_eq!(alice.does(Act::Cancel), Outcome::Done);
    assert_eq!(alice.does(Act::Private), Outcome::NotNow);
}

#[test]
fn the_end_is_a_goodbye_and_then_nothing_is_left() {
    let (hotline, _, alice, _) = interpreted();
    assert_eq!(alice.does(Act::End), Outcome::Done);
    assert_eq!(alice.screen().calls[0].stage, CallStage::Closing);
    assert_eq!(alice.does(Act::End), Outcome::Already);
    hotline.pass(Duration::from_secs(30));
    hotline.is_empty();
}

#[test]
fn o09_a_snapshot_shows_stages_and_waits_and_no_caller() {
    let hotline = Hotline::simulated();
    let alice = hotline.advocate("alice");
    let caller = hotline.caller();
    caller.dials("5550142");
    hotline.pass(Duration::from_secs(60));
    let seen = alice.screen();
    assert_eq!(seen.calls[0].stage, CallStage::Waiting);
    assert_eq!(seen.calls[0].language, Language::ENGLISH);
    assert_eq!(seen.queues[0].waiting, 1);
    assert_eq!(seen.queues[0].longest_since, Some(seen.calls[0].since));
    assert!(seen.at.since(seen.calls[0].since) > Duration::from_secs(30));
    assert!(!format!("{seen:?}").contains("5550142"));
}

#[test]
fn the_board_shows_who_talks_at_once_and_whose_sound_does_not_arrive() {
    let (hotline, caller, alice, _) = talking();
    let call = || alice.screen().calls[0].clone();
    assert!(call().is_one_way() && !call().has_overlap(), "no packet has come");
    let legs = [&caller as &dyn Party, &alice].map(|party| party.leg().expect("in the call"));
    hotline.does(legs[0], Deed::Speaks(true));
    assert!(call().is_one_way(), "nothing of the advocate");
    hotline.does(legs[1], Deed::Speaks(true));
    assert!(!call().is_one_way() && call().has_overlap());
    hotline.does(legs[0], Deed::Speaks(false));
    assert!(!call().is_one_way() && !call().has_overlap());
}
