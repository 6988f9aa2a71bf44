//! The advocate is gone, and a supervisor was there: whoever talked with the caller stays with her, and
//! whoever only listened can take her by one key.

use std::time::Duration;

use queue::Standing;
use switchboard::{Act, Attendance, CallStage, Notice, Outcome, SupervisorStep, Whose};
use testkit::{Advocate, Caller, Hotline, Party};

use crate::star_codes::{interpreted, talking};
use crate::supervisor::supervised;

/// Of alice, bruna and chris, in their order.
fn standings(chris: &Advocate) -> [Standing; 3] {
    let advocates = chris.screen().advocates;
    std::array::from_fn(|index| advocates[index].standing)
}

fn taken_over(hotline: &Hotline) -> bool {
    hotline.noticed(|notice| matches!(notice, Notice::TakenOver { .. }))
}

#[test]
fn c18_a_supervisor_who_talks_with_the_caller_stays_when_the_advocate_is_lost() {
    let (hotline, caller, alice, chris) = supervised(Attendance::Joining);
    let bruna = hotline.advocate("bruna");
    bruna.is_ready();
    alice.vanishes();
    hotline.pass(Duration::from_secs(3));
    assert!(caller.was_told("advocate-replaced") && !caller.was_told("advocate-lost"));
    chris.hears("sup-took-over");
    caller.hears_exactly(&[&chris]);
    chris.hears_exactly(&[&caller]);
    assert!(taken_over(&hotline) && !bruna.has_call(), "she is in no line");
    assert_eq!(standings(&chris), [Standing::WrapUp, Standing::Ready, Standing::Talking]);
    let call = &chris.screen().calls[0];
    assert_eq!((call.stage, call.advocate), (CallStage::Talking, Some(model::AdvocateId(2))));
    assert_eq!(call.supervisor, None);
    let last = hotline.audiences().pop();
    assert_eq!(last.as_deref(), Some("caller<advocate advocate<caller"));
    // Her keys are an advocate's now, and she is away again after the call, as she was.
    chris.presses("**");
    caller.hears("on-hold");
    chris.presses("**");
    chris.presses("*0");
    caller.hears("goodbye");
    hotline.pass(Duration::from_secs(10));
    hotline.is_empty();
    assert_eq!(standings(&chris)[2], Standing::Away);
}

#[test]
fn i03_the_interpreter_stays_with_caller_and_supervisor() {
    let (hotline, caller, alice, vendor) = interpreted();
    let chris = hotline.advocate("chris");
    chris.is_away();
    let call = alice.screen().calls[0].call;
    assert_eq!(chris.does(Act::Supervise(Whose::Call(call), Attendance::Joining)), Outcome::Done);
    chris.answers();
    hotline.pass(Duration::from_secs(10));
    // Whatever the caller was set aside for is over with the one who did it.
    alice.presses("*4");
    alice.vanishes();
    caller.hears("es/advocate-replaced");
    hotline.pass(Duration::from_secs(3));
    assert!(!caller.hears_music() && !vendor.was_told("int-advocate-lost"));
    caller.hears_exactly(&[&chris, &vendor]);
    chris.hears_exactly(&[&caller, &vendor]);
    vendor.hears_exactly(&[&caller, &chris]);
    chris.presses("*7");
    caller.hears("es/interpreter-left");
    caller.hears_exactly(&[&chris]);
}

#[test]
fn an_advocate_who_hangs_up_leaves_the_caller_to_the_supervisor_who_talks_and_ends_it_by_star_zero()
{
    let (hotline, caller, alice, chris) = supervised(Attendance::Joining);
    alice.hangs_up();
    caller.hears("advocate-replaced");
    hotline.pass(Duration::from_secs(3));
    assert!(!caller.was_told("goodbye"));
    caller.hears_exactly(&[&chris]);
    let (hotline, caller, alice, chris) = supervised(Attendance::Joining);
    alice.presses("*0");
    caller.hears("goodbye");
    hotline.pass(Duration::from_secs(10));
    assert!(!chris.is_connected() && !taken_over(&hotline));
    hotline.is_empty();
}

#[test]
fn one_who_listens_or_coaches_takes_the_caller_by_key_or_at_her_screen() {
    let ways: [fn(&Advocate); 2] =
        [|chris| chris.presses("*9"), |chris| assert_eq!(chris.does(Act::TakeOver), Outcome::Done)];
    for attendance in [Attendance::Listening, Attendance::Coaching] {
        for way in ways {
            let (hotline, caller, alice, chris) = supervised(attendance);
            assert_eq!(chris.does(Act::TakeOver), Outcome::NotNow, "alice is there");
            alice.vanishes();
            caller.hears("advocate-lost");
            chris.hears("sup-advocate-lost");
            is_asked(&hotline, &caller, &chris);
            way(&chris);
            caller.hears("connecting");
            hotline.pass(Duration::from_secs(3));
            caller.hears_exactly(&[&chris]);
            chris.hears_exactly(&[&caller]);
            assert_eq!(standings(&chris)[2], Standing::Talking);
            assert_eq!(chris.does(Act::TakeOver), Outcome::NoCall, "she has it");
            caller.hangs_up();
            hotline.pass(Duration::from_secs(1));
            hotline.is_empty();
        }
    }
}

