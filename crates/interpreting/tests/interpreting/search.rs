//! The search for an interpreter, fault by fault.

use interpreting::{Input, Languages, Output, Progress, RouteFailure, Usage, VendorRoute};
use model::EndReason;

use crate::vendor::{A, B, Call, dialled, failed, language, with_menu};

/// What is said when vendor A fails so and vendor B is tried at once.
fn moves_on(why: RouteFailure, release: Option<Output>) -> Vec<Output> {
    [failed(A, why)].into_iter().chain(release).chain(dialled(B)).collect()
}

#[test]
fn the_whole_way_from_request_to_interpreter_is_told() {
    let mut call = Call::amharic();
    assert_eq!(call.said(), dialled(A));
    call.passes(3).goes_through_the_menu().passes(5).speaks(2);
    let said = call.said();
    let progress: Vec<_> =
        said.iter().filter(|output| !matches!(output, Output::SendDigits(_))).cloned().collect();
    assert_eq!(
        progress,
        [
            Output::Progress(Progress::VendorAnswered),
            Output::Progress(Progress::Menu),
            Output::Progress(Progress::OnHold),
            Output::Progress(Progress::Interpreter),
            Output::Joined,
        ]
    );
    assert!(call.search.is_joined());
}

#[test]
fn the_script_sends_account_and_language_after_the_prompts() {
    let mut call = Call::amharic();
    call.input(Input::Answered).passes(1).input(Input::Speech { speaking: true }).passes(4);
    assert_eq!(call.keys(), "");
    call.input(Input::Speech { speaking: false }).passes(1);
    assert_eq!(call.keys(), "4711#");
    call.input(Input::DigitsSent).speaks(2);
    assert_eq!(call.keys(), "07#");
}

#[test]
fn i2_a_vendor_that_cannot_be_had_is_left_at_once() {
    for (reason, why) in [
        (EndReason::Busy, RouteFailure::Busy),
        (EndReason::NoAnswer, RouteFailure::NoAnswer),
        (EndReason::Declined, RouteFailure::NoAnswer),
        (EndReason::Failed, RouteFailure::Failed),
        (EndReason::NotFound, RouteFailure::Failed),
        (EndReason::Unreachable, RouteFailure::Failed),
    ] {
        let mut call = Call::amharic();
        call.passes(2).said();
        call.input(Input::Failed(reason));
        assert_eq!(call.said(), moves_on(why, None), "{reason:?}");
    }
}

#[test]
fn i2_a_vendor_that_rings_for_30_s_is_left() {
    let mut call = Call::amharic();
    call.passes_millis(29_999).said();
    assert_eq!(
        call.passes_millis(1).said(),
        moves_on(RouteFailure::Timeout, Some(Output::Release))
    );
}

#[test]
fn i2_a_vendor_that_answers_and_says_nothing_is_left() {
    let mut call = Call::amharic();
    call.input(Input::Answered).said();
    assert_eq!(call.passes(9).said(), []);
    assert_eq!(call.passes(1).said(), moves_on(RouteFailure::Script, Some(Output::Release)));
}

#[test]
fn i2_a_prompt_that_never_ends_is_left() {
    let mut call = Call::amharic();
    call.input(Input::Answered).input(Input::Speech { speaking: true }).said();
    assert_eq!(call.passes(19).said(), []);
    assert_eq!(call.passes(1).said(), moves_on(RouteFailure::Script, Some(Output::Release)));
}

#[test]
fn i2_digits_that_cannot_be_sent_lead_to_the_next_vendor() {
    let mut call = Call::amharic();
    call.input(Input::Answered).passes(1).speaks(4).said();
    assert_eq!(call.passes(7).said(), []);
    assert_eq!(call.passes(1).said(), moves_on(RouteFailure::Script, Some(Output::Release)));
}

