//! What is heard before the other side answers.

use std::time::Duration;

use model::EndReason;
use testkit::{Caller, Hotline, Party, Vendor};

/// A caller whose back-up centre is dialled, with music.
fn diverted() -> (Hotline, Caller, Vendor) {
    let hotline = Hotline::with_backup();
    let (caller, centre) = (hotline.caller(), hotline.centre());
    caller.dials_in();
    centre.is_dialled();
    (hotline, caller, centre)
}

fn seconds(seconds: f32) -> Duration {
    Duration::from_secs_f32(seconds)
}

#[test]
fn c02_a_diverted_caller_hears_the_other_side_ring_instead_of_music() {
    let (hotline, caller, centre) = diverted();
    centre.is_heard_early();
    assert!(caller.hears_music(), "silent early media are no reason to stop the music");
    for _ in 0..3 {
        centre.speaks(seconds(2.0));
        caller.hears_exactly(&[&centre]);
        centre.hears_exactly(&[]);
        assert!(!caller.hears_music());
        hotline.pass(seconds(4.0));
    }
    centre.answers_as_before();
    caller.hears_exactly(&[&centre]);
    centre.hears_exactly(&[&caller]);
}

#[test]
fn c02_after_an_announcement_before_the_answer_the_music_comes_back() {
    let (hotline, caller, centre) = diverted();
    centre.is_heard_early();
    centre.speaks(seconds(6.0));
    assert!(!caller.hears_music());
    hotline.pass(seconds(2.0));
    assert!(caller.hears_music());
    caller.hears_exactly(&[]);
    centre.speaks(seconds(1.0));
    caller.hears_exactly(&[&centre]);
    centre.refuses(EndReason::Busy);
    assert!(caller.hears_music());
    caller.hears("nobody-now");
}

#[test]
fn c11_a_caller_who_hangs_up_while_she_hears_early_media_leaves_nothing_behind() {
    let (hotline, caller, centre) = diverted();
    centre.is_heard_early();
    centre.speaks(seconds(1.0));
    caller.hangs_up();
    hotline.pass(seconds(1.0));
    hotline.is_empty();
}

#[test]
fn an_advocate_who_comes_takes_the_caller_from_early_media() {
    let (_hotline, caller, centre) = {
        let scene = diverted();
        scene.2.is_heard_early();
        scene.2.speaks(seconds(1.0));
        scene
    };
    let alice = _hotline.advocate("alice");
    alice.is_ready();
    alice.answers();
    assert!(centre.leg().is_none());
    caller.hears_exactly(&[&alice]);
    assert!(!caller.hears_music());
}

#[test]
fn a_200_without_a_description_keeps_what_the_early_dialog_said() {
    let (_hotline, caller, centre) = diverted();
    centre.is_heard_early();
    centre.answers_as_before();
    caller.hears_exactly(&[&centre]);
}

#[test]
fn a_200_without_any_description_is_no_session() {
    let (hotline, caller, centre) = diverted();
    centre.answers_as_before();
    assert!(centre.leg().is_none());
    caller.hears("nobody-now");
    assert!(hotline.board().calls == 1 && caller.is_connected());
}

#[test]
fn i10_a_vendors_early_media_reach_the_advocate_and_never_the_caller() {
    let (_hotline, caller, alice, vendor) = crate::star_codes::talking();
    alice.presses(&_hotline.code_for("vi"));
    vendor.is_heard_early();
    vendor.speaks(seconds(2.0));
    caller.hears_exactly(&[&alice]);
    alice.hears_exactly(&[&caller, &vendor]);
    vendor.hears_exactly(&[]);
}

#[test]
fn ringing_before_the_answer_is_not_taken_for_a_vendors_menu() {
    let (hotline, _caller, alice, vendor) = crate::star_codes::talking();
    alice.presses(&hotline.code_for("vi"));
    vendor.is_heard_early();
    vendor.speaks(seconds(2.0));
    hotline.pass(seconds(4.0));
    assert_eq!(vendor.was_sent(), "");
    vendor.answers_as_before();
    vendor.speaks(seconds(3.0));
    hotline.pass(seconds(2.0));
    assert_eq!(vendor.was_sent(), "4711#");
}

#[test]
fn a_menu_that_speaks_before_the_answer_is_worked_and_its_person_joins_with_the_answer() {
    let hotline = Hotline::with_early_menus();
    let (caller, alice) = (hotline.caller(), hotline.advocate("alice"));
    let vendor = hotline.vendor("vendor-a");
    alice.is_ready();
    caller.dials_in();
    alice.answers();
    alice.presses(&hotline.code_for("vi"));
    vendor.is_heard_early();
    vendor.speaks(seconds(3.0));
    hotline.pass(seconds(4.0));
    assert_eq!(vendor.was_sent(), "4711#");
    vendor.speaks(seconds(2.0));
    hotline.pass(seconds(1.0));
    caller.hears_exactly(&[&alice]);
    vendor.answers_as_before();
    caller.hears_exactly(&[&alice, &vendor]);
}
