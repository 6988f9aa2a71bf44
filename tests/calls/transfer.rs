//! An advocate hands her caller on. Whoever is lost at whatever moment, the caller is with a person,
//! back with the one she came from, or first in line, and never hears unexplained silence.

use std::time::Duration;

use model::{Direction, EndReason};
use queue::Standing;
use switchboard::{Act, Aside, CallStage, Notice, Outcome};
use testkit::{Advocate, Caller, Hotline, Party};

struct Scene {
    hotline: Hotline,
    caller: Caller,
    alice: Advocate,
    bruna: Advocate,
}

/// Alice talks with a caller who speaks Spanish; Bruna is ready.
fn talking() -> Scene {
    let hotline = Hotline::with_backup();
    let (alice, bruna) = (hotline.advocate("alice"), hotline.advocate("bruna"));
    alice.is_ready();
    let caller = hotline.caller();
    caller.dials_in();
    caller.presses("2");
    alice.answers();
    bruna.is_ready();
    hotline.pass(seconds(5));
    Scene { hotline, caller, alice, bruna }
}

/// The same, with Bruna's phone ringing for the caller whom Alice hands on.
fn handed_on() -> Scene {
    let scene = talking();
    assert_eq!(scene.alice.asks_for_transfer("bruna"), None);
    scene.bruna.is_rung();
    scene
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn to(name: &str) -> Act {
    Act::Transfer(name.to_owned().into())
}

fn standing(who: &Advocate, place: usize) -> Standing {
    who.screen().advocates[place].standing
}

impl Scene {
    fn is_never_silent(&self) {
        assert!(
            self.hotline.longest_silence() <= seconds(2),
            "{:?}",
            self.hotline.longest_silence()
        );
    }

    fn caller_is_back_with_alice(&self) {
        let Self { caller, alice, bruna, .. } = self;
        caller.hears_exactly(&[alice]);
        alice.hears_exactly(&[caller]);
        caller.hears_within("es/advocate-back", seconds(2));
        assert!(!caller.hears_music() && !bruna.has_call());
        self.is_never_silent();
    }
}

#[test]
fn c07_a_caller_handed_to_a_colleague_is_told_hears_music_and_keeps_her_language() {
    let Scene { hotline, caller, alice, bruna } = &talking();
    assert_eq!(alice.asks_for_transfer("bruna"), None);
    caller.hears_within("es/please-wait", seconds(1));
    caller.hears_exactly(&[]);
    assert!(caller.hears_music());
    bruna.is_rung();
    assert_eq!(bruna.sees(), "Spanish, transfer");
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    bruna.hears_exactly(&[caller]);
    bruna.hears_within("language-es", seconds(1));
    caller.hears_within("es/connecting", seconds(1));
    assert!(!caller.hears_music() && !alice.has_call());
    assert_eq!(alice.told_of_transfer(), Some(200));
    assert_eq!((standing(alice, 0), standing(alice, 1)), (Standing::WrapUp, Standing::Talking));
    assert!(hotline.longest_silence() <= seconds(2));
    bruna.hangs_up();
    hotline.pass(seconds(10));
    hotline.is_empty();
}

#[test]
fn a_colleague_who_is_busy_away_or_unknown_is_not_rung_and_nobody_parts() {
    let Scene { hotline, caller, alice, bruna } = &talking();
    let chris = hotline.advocate("chris");
    for (name, status) in [("chris", 480), ("alice", 486), ("+15550199", 404), ("nobody", 404)] {
        assert_eq!(alice.asks_for_transfer(name), Some(status), "{name}");
        caller.hears_exactly(&[alice]);
    }
    let other = hotline.caller();
    other.dials_in();
    bruna.answers();
    assert_eq!(alice.asks_for_transfer("bruna"), Some(486));
    assert_eq!(alice.does(to("bruna")), Outcome::Busy);
    assert_eq!(alice.does(to("chris")), Outcome::Unavailable);
    assert_eq!(alice.does(to("18005550100")), Outcome::UnknownTarget);
    caller.hears_exactly(&[alice]);
    assert!(!chris.has_call());
}

#[test]
fn nobody_but_the_advocate_who_has_the_caller_hands_her_on() {
    let Scene { caller, alice, bruna, .. } = &handed_on();
    assert_eq!(bruna.asks_for_transfer("backup"), Some(603), "her phone only rings");
    assert_eq!(alice.asks_for_transfer("backup"), Some(603), "one transfer at a time");
    caller.hears_exactly(&[]);
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    assert_eq!(bruna.does(Act::Hold), Outcome::Done);
}

#[test]
fn a_transfer_that_would_replace_another_leg_is_declined_and_the_call_goes_on() {
    let Scene { caller, alice, .. } = &talking();
    let other = model::LegId(77);
    assert_eq!(alice.asks_for_attended_transfer("bruna", other), Some(603));
    caller.hears_exactly(&[alice]);
}

#[test]
fn a_colleague_who_is_busy_declines_or_cannot_be_reached_brings_the_caller_back() {
    let ways = [
        (EndReason::Busy, 486),
        (EndReason::Declined, 603),
        (EndReason::NoAnswer, 480),
        (EndReason::NotFound, 404),
        (EndReason::Unreachable, 503),
        (EndReason::Failed, 503),
    ];
    for (reason, status) in ways {
        let scene = handed_on();
        scene.bruna.refuses(reason);
        assert_eq!(scene.alice.told_of_transfer(), Some(status), "{reason:?}");
        scene.caller_is_back_with_alice();
        scene.alice.hears_within("adv-hold-off", seconds(10));
    }
}

#[test]
fn a_colleague_who_does_not_answer_brings_the_caller_back_after_twenty_seconds() {
    let scene = handed_on();
    scene.hotline.pass(seconds(21));
    assert_eq!(scene.alice.told_of_transfer(), Some(480));
    scene.caller_is_back_with_alice();
    assert!(scene.hotline.noticed(|notice| matches!(notice, Notice::TransferFailed { .. })));
}

#[test]
fn a_colleague_whose_phone_vanishes_while_it_rings_brings_the_caller_back() {
    let scene = handed_on();
    scene.bruna.loses_her_phone();
    scene.caller_is_back_with_alice();
}

#[test]
fn c18_a_colleague_who_is_lost_after_she_answered_leaves_the_caller_first_in_line() {
    let scene = handed_on();
    let Scene { hotline, caller, bruna, .. } = &scene;
    bruna.answers();
    bruna.vanishes();
    caller.hears_within("es/advocate-lost", seconds(2));
    assert_eq!(hotline.board().waiting, 1);
    scene.is_never_silent();
}

#[test]
fn an_advocate_who_hangs_up_after_the_transfer_key_leaves_the_caller_first_in_line() {
    let scene = handed_on();
    let Scene { hotline, caller, alice, bruna } = &scene;
    let other = hotline.caller();
    other.dials_in();
    other.hears("please-wait");
    alice.hangs_up();
    caller.hears_within("es/please-wait", seconds(2));
    assert!(caller.hears_music() && bruna.has_call() && !caller.was_told("es/advocate-lost"));
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    assert_eq!(hotline.board().waiting, 1, "the other caller");
    scene.is_never_silent();
}

#[test]
fn who_handed_on_and_hung_up_gets_the_caller_back_from_the_line_if_the_colleague_does_not_come() {
    let scene = handed_on();
    let Scene { hotline, caller, alice, bruna } = &scene;
    alice.hangs_up();
    bruna.refuses(EndReason::Busy);
    hotline.pass(seconds(5));
    assert!(caller.is_connected() && caller.hears_music());
    assert_eq!(hotline.board().waiting, 1);
    assert_eq!(alice.does(Act::WrapUpDone), Outcome::Done);
    alice.answers();
    caller.hears_exactly(&[alice]);
    scene.is_never_silent();
}

#[test]
fn c18_an_advocate_who_is_lost_while_she_hands_on_leaves_the_caller_first_in_line() {
    let scene = handed_on();
    let Scene { caller, alice, bruna, .. } = &scene;
    alice.vanishes();
    caller.hears_within("es/advocate-lost", seconds(2));
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    scene.is_never_silent();
}

#[test]
fn c11_a_caller_who_hangs_up_on_the_way_stops_every_phone_at_once() {
    for alice_leaves in [false, true] {
        let Scene { hotline, caller, alice, bruna } = &handed_on();
        if alice_leaves {
            alice.hangs_up();
        }
        caller.hangs_up();
        hotline.pass(seconds(1));
        assert!(!alice.has_call() && !bruna.has_call());
        hotline.is_empty();
    }
}

#[test]
fn a_caller_on_her_way_can_be_taken_back_by_star_code_and_at_the_screen() {
    for act in [None, Some(Act::TakeBack)] {
        let Scene { caller, alice, bruna, .. } = &handed_on();
        match act {
            Some(act) => assert_eq!(alice.does(act), Outcome::Done),
            None => alice.presses("**"),
        }
        assert!(!bruna.has_call() && !caller.hears_music());
        assert_eq!(alice.told_of_transfer(), Some(487));
        assert_eq!(standing(alice, 1), Standing::Ready, "she missed nothing");
        caller.hears_exactly(&[alice]);
        caller.hears("es/off-hold");
    }
}

#[test]
fn ending_the_call_on_the_way_says_goodbye_and_stops_every_phone() {
    let Scene { hotline, caller, alice, bruna } = &handed_on();
    alice.presses("*0");
    caller.hears("es/goodbye");
    assert!(!bruna.has_call());
    hotline.pass(seconds(10));
    hotline.is_empty();
}

#[test]
fn c02_a_phone_that_held_before_it_asked_keeps_the_caller_on_hold_when_nobody_comes() {
    let scene = talking();
    let Scene { caller, alice, bruna, .. } = &scene;
    alice.uses_hold_button(Direction::SendOnly);
    assert_eq!(alice.asks_for_transfer("bruna"), None);
    bruna.is_rung();
    bruna.refuses(EndReason::Busy);
    assert!(caller.hears_music());
    assert_eq!(alice.screen().calls[0].aside, Aside::Hold);
    alice.uses_hold_button(Direction::Both);
    caller.hears_exactly(&[alice]);
    caller.hears("es/off-hold");
    scene.is_never_silent();
}

#[test]
fn the_screen_hands_on_as_the_phone_does_and_twice_is_once() {
    let Scene { hotline, caller, alice, bruna } = &talking();
    assert_eq!(alice.does(to("bruna")), Outcome::Done);
    assert_eq!(alice.does(to("bruna")), Outcome::Already);
    assert_eq!(alice.does(to("backup")), Outcome::NotNow);
    assert_eq!(alice.screen().calls[0].aside, Aside::Transfer);
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    assert_eq!(alice.told_of_transfer(), None, "her phone asked for nothing");
    assert_eq!(alice.does(to("bruna")), Outcome::NoCall);
    assert!(hotline.noticed(|notice| matches!(notice, Notice::HandedOn { .. })));
}

#[test]
fn p4_the_interpreter_stays_through_a_transfer_to_a_colleague() {
    let Scene { hotline, caller, alice, bruna } = &talking();
    let vendor = hotline.vendor("vendor-a");
    alice.presses(&hotline.code_for("es"));
    vendor.brings_interpreter();
    hotline.pass(seconds(10));
    assert_eq!(alice.asks_for_transfer("bruna"), None);
    caller.hears_exactly(&[]);
    alice.hears_exactly(&[&vendor]);
    bruna.answers();
    caller.hears_exactly(&[bruna, &vendor]);
    vendor.hears_exactly(&[caller, bruna]);
}

#[test]
fn i09_an_interpreter_whose_advocate_hands_on_and_leaves_is_held_for_the_next() {
    let Scene { hotline, caller, alice, bruna } = &talking();
    let vendor = hotline.vendor("vendor-a");
    alice.presses(&hotline.code_for("es"));
    vendor.brings_interpreter();
    hotline.pass(seconds(10));
    assert_eq!(alice.asks_for_transfer("bruna"), None);
    alice.hangs_up();
    caller.hears_exactly(&[]);
    vendor.hears_exactly(&[]);
    assert!(vendor.hears_music());
    bruna.answers();
    caller.hears_exactly(&[bruna, &vendor]);
}

#[test]
fn a_caller_handed_to_the_backup_centre_is_with_it_once_it_answers() {
    let scene = talking();
    let Scene { hotline, caller, alice, .. } = &scene;
    let centre = hotline.centre();
    assert_eq!(alice.asks_for_transfer("backup"), None);
    caller.hears_within("es/diverting", seconds(1));
    centre.is_heard_early();
    centre.speaks(seconds(2));
    caller.hears_exactly(&[&centre]);
    centre.hears_exactly(&[]);
    centre.answers_as_before();
    caller.hears_exactly(&[&centre]);
    centre.hears("language-es");
    assert!(!alice.has_call() && !caller.hears_music());
    assert_eq!(alice.told_of_transfer(), Some(200));
    assert_eq!(alice.screen().calls[0].stage, CallStage::Diverted);
    assert_eq!(standing(alice, 0), Standing::WrapUp);
    scene.is_never_silent();
}

#[test]
fn p4_the_interpreter_stays_through_a_transfer_to_the_backup_centre() {
    let Scene { hotline, caller, alice, .. } = &talking();
    let (vendor, centre) = (hotline.vendor("vendor-a"), hotline.centre());
    alice.presses(&hotline.code_for("es"));
    vendor.brings_interpreter();
    hotline.pass(seconds(10));
    assert_eq!(alice.asks_for_transfer("backup"), None);
    centre.answers();
    caller.hears_exactly(&[&vendor, &centre]);
    vendor.hears_exactly(&[caller, &centre]);
    centre.refuses(EndReason::Lost);
    vendor.hears_exactly(&[]);
    caller.hears("es/advocate-lost");
    assert_eq!(hotline.board().waiting, 1);
}

#[test]
fn a_backup_centre_that_fails_brings_the_caller_back_and_one_that_rings_too_long_too() {
    for way in [Some(EndReason::Busy), Some(EndReason::Unreachable), None] {
        let scene = talking();
        let centre = scene.hotline.centre();
        assert_eq!(scene.alice.asks_for_transfer("backup"), None);
        centre.is_heard_early();
        centre.speaks(seconds(3));
        match way {
            Some(reason) => centre.refuses(reason),
            None => scene.hotline.pass(seconds(45)),
        }
        assert!(centre.leg().is_none() && scene.alice.told_of_transfer() != Some(200));
        scene.caller_is_back_with_alice();
    }
}

#[test]
fn an_advocate_who_hangs_up_while_the_backup_centre_rings_leaves_it_ringing() {
    let scene = talking();
    let Scene { hotline, caller, alice, bruna } = &scene;
    let centre = hotline.centre();
    assert_eq!(alice.asks_for_transfer("backup"), None);
    centre.is_dialled();
    bruna.dials("*2");
    alice.hangs_up();
    hotline.pass(seconds(1));
    assert!(caller.hears_music() && hotline.board().waiting == 1);
    centre.answers();
    caller.hears_exactly(&[&centre]);
    assert_eq!(hotline.board().legs, 2);
    scene.is_never_silent();
}

#[test]
fn a_caller_handed_to_a_queue_stands_there_with_the_wait_she_had() {
    let scene = talking();
    let Scene { hotline, caller, alice, bruna } = &scene;
    let other = hotline.caller();
    other.dials_in();
    bruna.is_rung();
    bruna.dials("*2");
    assert_eq!(alice.asks_for_transfer("crisis"), Some(480), "nobody else is on shift");
    caller.hears_exactly(&[alice]);
    bruna.is_ready();
    bruna.answers();
    other.hears_exactly(&[bruna]);
    assert_eq!(alice.asks_for_transfer("crisis"), Some(200));
    assert!(!alice.has_call() && caller.hears_music());
    caller.hears_within("es/please-wait", seconds(1));
    let third = hotline.caller();
    third.dials_in();
    bruna.hangs_up();
    hotline.pass(seconds(10));
    bruna.is_ready();
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    assert_eq!(hotline.board().waiting, 1, "who came later waits on");
    scene.is_never_silent();
}

#[test]
fn without_a_name_a_caller_goes_back_to_her_own_queue() {
    let Scene { caller, alice, bruna, .. } = &talking();
    assert_eq!(alice.does(to("")), Outcome::Done);
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    assert!(!alice.has_call());
}

#[test]
fn a_panic_on_the_way_puts_the_caller_first_in_line() {
    let Scene { hotline, caller, alice, bruna } = &handed_on();
    hotline.panics_in_the_call();
    caller.hears_within("es/advocate-lost", seconds(2));
    assert!(!alice.has_call());
    bruna.answers();
    caller.hears_exactly(&[bruna]);
    bruna.hangs_up();
    hotline.pass(seconds(10));
    hotline.is_empty();
}

#[test]
fn a_phone_that_hangs_up_because_its_transfer_failed_leaves_the_caller_first_in_line() {
    for rings_first in [false, true] {
        let scene = if rings_first { handed_on() } else { talking() };
        let Scene { hotline, caller, alice, bruna } = &scene;
        match rings_first {
            true => bruna.refuses(EndReason::Busy),
            false => assert_eq!(alice.asks_for_transfer("nobody"), Some(404)),
        }
        alice.hangs_up();
        assert!(caller.hears_music() && hotline.board().waiting == 1);
        caller.hears_within("es/please-wait", seconds(2));
        scene.is_never_silent();
    }
}

#[test]
fn a_goodbye_well_after_a_failed_transfer_is_one() {
    let Scene { hotline, caller, alice, .. } = &talking();
    assert_eq!(alice.asks_for_transfer("nobody"), Some(404));
    hotline.pass(seconds(3));
    alice.hangs_up();
    caller.hears("es/goodbye");
}