/// The caller waits, and the supervisor hears nobody.
fn is_asked(hotline: &Hotline, caller: &Caller, chris: &Advocate) {
    hotline.pass(Duration::from_secs(5));
    caller.hears_exactly(&[]);
    chris.hears_exactly(&[]);
    assert!(caller.hears_music());
    let call = &chris.screen().calls[0];
    assert_eq!(call.stage, CallStage::Waiting);
    assert_eq!(call.supervisor.map(|one| one.step), Some(SupervisorStep::MayTakeOver));
    for key in ["*1", "*2", "*3"] {
        chris.presses(key);
        chris.hears_exactly(&[]);
        caller.hears_exactly(&[]);
    }
}

#[test]
fn i09_she_who_takes_the_caller_has_the_interpreter_who_was_held() {
    let (hotline, caller, alice, vendor) = interpreted();
    let chris = hotline.advocate("chris");
    chris.is_away();
    let call = alice.screen().calls[0].call;
    chris.does(Act::Supervise(Whose::Call(call), Attendance::Listening));
    chris.answers();
    hotline.pass(Duration::from_secs(10));
    alice.vanishes();
    vendor.hears("int-advocate-lost");
    for party in [&caller as &dyn Party, &chris, &vendor] {
        party.hears_exactly(&[]);
    }
    chris.presses("*9");
    hotline.pass(Duration::from_secs(10));
    caller.hears_exactly(&[&chris, &vendor]);
    vendor.hears_exactly(&[&caller, &chris]);
}

#[test]
fn a05_whoever_answers_first_has_the_caller_and_the_other_stops() {
    // Bruna's phone rings for the caller, and chris is asked.
    let lost = || {
        let (hotline, caller, alice, chris) = supervised(Attendance::Listening);
        let bruna = hotline.advocate("bruna");
        bruna.is_ready();
        alice.vanishes();
        bruna.is_rung();
        (hotline, caller, bruna, chris)
    };
    let (hotline, caller, bruna, chris) = lost();
    chris.presses("*9");
    hotline.pass(Duration::from_secs(3));
    assert!(!bruna.has_call());
    caller.hears_exactly(&[&chris]);
    assert_eq!(standings(&chris)[1], Standing::Ready);
    let (hotline, caller, bruna, chris) = lost();
    bruna.answers();
    hotline.pass(Duration::from_secs(3));
    assert!(!chris.is_connected() && !taken_over(&hotline));
    caller.hears_exactly(&[&bruna]);
}

#[test]
fn she_who_does_not_take_the_caller_in_time_is_offered_her_like_any_other() {
    for ending in [|_: &Advocate| {}, |chris: &Advocate| chris.presses("*0")] {
        let (hotline, caller, alice, chris) = supervised(Attendance::Coaching);
        assert_eq!(chris.does(Act::Ready), Outcome::Done);
        alice.vanishes();
        hotline.pass(Duration::from_secs(3));
        ending(&chris);
        hotline.pass(Duration::from_secs(20));
        assert!(!taken_over(&hotline) && !caller.was_told("supervisor-left"));
        chris.answers();
        hotline.pass(Duration::from_secs(3));
        caller.hears_exactly(&[&chris]);
    }
}

#[test]
fn whoever_only_rings_or_is_not_known_to_the_caller_yet_takes_over_nobody_unasked() {
    let (hotline, caller, alice, _) = talking();
    let chris = hotline.advocate("chris");
    chris.is_away();
    let call = alice.screen().calls[0].call;
    let join = Act::Supervise(Whose::Call(call), Attendance::Joining);
    chris.does(join);
    chris.is_rung();
    alice.vanishes();
    hotline.pass(Duration::from_secs(3));
    assert!(!chris.has_call() && caller.was_told("advocate-lost"), "her phone stops");

    let (hotline, caller, alice, _) = talking();
    let chris = hotline.advocate("chris");
    chris.is_away();
    let call = alice.screen().calls[0].call;
    chris.does(Act::Supervise(Whose::Call(call), Attendance::Joining));
    chris.answers();
    alice.vanishes();
    caller.hears("advocate-lost");
    chris.hears("sup-advocate-lost");
    chris.hears_exactly(&[]);
    assert!(!taken_over(&hotline));
}

#[test]
fn c11_a_caller_who_gives_up_meanwhile_leaves_nothing_behind() {
    let (hotline, caller, alice, chris) = supervised(Attendance::Listening);
    alice.vanishes();
    hotline.pass(Duration::from_secs(3));
    caller.hangs_up();
    hotline.pass(Duration::from_secs(1));
    assert!(!chris.is_connected());
    hotline.is_empty();
    assert_eq!(chris.does(Act::TakeOver), Outcome::NoCall);
}
