//! A supervisor takes part in a colleague's call: never hidden, and nobody is disturbed by her.

use std::time::Duration;

use model::EndReason;
use queue::Standing;
use switchboard::{Act, Attendance, Notice, Outcome, SupervisorStep, Whose};
use testkit::{Advocate, Caller, Hotline, Party};

use crate::star_codes::talking;

const NEVER_HEARD: Duration = Duration::from_secs(2);

/// Caller and alice talk; chris, who supervises, has a phone and takes no calls.
pub(crate) fn supervised(attendance: Attendance) -> (Hotline, Caller, Advocate, Advocate) {
    let (hotline, caller, alice, _) = talking();
    let chris = hotline.advocate("chris");
    chris.is_away();
    assert_eq!(supervises(&chris, &alice, attendance), Outcome::Done);
    chris.answers();
    hotline.pass(Duration::from_secs(10));
    (hotline, caller, alice, chris)
}

fn supervises(chris: &Advocate, alice: &Advocate, attendance: Attendance) -> Outcome {
    let call = alice.screen().calls[0].call;
    chris.does(Act::Supervise(Whose::Call(call), attendance))
}

fn step(alice: &Advocate) -> Option<SupervisorStep> {
    alice.screen().calls[0].supervisor.map(|supervisor| supervisor.step)
}

fn left(hotline: &Hotline) -> bool {
    hotline.noticed(|notice| matches!(notice, Notice::SupervisorLeft { .. }))
}

#[test]
fn a08_c22_advocate_and_caller_are_told_before_a_supervisor_hears_them() {
    let (hotline, caller, alice, _) = talking();
    let chris = hotline.advocate("chris");
    chris.is_away();
    assert_eq!(supervises(&chris, &alice, Attendance::Listening), Outcome::Done);
    assert_eq!(step(&alice), Some(SupervisorStep::Coming), "shown while her phone rings");
    assert!(chris.sees().contains("listen"));
    chris.answers();
    chris.hears_exactly(&[]);
    alice.hears("adv-supervisor-listens");
    chris.hears_exactly(&[]);
    chris.hears("sup-listening");
    hotline.pass(NEVER_HEARD);
    assert_eq!(step(&alice), Some(SupervisorStep::Announced));
    chris.hears_exactly(&[&alice]);
    caller.hears("supervisor-joining");
    hotline.pass(NEVER_HEARD);
    assert_eq!(step(&alice), Some(SupervisorStep::There));
    chris.hears_exactly(&[&caller, &alice]);
    caller.hears_exactly(&[&alice]);
    alice.hears_exactly(&[&caller]);
}

#[test]
fn a_supervisor_listens_coaches_and_joins_and_changes_that_by_key_and_at_her_screen() {
    let (hotline, caller, alice, chris) = supervised(Attendance::Coaching);
    alice.hears_exactly(&[&caller, &chris]);
    caller.hears_exactly(&[&alice]);
    chris.hears_exactly(&[&caller, &alice]);
    chris.presses("*3");
    chris.hears("sup-joining");
    alice.hears("adv-supervisor-joins");
    caller.hears_exactly(&[&alice, &chris]);
    chris.presses("*1");
    alice.hears_exactly(&[&caller]);
    caller.hears_exactly(&[&alice]);
    assert_eq!(supervises(&chris, &alice, Attendance::Listening), Outcome::Already);
    assert_eq!(supervises(&chris, &alice, Attendance::Coaching), Outcome::Done);
    alice.hears_exactly(&[&caller, &chris]);
    chris.presses("*7");
    chris.hears("sup-code-help");
    assert!(!left(&hotline));
    chris.presses("*0");
    assert!(left(&hotline) && chris.leg().is_none());
    alice.hears("adv-supervisor-left");
    caller.hears("supervisor-left");
    caller.hears_exactly(&[&alice]);
}

#[test]
fn c22_without_words_in_her_language_the_advocate_tells_the_caller_and_opens_the_way() {
    let (hotline, caller, alice, vendor) = talking();
    alice.presses(&hotline.code_for("mam"));
    vendor.brings_interpreter();
    alice.hears("adv-open-way");
    alice.presses("*1");
    let chris = hotline.advocate("chris");
    chris.is_away();
    supervises(&chris, &alice, Attendance::Joining);
    chris.answers();
    alice.hears("adv-supervisor-open-way");
    chris.hears("sup-wait");
    caller.hears_exactly(&[&alice, &vendor, &chris]);
    hotline.pass(Duration::from_secs(60));
    chris.hears_exactly(&[&alice]);
    alice.presses("*1");
    alice.hears("adv-supervisor-hears");
    chris.hears_exactly(&[&caller, &alice, &vendor]);
    vendor.hears_exactly(&[&caller, &alice, &chris]);
}

#[test]
fn a_supervisor_dials_into_a_call_from_her_desk_phone_by_name_or_number() {
    for code in ["*4alice", "*41"] {
        let (hotline, caller, alice, _) = talking();
        let line = hotline.advocate("chris").stays_on(code);
        alice.hears("adv-supervisor-listens");
        caller.hears("supervisor-joining");
        hotline.pass(Duration::from_secs(3));
        line.hears_exactly(&[&caller, &alice]);
        line.presses("*2");
        alice.hears_exactly(&[&caller, &line]);
        line.hangs_up();
        alice.hears("adv-supervisor-left");
        caller.hears_exactly(&[&alice]);
    }
}

