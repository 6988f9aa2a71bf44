//! Call flows through the queue on the virtual clock.

use crate::hotline::{Hotline, advocate, language, secs};
use model::{AdvocateId, CallId};
use queue::{Alarm, Fit, Input, Medium, Missed, Output, Overdue, Place, Standing};

const ONE: AdvocateId = AdvocateId(1);

#[test]
fn the_longest_idle_advocate_who_speaks_the_language_is_rung() {
    let mut hotline = Hotline::with_ready(&["en", "en es", "es"]);
    assert_eq!(hotline.waits(10, "es").offers(), [(2, 10)]);
    assert_eq!(hotline.waits(11, "es").offers(), [(3, 11)]);
    hotline.waits(12, "es");
    let offered = hotline.said().into_iter().find_map(|output| match output {
        Output::Offer { advocate, fit, language, waited, .. } => {
            Some((advocate, fit, language, waited))
        }
        _ => None,
    });
    assert_eq!(offered, Some((ONE, Fit::NeedsInterpreter, language("es"), secs(0))));
}

#[test]
fn a_caller_whose_language_nobody_knows_goes_to_the_longest_idle_of_all() {
    let mut hotline = Hotline::with_ready(&["es", "en"]);
    assert_eq!(hotline.waits(10, "und").offers(), [(1, 10)]);
}

#[test]
fn a_caller_who_asked_for_an_interpreter_goes_to_the_longest_idle_of_all() {
    let mut hotline = Hotline::with_ready(&["en", "es"]);
    hotline.input(Input::CallerWaits {
        entry: CallId(11),
        queue: "crisis".into(),
        language: language("es"),
        wants_interpreter: true,
        medium: Medium::Voice,
        place: Place::Back,
    });
    assert_eq!(hotline.offers(), [(1, 11)]);
}

#[test]
fn p5_a_caller_who_comes_back_at_the_head_is_before_all_who_wait_longer() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.goes_away(1).waits(10, "en").passes(60).waits_in("crisis", 11, "en", Place::Head);
    assert_eq!(hotline.queue.position(CallId(11)), Some(1));
    assert_eq!(hotline.comes(1).offers(), [(1, 11)]);
}

#[test]
fn an_advocate_becomes_the_last_in_turn_by_taking_a_call() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").answers(1, 10).passes(60).hangs_up(10).passes(200);
    assert_eq!(hotline.waits(11, "en").offers(), [(1, 10), (2, 11)]);
}

#[test]
fn a5_an_offer_ends_after_20_s_and_the_caller_keeps_her_place() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").waits(11, "en").waits(12, "en");
    assert_eq!(hotline.offers(), [(1, 10), (2, 11)]);
    hotline.answers(2, 11).passes(19).said();
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::Offered));
    assert_eq!(hotline.queue.position(CallId(10)), Some(1));
    hotline.comes(2).input(Input::CallEnded { advocate: AdvocateId(2) });
    hotline.input(Input::WrapUpDone { advocate: AdvocateId(2) });
    assert_eq!(hotline.offers(), [(2, 12)], "whoever is free takes the next one in line");
    hotline.misses(2, 12, Missed::Declined).passes(1);
    let said = hotline.said();
    assert!(said.contains(&Output::CancelOffer { advocate: ONE, entry: CallId(10) }));
    assert_eq!(hotline.queue.position(CallId(10)), Some(1));
    assert_eq!(hotline.queue.position(CallId(12)), Some(2));
}

#[test]
fn a5_who_misses_an_offer_is_set_away_and_the_next_is_rung_at_once() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").passes(20);
    let said = hotline.said();
    let at = |wanted: &Output| said.iter().position(|output| output == wanted);
    let cancelled = at(&Output::CancelOffer { advocate: ONE, entry: CallId(10) });
    let away = at(&Output::SetAway { advocate: ONE, reason: Missed::NoAnswer });
    assert!(cancelled.is_some() && cancelled < away, "{said:?}");
    assert!(matches!(said.last(), Some(Output::Offer { advocate: AdvocateId(2), .. })));
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::Away));
}

#[test]
fn a5_the_last_ready_advocate_is_rung_again_with_an_alarm() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.waits(10, "en").passes(20);
    let alarm = Alarm::LastReadyNotAnswering { queue: "crisis".into(), advocate: ONE };
    let said = hotline.said();
    assert!(said.contains(&Output::Alarm(alarm)), "{said:?}");
    assert!(!said.iter().any(|output| matches!(output, Output::SetAway { .. })));
    assert_eq!(hotline.passes(2).offers(), []);
    assert_eq!(hotline.passes(1).offers(), [(1, 10)]);
}

