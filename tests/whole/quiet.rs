//! Callers who send nothing, and callers who are gone: only the second ends a call.

use std::time::Duration;

use switchboard::Board;
use testkit::wire::{Climate, hear_exactly};

use crate::scenes::{Scene, ready, talking};

#[test]
fn c14_ten_minutes_without_a_packet_do_not_end_a_call_and_digits_still_count() {
    let Scene { hotline, caller, .. } = ready(1, Climate::FAIR);
    caller.dials_in();
    caller.sends_nothing();
    hotline.pass(Duration::from_secs(600));
    assert!(caller.is_connected());
    caller.presses_by_info("2");
    caller.hears_within("es/please-wait", Duration::from_secs(2));
}

#[test]
fn c14_a_caller_who_falls_silent_in_a_conversation_stays_in_it() {
    let Scene { hotline, caller, alice, .. } = talking();
    caller.sends_nothing();
    hotline.pass(Duration::from_secs(600));
    assert!(caller.is_connected() && alice.is_connected());
    caller.speaks();
    hear_exactly(&[(&caller, &[&alice]), (&alice, &[&caller])]);
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn a_caller_whose_phone_is_dead_is_gone_within_a_minute_in_any_state() {
    for talks in [true, false] {
        let Scene { hotline, caller, alice, .. } = ready(1, Climate::FAIR);
        caller.dials_in();
        hotline.pass(Duration::from_secs(8));
        if talks {
            alice.answers();
        }
        caller.dies();
        hotline.pass(Duration::from_secs(60));
        assert_eq!(hotline.board(), Board::default());
        assert!(!alice.has_call());
        hotline.is_empty();
    }
}