#[test]
fn i2_menus_that_take_longer_than_the_script_may_are_left() {
    let slow = VendorRoute { script_limit: std::time::Duration::from_secs(15), ..with_menu(A) };
    let mut call = Call::new("am", vec![slow, VendorRoute::new(B)]);
    call.input(Input::Answered).passes(5).speaks(6).input(Input::DigitsSent).said();
    assert_eq!(call.passes(2).said(), []);
    assert_eq!(call.passes(1).said(), moves_on(RouteFailure::Script, Some(Output::Release)));
}

#[test]
fn i2_hold_music_and_silence_are_no_person_and_end_after_60_s() {
    for speaking in [true, false] {
        let mut call = Call::amharic();
        call.goes_through_the_menu().input(Input::Speech { speaking }).said();
        assert_eq!(call.passes(59).said(), []);
        let left = moves_on(RouteFailure::Hold, Some(Output::Release));
        assert_eq!(call.passes(1).said(), left, "music: {speaking}");
    }
}

#[test]
fn i2_a_person_is_heard_by_the_pauses_around_her_phrase() {
    let mut call = Call::amharic();
    call.goes_through_the_menu().passes(2).input(Input::Speech { speaking: true }).passes(20);
    call.input(Input::Speech { speaking: false }).passes_millis(300);
    call.input(Input::Speech { speaking: true }).passes(5);
    call.input(Input::Speech { speaking: false }).passes(1);
    assert!(!call.search.is_joined(), "a breath of the music is no pause");
    call.speaks(13);
    assert!(!call.search.is_joined(), "a piece of music that ends is no phrase");
    call.input(Input::Speech { speaking: true }).passes_millis(400);
    call.input(Input::Speech { speaking: false }).passes(1);
    assert!(!call.search.is_joined(), "a beep is no phrase");
    call.input(Input::Speech { speaking: true }).passes(2);
    call.input(Input::Speech { speaking: false }).passes_millis(400);
    call.input(Input::Speech { speaking: true }).passes(1);
    call.input(Input::Speech { speaking: false }).passes_millis(699);
    assert!(!call.search.is_joined(), "she may only draw breath");
    assert!(call.passes_millis(1).search.is_joined());
}

#[test]
fn i2_who_comes_in_the_last_second_of_the_hold_is_heard_out() {
    let mut call = Call::amharic();
    call.goes_through_the_menu().passes(59).speaks(2);
    assert!(call.search.is_joined());
    let mut call = Call::amharic();
    call.goes_through_the_menu().passes(59).input(Input::Speech { speaking: true }).said();
    assert_eq!(call.passes(4).said(), []);
    assert_eq!(call.passes(1).said(), moves_on(RouteFailure::Hold, Some(Output::Release)));
}

#[test]
fn i2_a_vendor_that_hangs_up_in_its_menu_or_on_hold_is_left() {
    let mut call = Call::amharic();
    call.input(Input::Answered).said();
    assert_eq!(call.input(Input::LegLost).said(), moves_on(RouteFailure::Failed, None));
    let mut call = Call::amharic();
    call.goes_through_the_menu().said();
    assert_eq!(call.input(Input::LegLost).said(), moves_on(RouteFailure::Failed, None));
}

#[test]
fn after_the_last_route_the_advocate_may_ask_again() {
    let mut call = Call::amharic();
    call.input(Input::Failed(EndReason::Busy)).said();
    call.input(Input::Failed(EndReason::Busy));
    assert_eq!(call.said(), [failed(B, RouteFailure::Busy), Output::Exhausted]);
    assert_eq!(call.passes(600).input(Input::Timeout).said(), []);
    assert_eq!(call.input(Input::Again).said(), dialled(A));
}

#[test]
fn i3_a_lost_interpreter_is_sought_again_with_her_vendor_last() {
    let mut call = Call::amharic();
    call.goes_through_the_menu().passes(2).input(Input::PersonHere).passes(300).said();
    call.input(Input::LegLost);
    let lost = Output::Progress(Progress::InterpreterLost);
    assert_eq!(call.said(), [lost].into_iter().chain(dialled(B)).collect::<Vec<_>>());
    call.input(Input::Failed(EndReason::Busy));
    let next = [failed(B, RouteFailure::Busy)].into_iter().chain(dialled(A)).collect::<Vec<_>>();
    assert_eq!(call.said(), next);
    assert_eq!(call.input(Input::Failed(EndReason::Busy)).said().last(), Some(&Output::Exhausted));
}

