//! Callers who have nothing but text, and the advocates who can read them.

use std::collections::BTreeMap;

use model::{AdvocateId, CallId};
use proptest::prelude::*;
use queue::{Input, Medium, Output, Place, Standing};

use crate::hotline::{Hotline, advocate, secs};

/// Three who are ready, of whom the second can read.
fn one_reader() -> Hotline {
    let mut hotline = Hotline::with_ready(&["en", "en", "en"]);
    hotline.reads(2);
    hotline
}

/// The same, while the reader has wrap-up after another call.
fn reader_in_wrap_up() -> Hotline {
    let mut hotline = one_reader();
    hotline.goes_away(1).goes_away(3).waits(90, "en").answers(2, 90).comes(1).comes(3);
    hotline.input(Input::CallEnded { advocate: AdvocateId(2) });
    assert_eq!(hotline.queue.standing(AdvocateId(2)), Some(Standing::WrapUp));
    hotline.said();
    hotline
}

#[test]
fn a_caller_who_writes_is_offered_to_who_can_read_before_all_others() {
    assert_eq!(one_reader().writes(7, "en").offers(), [(2, 7)]);
    let mut speaks_less = Hotline::with_ready(&["es", "en"]);
    assert_eq!(speaks_less.reads(2).writes(7, "es").offers(), [(2, 7)], "words before language");
    assert_eq!(one_reader().waits(7, "en").offers(), [(1, 7)], "sound is as ever");
}

#[test]
fn of_several_who_can_read_the_best_in_her_language_and_longest_idle_is_rung() {
    let mut hotline = Hotline::with_ready(&["en", "en", "es", "es"]);
    hotline.reads(2).reads(3).reads(4);
    assert_eq!(hotline.writes(7, "es").writes(8, "en").offers(), [(3, 7), (2, 8)]);
}

#[test]
fn where_nobody_on_shift_can_read_anybody_is_rung_at_once() {
    let mut hotline = Hotline::with_ready(&["en"]);
    assert_eq!(hotline.writes(7, "en").offers(), [(1, 7)]);
    let mut away = one_reader();
    assert_eq!(away.goes_away(2).writes(7, "en").offers(), [(1, 7)]);
    let mut talks = one_reader();
    talks.goes_away(1).goes_away(3).waits(90, "en").answers(2, 90).comes(1).said();
    assert_eq!(talks.writes(7, "en").offers(), [(1, 7)], "nobody knows for how long");
}

#[test]
fn she_is_kept_half_a_minute_for_a_reader_who_could_be_soon_and_blocks_nobody() {
    let mut hotline = reader_in_wrap_up();
    assert_eq!(hotline.writes(7, "en").offers(), []);
    assert_eq!(hotline.waits(8, "en").offers(), [(1, 8)], "who is behind her goes first");
    assert_eq!(hotline.answers(1, 8).passes(29).offers(), []);
    assert_eq!(hotline.passes(1).offers(), [(3, 7)]);
    let mut comes = reader_in_wrap_up();
    comes.writes(7, "en").passes(10).input(Input::WrapUpDone { advocate: AdvocateId(2) });
    assert_eq!(comes.offers(), [(2, 7)]);
}

#[test]
fn a_reader_who_goes_meanwhile_is_not_waited_for() {
    let mut hotline = reader_in_wrap_up();
    assert_eq!(hotline.writes(7, "en").passes(5).goes_away(2).offers(), [(1, 7)]);
    let mut closed = reader_in_wrap_up();
    assert_eq!(closed.writes(7, "en").passes(5).reads_no_more(2).offers(), [(1, 7)]);
}

#[test]
fn she_is_kept_once_whatever_the_plan_does_and_anew_when_her_advocate_was_lost() {
    let mut hotline = reader_in_wrap_up();
    hotline.writes(7, "en").passes(20);
    hotline.joins("crisis", 7, ("en", Medium::Text), Place::Back).passes(9);
    assert_eq!(hotline.offers(), []);
    assert_eq!(hotline.passes(1).offers(), [(1, 7)]);
    hotline.answers(1, 7).input(Input::AdvocateLost { advocate: AdvocateId(1) });
    assert_eq!(hotline.passes(29).offers(), [], "one is free who cannot read");
    assert_eq!(hotline.passes(1).offers(), [(3, 7)]);
}

#[test]
fn a_wait_in_which_nobody_was_free_does_not_count() {
    let mut hotline = reader_in_wrap_up();
    hotline.goes_away(1).goes_away(3).writes(7, "en").passes(60).comes(1);
    assert_eq!(hotline.passes(29).offers(), []);
    assert_eq!(hotline.passes(1).offers(), [(1, 7)]);
}

#[test]
fn who_opens_a_screen_while_she_waits_is_rung_at_once() {
    let mut hotline = reader_in_wrap_up();
    assert_eq!(hotline.writes(7, "en").passes(3).reads(3).offers(), [(3, 7)]);
}

#[test]
fn a_reader_who_is_free_is_rung_instead_of_one_who_cannot_read() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    assert_eq!(hotline.writes(7, "en").waits(8, "en").offers(), [(1, 7), (2, 8)]);
    hotline.waits(9, "en").reads(2);
    assert_eq!(hotline.offers(), [], "she is rung for another");
    hotline.hangs_up(8);
    assert_eq!(hotline.offers(), [(2, 7), (1, 9)], "and the other is free for who is next in line");
}

