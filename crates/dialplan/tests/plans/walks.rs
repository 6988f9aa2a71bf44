//! Callers who press anything at any time: nobody is dropped, left in silence or kept from people.

use std::time::Duration;

use dialplan::{Input, Runner, RunnerState, load};
use model::{Digit, Language};
use proptest::prelude::*;

use crate::caller::{Backup, Caller, HOTLINE, Staff, plan, runner};
use crate::facts::facts;

/// One thing that can happen to a caller.
#[derive(Clone, Copy, Debug)]
enum Event {
    Key(u8),
    Passing(u64),
    NobodyOnShift,
    PersonThere,
    PersonLost,
    PlayEnded,
    Timeout,
    Restart,
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0_u8..16).prop_map(Event::Key),
        4 => (0_u64..40_000).prop_map(Event::Passing),
        1 => Just(Event::NobodyOnShift),
        1 => Just(Event::PersonThere),
        1 => Just(Event::PersonLost),
        1 => Just(Event::PlayEnded),
        1 => Just(Event::Timeout),
        1 => Just(Event::Restart),
    ];
    proptest::collection::vec(event, 0..40)
}

fn happens(caller: &mut Caller, event: Event) {
    match event {
        Event::Key(key) => {
            caller.input(Input::Digit(Digit::from_event(key).expect("below 16")));
        }
        Event::Passing(millis) => caller.waits(Duration::from_millis(millis)),
        Event::NobodyOnShift => caller.input(Input::NobodyOnShift),
        Event::PersonThere => caller.input(Input::Suspend),
        Event::PersonLost => caller.input(Input::Resume),
        Event::PlayEnded => caller.input(Input::PlayEnded),
        Event::Timeout => caller.input(Input::Timeout),
        Event::Restart => restart(caller),
    }
}

/// The engine crashes and goes on from what the keeper holds.
fn restart(caller: &mut Caller) {
    let held = serde_saphyr::to_string(caller.runner.state()).expect("it is serialisable");
    let state: RunnerState = serde_saphyr::from_str(&held).expect("what was written is read");
    assert_eq!(&state, caller.runner.state());
    let plan = caller.runner.plan().clone().into();
    caller.runner = Runner::restore(plan, state).expect("the same plan");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn c08_whatever_is_pressed_and_happens_the_caller_comes_to_the_queue_and_never_ends(
        events in events(),
        nobody in any::<bool>(),
        answered in proptest::option::of(0_u64..40),
    ) {
        let mut caller = Caller::of_the_hotline();
        caller.staff = if nobody { Staff::Nobody } else { Staff::OnShift };
        caller.backup = answered.map_or(Backup::NeverAnswers, Backup::AnswersAfter);
        caller.is_answered();
        for event in events {
            happens(&mut caller, event);
        }
        caller.input(Input::Resume);
        caller.waits_seconds(60);
        prop_assert!(caller.is_queued());
        prop_assert!(!caller.lived_through().contains(&"end"));
        prop_assert!(caller.longest_silence() <= Duration::from_secs(2));
    }

    #[test]
    fn a_runner_never_asks_for_time_without_end(events in events()) {
        let mut caller = Caller::of_the_hotline();
        caller.is_answered();
        for event in events {
            happens(&mut caller, event);
            caller.forgets_the_past();
            caller.waits_seconds(100);
            prop_assert!(caller.lived_through().len() < 20);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = load("plan.yaml", &text, &facts()).map_err(|problems| problems.to_string());
    }

    #[test]
    fn no_slip_in_a_plan_makes_the_reader_panic(
        at in 0..HOTLINE.len(),
        gone in 0_usize..30,
        put in "[ -~\n\t]{0,8}",
    ) {
        let head: String = HOTLINE.chars().take(at).collect();
        let tail: String = HOTLINE.chars().skip(at + gone).collect();
        let text = format!("{head}{put}{tail}");
        if let Err(problems) = load("plan.yaml", &text, &facts()) {
            prop_assert!(problems.count() > 0);
            let _ = (problems.to_string(), problems.picture(dialplan::Look::Plain));
        }
    }
}

#[test]
fn a_state_of_another_plan_is_not_gone_on_with() {
    let state = runner(plan(HOTLINE, &facts()), "100", Language::ENGLISH).state().clone();
    let other = plan(&format!("{HOTLINE}\n# changed"), &facts());
    assert!(Runner::restore(other, state).is_none());
}