#[test]
fn i4_a_replaced_interpreter_is_released_and_her_vendor_comes_last() {
    for another in [Input::Replace, Input::NextRoute] {
        let mut call = Call::amharic();
        call.input(Input::Answered).input(Input::PersonHere).said();
        call.input(another);
        let next = [Output::Release].into_iter().chain(dialled(B)).collect::<Vec<_>>();
        assert_eq!(call.said(), next);
    }
}

#[test]
fn a2_the_advocate_may_skip_a_route_and_name_a_person() {
    let mut call = Call::amharic();
    call.said();
    call.input(Input::PersonHere);
    assert_eq!(call.said(), [], "nobody has answered yet");
    call.input(Input::NextRoute);
    assert_eq!(call.said(), moves_on(RouteFailure::Skipped, Some(Output::Release)));
    call.input(Input::Answered).said();
    call.input(Input::PersonHere).input(Input::PersonHere);
    assert_eq!(call.said(), [Output::Progress(Progress::Interpreter), Output::Joined]);
}

#[test]
fn cancelling_releases_the_leg_in_every_state() {
    let dialling = Call::amharic();
    let mut in_script = Call::amharic();
    in_script.input(Input::Answered);
    let mut joined = Call::amharic();
    joined.input(Input::Answered).input(Input::PersonHere);
    for mut call in [dialling, in_script, joined] {
        call.said();
        assert_eq!(call.input(Input::Cancel).said(), [Output::Release]);
        assert_eq!((call.search.deadline(), call.search.vendor()), (None, None));
        assert_eq!(call.input(Input::Cancel).input(Input::LegLost).said(), []);
    }
}

#[test]
fn i12_no_route_is_said_at_once() {
    let mut call = Call::new("mam", vec![with_menu(A)]);
    assert_eq!(call.said(), [Output::NoRoute]);
    assert_eq!(call.search.deadline(), None);
    assert_eq!(call.input(Input::Again).said(), [Output::NoRoute]);
}

#[test]
fn i11_an_unknown_language_goes_to_those_who_find_it_out() {
    let finds_out = VendorRoute { identifies_languages: true, ..VendorRoute::new(B) };
    let mut call = Call::new("und", vec![VendorRoute::new(A), finds_out]);
    assert_eq!(call.said(), dialled(B));
}

#[test]
fn a_route_that_lacks_the_code_its_script_sends_is_not_tried() {
    let without = VendorRoute { languages: Languages::All, ..with_menu(A) };
    assert!(without.serves(language("am")));
    let mut call = Call::new("so", vec![without, VendorRoute::new(B)]);
    assert_eq!(call.said(), dialled(B));
}

#[test]
fn the_order_of_the_configuration_is_the_order_of_the_routes() {
    let late = VendorRoute { order: 2, ..VendorRoute::new(A) };
    let early = VendorRoute { order: 1, ..VendorRoute::new(B) };
    let mut call = Call::new("so", vec![late, early]);
    assert_eq!(call.said(), dialled(B));
}

#[test]
fn i13_each_vendor_leg_ends_with_its_seconds_by_phase() {
    let mut call = Call::amharic();
    call.passes(3).goes_through_the_menu().passes(10).input(Input::PersonHere).passes(300);
    call.usage();
    call.input(Input::LegLost);
    let usage = Usage {
        vendor: A,
        language: language("am"),
        dialling_seconds: 3,
        script_seconds: 14,
        hold_seconds: 10,
        talk_seconds: 300,
    };
    assert_eq!(call.usage(), [usage]);
    call.passes(30);
    assert_eq!(call.usage().len(), 1, "the next leg rang for 30 s");
}