#[test]
fn an_offer_to_her_who_can_read_by_now_stands() {
    let mut hotline = Hotline::with_ready(&["en", "en"]);
    hotline.writes(7, "en").reads(1).reads(2);
    assert_eq!(hotline.offers(), [(1, 7)]);
}

#[test]
fn a_caller_who_has_sound_again_is_kept_for_nobody() {
    let mut hotline = reader_in_wrap_up();
    hotline.writes(7, "en");
    hotline.input(Input::MediumChanged { entry: CallId(7), medium: Medium::Voice });
    assert_eq!(hotline.offers(), [(1, 7)]);
    let mut loses = reader_in_wrap_up();
    loses.goes_away(1).goes_away(3).waits(7, "en");
    loses.input(Input::MediumChanged { entry: CallId(7), medium: Medium::Text }).comes(1);
    assert_eq!(loses.offers(), []);
}

#[test]
fn the_board_counts_who_waits_by_text_and_who_can_read() {
    let mut hotline = one_reader();
    hotline.reads(3).goes_away(3).writes(7, "en").writes(8, "en").waits(9, "en").writes(10, "en");
    let crisis = &hotline.queue.board(hotline.now)[0];
    assert_eq!((crisis.waiting, crisis.by_text), (4, 3));
    assert_eq!((crisis.on_shift, crisis.readers), (2, 1), "who is away counts for nobody");
}

/// What two queues are told alike.
fn told() -> impl Strategy<Value = (u32, u64, u32)> {
    (0..6_u32, 0..5_u64, 1..4_u32)
}

fn tell(hotline: &mut Hotline, (what, caller, who): (u32, u64, u32), medium: Medium) {
    let advocate = AdvocateId(who);
    match what {
        0 | 1 => hotline.joins("crisis", caller, ("en", medium), Place::Back),
        2 => hotline.comes(who),
        3 => hotline.answers(who, caller),
        4 => hotline.input(Input::CallEnded { advocate }),
        _ => hotline.passes(7),
    };
}

fn three() -> Hotline {
    Hotline::new((1..4).map(|id| advocate(id, "en", "crisis")).collect())
}

proptest! {
    #[test]
    fn callers_with_sound_are_offered_as_if_nobody_could_read(
        acts in prop::collection::vec((told(), any::<bool>()), 1..60)
    ) {
        let (mut plain, mut reading) = (three(), three());
        for (act, reads) in acts {
            tell(&mut plain, act, Medium::Voice);
            tell(&mut reading, act, Medium::Voice);
            reading.input(Input::Reads { advocate: AdvocateId(act.2), reads });
        }
        prop_assert_eq!(plain.said(), reading.said());
    }

    #[test]
    fn nobody_who_writes_waits_longer_than_the_limit_beside_a_free_advocate(
        acts in prop::collection::vec((told(), 0..4_u32), 1..80)
    ) {
        let (mut hotline, mut rung) = (three(), BTreeMap::new());
        let mut beside_free = [0_u64; 5];
        for (act, more) in acts {
            tell(&mut hotline, act, if more < 2 { Medium::Text } else { Medium::Voice });
            hotline.input(Input::Reads { advocate: AdvocateId(act.2), reads: more % 2 == 0 });
            for _ in 0..4 {
                hotline.passes(1);
                note(&mut rung, hotline.said());
                let is_free = (1..4).any(|id| hotline.queue.may_take(AdvocateId(id)));
                for (seconds, caller) in beside_free.iter_mut().zip(0..) {
                    let waits = hotline.queue.position(CallId(caller)).is_some();
                    let is_overlooked = waits && is_free && !rung.values().any(|&c| c == caller);
                    *seconds = if is_overlooked { *seconds + 1 } else { 0 };
                    // The last who is ready rests 3 s before she is rung again.
                    prop_assert!(*seconds <= 34, "{} s", seconds);
                }
            }
        }
        // Nobody starves: those who are left are all taken, readers or not.
        for id in (1..4).cycle().take(3 * 5) {
            hotline.input(Input::CallEnded { advocate: AdvocateId(id) }).comes(id).passes(30);
            note(&mut rung, hotline.said());
            for (who, caller) in rung.clone() {
                hotline.answers(who, caller);
            }
        }
        prop_assert_eq!(hotline.queue.longest_wait(hotline.now), None);
    }
}

/// Who is rung for whom.
fn note(rung: &mut BTreeMap<u32, u64>, said: Vec<Output>) {
    for output in said {
        match output {
            Output::Offer { advocate, entry, .. } => _ = rung.insert(advocate.0, entry.0),
            Output::CancelOffer { advocate, .. } | Output::Connected { advocate, .. } => {
                rung.remove(&advocate.0);
            }
            _ => {}
        }
    }
}

#[test]
fn a_state_that_outlives_the_keeping_is_seen_and_healed_by_a_timeout() {
    let mut hotline = reader_in_wrap_up();
    hotline.writes(7, "en");
    hotline.now += secs(31);
    assert_eq!(hotline.queue.overdue(hotline.now, secs(0)).len(), 1);
    hotline.input(Input::Timeout);
    assert_eq!(hotline.queue.overdue(hotline.now, secs(0)), []);
    assert_eq!(hotline.offers(), [(1, 7)]);
}