#[test]
fn who_does_not_supervise_hears_that_she_may_not() {
    let (hotline, caller, alice, _) = talking();
    let bruna = hotline.advocate("bruna");
    bruna.is_away();
    assert_eq!(supervises(&bruna, &alice, Attendance::Listening), Outcome::NotAllowed);
    assert_eq!(bruna.dials("*4alice"), ["adv-not-allowed"]);
    let chris = hotline.advocate("chris");
    assert_eq!(chris.dials("*4bruna"), ["adv-not-now"], "she is in no call");
    assert_eq!(chris.dials("*4nobody"), ["adv-wrong-code", "adv-idle-help"]);
    assert_eq!(supervises(&chris, &alice, Attendance::Listening), Outcome::Unavailable);
    assert_eq!(alice.does(Act::StopSupervising), Outcome::Already);
    alice.hears_exactly(&[&caller]);
    caller.hears_exactly(&[&alice]);
}

#[test]
fn whatever_becomes_of_her_phone_disturbs_nobody() {
    let endings: [&dyn Fn(&Advocate); 4] = [
        &|chris| chris.vanishes(),
        &|chris| chris.hangs_up(),
        &|chris| chris.loses_her_phone(),
        &|chris| assert_eq!(chris.does(Act::StopSupervising), Outcome::Done),
    ];
    for ending in endings {
        let (hotline, caller, alice, chris) = supervised(Attendance::Joining);
        ending(&chris);
        hotline.pass(Duration::from_secs(10));
        assert!(caller.is_connected() && alice.is_connected());
        match chris.leg() {
            Some(_) => caller.hears_exactly(&[&alice, &chris]),
            None => caller.hears_exactly(&[&alice]),
        }
        caller.hangs_up();
        hotline.pass(Duration::from_secs(1));
        hotline.is_empty();
    }
    let (hotline, caller, alice, _) = talking();
    let chris = hotline.advocate("chris");
    chris.is_away();
    for reason in [EndReason::Busy, EndReason::NoAnswer, EndReason::Unreachable] {
        assert_eq!(supervises(&chris, &alice, Attendance::Listening), Outcome::Done);
        chris.refuses(reason);
        assert_eq!(step(&alice), None);
    }
    assert_eq!(supervises(&chris, &alice, Attendance::Listening), Outcome::Done);
    hotline.pass(Duration::from_secs(31));
    assert_eq!(step(&alice), None, "nobody answered");
    caller.hears_exactly(&[&alice]);
    assert!(!caller.was_told("supervisor-left") && !alice.was_told("adv-supervisor-left"));
}

#[test]
fn she_is_offered_nothing_meanwhile_and_a_caller_like_any_other_once_she_has_left() {
    let (hotline, caller, alice, chris) = supervised(Attendance::Listening);
    assert_eq!(chris.does(Act::Ready), Outcome::Done);
    let second = hotline.caller();
    second.dials_in();
    hotline.pass(Duration::from_secs(30));
    assert!(!second.was_told("connecting"));
    alice.vanishes();
    hotline.pass(Duration::from_secs(3));
    caller.hears("advocate-lost");
    chris.hangs_up();
    assert!(left(&hotline));
    chris.answers();
    hotline.pass(Duration::from_secs(3));
    caller.hears_exactly(&[&chris]);
    assert_eq!(chris.screen().advocates[2].standing, Standing::Talking);
}

#[test]
fn a_call_has_one_supervisor_who_has_one_call() {
    let (hotline, _, alice, chris) = supervised(Attendance::Listening);
    let (second, bruna) = (hotline.caller(), hotline.advocate("bruna"));
    bruna.is_ready();
    second.dials_in();
    bruna.answers();
    let busy = Act::Supervise(Whose::Advocate(model::AdvocateId(1)), Attendance::Joining);
    assert_eq!(chris.does(busy.clone()), Outcome::Busy);
    assert_eq!(chris.dials("*4alice"), ["adv-not-now"], "her other phone is there");
    chris.hangs_up();
    assert_eq!(chris.does(busy), Outcome::Done);
    chris.answers();
    alice.hangs_up();
    hotline.pass(Duration::from_secs(20));
    assert!(chris.is_connected(), "another call's end is nothing to her");
}

#[test]
fn an_auditor_sees_every_step_of_a_supervisor() {
    let (hotline, _, _, chris) = supervised(Attendance::Listening);
    chris.presses("*3");
    chris.hangs_up();
    let pair = "caller<advocate advocate<caller";
    let states = hotline.audiences();
    let joined = "caller<advocate caller<supervisor advocate<caller advocate<supervisor \
                  supervisor<caller supervisor<advocate";
    assert_eq!(
        states,
        [
            pair.to_owned(),
            format!("{pair} supervisor<advocate"),
            format!("{pair} supervisor<caller supervisor<advocate"),
            joined.to_owned(),
            pair.to_owned(),
        ]
    );
}

#[test]
fn a_panic_in_the_call_leaves_no_supervisor_behind() {
    let (hotline, caller, _, chris) = supervised(Attendance::Joining);
    hotline.panics_in_the_call();
    assert!(chris.leg().is_none());
    chris.does(Act::Ready);
    chris.answers();
    hotline.pass(Duration::from_secs(3));
    caller.hears_exactly(&[&chris]);
}