#[test]
fn a5_of_two_who_miss_together_one_is_rung_again() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").waits(11, "en").passes(20).said();
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::Away));
    assert_eq!(hotline.passes(3).offers(), [(2, 10)], "and she gets the first in line");
}

#[test]
fn a5_two_answers_have_one_winner() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").passes(20).said();
    hotline.answers(1, 10);
    assert_eq!(hotline.said(), [Output::CancelOffer { advocate: ONE, entry: CallId(10) }]);
    hotline.answers(2, 10).answers(2, 10);
    let connected = Output::Connected { advocate: AdvocateId(2), entry: CallId(10) };
    assert_eq!(hotline.said().iter().filter(|output| **output == connected).count(), 1);
}

#[test]
fn an_answer_in_the_instant_the_offer_ends_wins() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.waits(10, "en");
    hotline.now += secs(20);
    hotline.answers(1, 10);
    assert!(hotline.said().contains(&Output::Connected { advocate: ONE, entry: CallId(10) }));
}

#[test]
fn c11_a_hang_up_cancels_the_offer_at_once_and_costs_the_advocate_no_turn() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").passes(5).said();
    hotline.hangs_up(10);
    assert_eq!(hotline.said()[0], Output::CancelOffer { advocate: ONE, entry: CallId(10) });
    assert_eq!(hotline.waits(11, "en").offers(), [(1, 11)]);
    assert_eq!(hotline.queue.position(CallId(10)), None);
}

#[test]
fn c18_a_lost_advocates_caller_is_first_and_keeps_her_wait() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.waits(10, "en").answers(1, 10).passes(30).waits(11, "en").passes(10);
    hotline.input(Input::AdvocateLost { advocate: ONE });
    assert_eq!(hotline.queue.position(CallId(10)), Some(1));
    assert_eq!(hotline.queue.position(CallId(11)), Some(2));
    assert_eq!(hotline.queue.waited(hotline.now, CallId(10)), Some(secs(40)));
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::WrapUp));
    hotline.said();
    hotline.input(Input::WrapUpDone { advocate: ONE });
    assert_eq!(hotline.offers(), [(1, 10)]);
}

#[test]
fn c18_waiting_again_at_the_head_takes_the_caller_from_her_advocate() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").answers(1, 10).passes(30);
    hotline.waits_in("crisis", 10, "en", Place::Head);
    assert_eq!(hotline.offers(), [(1, 10), (2, 10)]);
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::WrapUp));
}

#[test]
fn c7_waiting_again_in_another_queue_keeps_the_wait() {
    let mut hotline = Hotline::new(vec![advocate(1, "en", "legal"), advocate(2, "en", "crisis")]);
    hotline.waits(10, "en").passes(30).waits_in("legal", 11, "en", Place::Back).passes(5);
    hotline.waits_in("legal", 10, "en", Place::Back);
    assert_eq!(hotline.queue.waited(hotline.now, CallId(10)), Some(secs(35)));
    assert_eq!(hotline.comes(1).offers(), [(1, 10)]);
    hotline.waits_in("crisis", 10, "en", Place::Back);
    assert!(hotline.said().contains(&Output::CancelOffer { advocate: ONE, entry: CallId(10) }));
}

#[test]
fn c23_everyone_waiting_is_told_once_when_the_last_advocate_leaves_and_when_one_comes() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.waits(10, "en").answers(1, 10).waits(11, "en").said();
    hotline.goes_away(1).input(Input::CallEnded { advocate: ONE });
    let nobody = Alarm::NobodyOnShift { queue: "crisis".into() };
    assert_eq!(
        hotline.said(),
        [
            Output::StateChanged { advocate: ONE, state: Standing::Away },
            Output::Alarm(nobody.clone()),
            Output::NobodyOnShift { entry: CallId(11) },
        ]
    );
    hotline.waits(12, "en");
    assert_eq!(hotline.said(), [Output::NobodyOnShift { entry: CallId(12) }]);
    hotline.comes(1);
    let said = hotline.said();
    assert!(said.contains(&Output::AlarmOver(nobody)));
    assert!(said.contains(&Output::SomebodyOnShift { entry: CallId(11) }));
    assert!(said.contains(&Output::SomebodyOnShift { entry: CallId(12) }));
}

#[test]
fn c23_a_fresh_install_tells_its_first_caller_and_alarms() {
    let mut hotline = Hotline::new(Vec::new());
    hotline.waits(10, "en");
    let nobody = Alarm::NobodyOnShift { queue: "crisis".into() };
    assert_eq!(
        hotline.said(),
        [Output::Alarm(nobody), Output::NobodyOnShift { entry: CallId(10) }]
    );
}

