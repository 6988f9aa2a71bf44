//! Offers within a call: the peer's hold, our wish that it ends, and what a refusal leaves.

use model::Direction;
use switchboard::{Act, Aside, Outcome};
use testkit::{Advocate, Party};

use crate::star_codes::talking;

fn aside(alice: &Advocate) -> Aside {
    alice.screen().calls[0].aside
}

#[test]
fn a_caller_taken_back_at_the_screen_waits_until_the_phone_has_left_hold() {
    let (_hotline, caller, alice, _) = talking();
    alice.uses_hold_button(Direction::SendOnly);
    assert!(caller.hears_music());
    assert_eq!(alice.does(Act::TakeBack), Outcome::Done);
    assert_eq!(aside(&alice), Aside::None);
    caller.hears_exactly(&[&alice]);
    caller.hears("off-hold");
    assert!(!caller.hears_music());
}

#[test]
fn c02_a_phone_that_stays_on_hold_leaves_the_caller_her_music() {
    let (_hotline, caller, alice, _) = talking();
    alice.uses_hold_button(Direction::SendOnly);
    for answer in [Some(Direction::SendOnly), None] {
        alice.will_reanswer(answer);
        assert_eq!(alice.does(Act::TakeBack), Outcome::Done);
        assert_eq!(aside(&alice), Aside::Hold);
        assert!(caller.hears_music());
    }
    alice.uses_hold_button(Direction::Both);
    caller.hears_exactly(&[&alice]);
}

#[test]
fn another_answer_to_a_refresh_settles_the_leg_anew() {
    let (_hotline, caller, alice, _) = talking();
    alice.reanswers_unasked();
    caller.hears_exactly(&[&alice]);
    alice.uses_hold_button(Direction::SendOnly);
    assert!(caller.hears_music());
}

#[test]
fn an_offer_before_the_answer_is_answered_and_the_call_comes_up() {
    let hotline = testkit::Hotline::simulated();
    let (caller, alice) = (hotline.caller(), hotline.advocate("alice"));
    alice.is_ready();
    caller.dials_in();
    alice.is_rung();
    alice.picks_up_elsewhere();
    caller.hears_exactly(&[&alice]);
}