#[test]
fn c23_a_ready_advocate_without_a_phone_is_nobody() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.waits(10, "en").said();
    hotline.input(Input::Reachable { advocate: ONE, reachable: false });
    let said = hotline.said();
    assert_eq!(said[0], Output::CancelOffer { advocate: ONE, entry: CallId(10) });
    assert!(said.contains(&Output::NobodyOnShift { entry: CallId(10) }));
    hotline.input(Input::Reachable { advocate: ONE, reachable: true });
    assert_eq!(hotline.offers(), [(1, 10)]);
}

#[test]
fn wrap_up_ends_by_itself_and_offers_nothing_meanwhile() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.waits(10, "en").answers(1, 10).hangs_up(10).waits(11, "en").said();
    assert_eq!(hotline.passes(119).offers(), []);
    assert_eq!(hotline.passes(1).offers(), [(1, 11)]);
}

#[test]
fn a_position_counts_only_those_who_compete_for_the_same_advocates() {
    let mut hotline = Hotline::new(vec![
        advocate(1, "en", "crisis"),
        advocate(2, "en", "legal"),
        advocate(3, "en", "crisis legal"),
    ]);
    hotline.waits(10, "en").passes(1).waits_in("legal", 11, "en", Place::Back);
    assert_eq!(hotline.queue.position(CallId(11)), Some(1));
    hotline.comes(3);
    assert_eq!(hotline.queue.position(CallId(11)), Some(2));
}

#[test]
fn o7_a_long_wait_alarms_once() {
    let mut hotline = Hotline::new(Vec::new());
    hotline.waits(10, "en").said();
    hotline.passes(119);
    assert_eq!(hotline.said(), []);
    hotline.passes(600);
    let alarm = Alarm::LongWait { queue: "crisis".into(), entry: CallId(10) };
    assert_eq!(hotline.said(), [Output::Alarm(alarm)]);
}

#[test]
fn a_state_that_outlives_its_deadline_is_seen_and_healed_by_a_timeout() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en");
    hotline.now += secs(22);
    let overdue = hotline.queue.overdue(hotline.now, secs(1));
    assert_eq!(overdue, [Overdue::Advocate(ONE, Standing::Offered)]);
    hotline.input(Input::Timeout);
    assert_eq!(hotline.queue.overdue(hotline.now, secs(1)), []);
}

#[test]
fn the_board_counts() {
    let mut hotline = Hotline::with_ready(&["en", "en", "en"]);
    hotline.waits(10, "en").answers(1, 10).waits(11, "en").passes(7).goes_away(3);
    let board = &hotline.queue.board(hotline.now)[0];
    assert_eq!((board.waiting, board.talking, board.ready, board.on_shift), (1, 1, 1, 2));
    assert_eq!(board.longest_wait, Some(secs(7)));
    assert_eq!(hotline.queue.longest_wait(hotline.now), Some(secs(7)));
}

#[test]
fn a_language_that_becomes_known_while_waiting_chooses_the_advocate() {
    let mut hotline = Hotline::with_ready(&["en", "es"]);
    hotline.goes_away(1).goes_away(2).waits(10, "und").input(Input::LanguageChanged {
        entry: CallId(10),
        language: language("es"),
        wants_interpreter: false,
    });
    hotline.input(Input::Reachable { advocate: ONE, reachable: true }).said();
    assert_eq!(hotline.comes(2).offers(), [(2, 10)]);
}

#[test]
fn away_during_an_offer_passes_the_caller_on() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").goes_away(1);
    assert_eq!(hotline.offers(), [(1, 10), (2, 10)]);
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::Away));
}

#[test]
fn c3_two_hundred_callers_and_no_advocate_all_keep_their_place() {
    let mut hotline = Hotline::new(vec![advocate(1, "en", "crisis")]);
    for caller in 0..200 {
        hotline.waits(caller, "en").passes(1);
    }
    let told = |output: &Output| matches!(output, Output::NobodyOnShift { .. });
    assert_eq!(hotline.said().iter().filter(|output| told(output)).count(), 200);
    for caller in (0..200).step_by(2) {
        hotline.hangs_up(caller);
    }
    assert_eq!(hotline.queue.position(CallId(199)), Some(100));
    hotline.comes(1);
    assert_eq!(hotline.offers(), [(1, 1)]);
}

#[test]
fn c7_a_language_found_out_while_talking_is_kept_when_the_advocate_is_lost() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "und").answers(1, 10).input(Input::LanguageChanged {
        entry: CallId(10),
        language: language("mam"),
        wants_interpreter: true,
    });
    hotline.said();
    hotline.input(Input::AdvocateLost { advocate: ONE });
    let offered = hotline.said().into_iter().find_map(|output| match output {
        Output::Offer { language, .. } => Some(language),
        _ => None,
    });
    assert_eq!(offered, Some(language("mam")));
}

#[test]
fn o7_the_alarm_of_an_empty_shift_stays_until_somebody_comes() {
    let mut hotline = Hotline::with_ready(&["en"]);
    hotline.goes_away(1).waits(10, "en").hangs_up(10).passes(3600).input(Input::Timeout);
    let nobody = Alarm::NobodyOnShift { queue: "crisis".into() };
    let said = hotline.said();
    assert_eq!(said.iter().filter(|o| **o == Output::Alarm(nobody.clone())).count(), 1);
    assert!(!said.contains(&Output::AlarmOver(nobody.clone())));
    hotline.comes(1);
    assert!(hotline.said().contains(&Output::AlarmOver(nobody)));
}

/// Advocate 1 talks with caller 10 and hands her over to advocate 2.
fn handed_over() -> Hotline {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.waits(10, "en").answers(1, 10).passes(60).said();
    let (from, to) = (ONE, AdvocateId(2));
    assert_eq!(hotline.input(Input::HandOver { from, to }).offers(), [(2, 10)]);
    hotline
}

#[test]
fn a_caller_handed_over_stays_with_the_first_until_the_colleague_answers() {
    let mut hotline = handed_over();
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::Talking));
    hotline.answers(2, 10);
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::WrapUp));
    assert_eq!(hotline.queue.standing(AdvocateId(2)), Some(Standing::Talking));
}

#[test]
fn a_colleague_who_does_not_answer_leaves_the_caller_with_the_first() {
    let mut hotline = handed_over();
    hotline.passes(20);
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::Talking));
    assert_eq!(hotline.queue.longest_wait(hotline.now), None);
}

#[test]
fn who_keeps_the_caller_stops_the_ringing_and_the_colleague_missed_nothing() {
    let mut hotline = handed_over();
    hotline.input(Input::Keep { advocate: ONE });
    assert_eq!(hotline.queue.standing(AdvocateId(2)), Some(Standing::Ready));
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::Talking));
}

#[test]
fn p5_a_caller_whose_advocate_leaves_on_the_way_is_first_and_the_offer_stands() {
    let mut hotline = handed_over();
    hotline.waits(11, "en").input(Input::AdvocateLost { advocate: ONE });
    assert_eq!(hotline.queue.position(CallId(10)), Some(1));
    assert_eq!(hotline.offers(), []);
    hotline.answers(2, 10);
    assert_eq!(hotline.queue.position(CallId(11)), Some(1));
}

#[test]
fn nobody_is_handed_over_to_who_is_not_ready() {
    let mut hotline = Hotline::with_ready(&["en", "en", "en"]);
    hotline.waits(10, "en").answers(1, 10).waits(11, "en").answers(2, 11).goes_away(3).said();
    for to in [1, 2, 3, 9] {
        let (from, to) = (ONE, AdvocateId(to));
        assert!(!hotline.queue.may_take(to));
        assert_eq!(hotline.input(Input::HandOver { from, to }).offers(), []);
    }
}

#[test]
fn who_is_with_a_caller_already_takes_her_from_a_colleague_or_out_of_the_line() {
    let mut hotline = Hotline::with_ready(&["en", "en", "en"]);
    let (two, three) = (AdvocateId(2), AdvocateId(3));
    let take = |advocate, caller| Input::TakeOver { advocate, entry: CallId(caller) };
    hotline.waits(10, "en").answers(1, 10).goes_away(2).input(take(two, 10));
    assert_eq!(hotline.queue.standing(ONE), Some(Standing::WrapUp));
    assert_eq!(hotline.queue.standing(two), Some(Standing::Talking));
    hotline.input(Input::CallEnded { advocate: two });
    assert_eq!(hotline.queue.standing(two), Some(Standing::Away), "as she was before");
    hotline.waits(11, "en");
    assert_eq!(hotline.queue.standing(three), Some(Standing::Offered));
    hotline.input(take(two, 11));
    assert_eq!(hotline.queue.standing(three), Some(Standing::Ready), "she missed nothing");
    assert_eq!(hotline.queue.standing(two), Some(Standing::Talking));
    assert_eq!(hotline.queue.position(CallId(11)), None);
    // Who talks takes nobody, and nobody takes whom nobody knows.
    hotline.waits(12, "en").input(take(two, 12)).input(take(three, 99));
    assert_eq!(hotline.queue.position(CallId(12)), Some(1));
    assert_eq!(hotline.queue.standing(three), Some(Standing::Offered));
}
