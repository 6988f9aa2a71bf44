//! A defect of ours takes legs from their shard, or a whole shard hangs and is replaced: nobody is
//! dialled, nobody leaves, and everyone goes on hearing exactly whom she should.
//!
//! What the control task does about it with real threads is proved in `media-io`.

use std::time::Duration;

use testkit::wire::{Hotline, Party, hear_exactly};

use crate::scenes::{Scene, interpreted, talking};

/// A look at the shard, a second apart, finds it hanging; what was playing begins again.
const SOON: Duration = Duration::from_secs(1);

/// What of the media is lost.
const LOSSES: [fn(&Scene); 2] =
    [|scene| scene.hotline.shard_is_replaced(), |scene| scene.caller.loses_her_media()];

fn end(Scene { hotline, caller, .. }: &Scene) {
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn c02_who_waits_goes_on_hearing_her_music_and_gets_her_advocate() {
    for loses in LOSSES {
        let scene = waiting();
        loses(&scene);
        scene.hotline.pass(SOON);
        assert!(scene.caller.hears_music(), "{:?}", scene.caller.has_heard());
        scene.caller.hears_exactly(&[]);
        scene.caller.hears_within("still-with-you", Duration::from_secs(30));
        scene.alice.is_ready();
        scene.alice.answers();
        scene.hotline.pass(Duration::from_secs(3));
        let Scene { caller, alice, .. } = &scene;
        hear_exactly(&[(caller, &[alice]), (alice, &[caller])]);
        end(&scene);
    }
}

#[test]
fn c02_a_greeting_that_was_cut_begins_again_and_leads_on() {
    let scene = waiting();
    let second = scene.hotline.caller();
    second.dials_in();
    second.hears_within("welcome", SOON);
    scene.hotline.shard_is_replaced();
    second.hears_within("still-with-you", Duration::from_secs(60));
    second.hangs_up();
    end(&scene);
}

#[test]
fn caller_and_advocate_go_on_and_so_does_a_hold() {
    for loses in LOSSES {
        let scene = talking();
        loses(&scene);
        let Scene { hotline, caller, alice, .. } = &scene;
        hear_exactly(&[(caller, &[alice]), (alice, &[caller])]);
        alice.presses("**");
        caller.hears("on-hold");
        hotline.pass(Duration::from_secs(3));
        loses(&scene);
        hotline.pass(SOON);
        assert!(caller.hears_music());
        hear_exactly(&[(caller, &[]), (alice, &[])]);
        alice.presses("**");
        caller.hears("off-hold");
        hotline.pass(Duration::from_secs(3));
        hear_exactly(&[(caller, &[alice]), (alice, &[caller])]);
        end(&scene);
    }
}

#[test]
fn i10_a04_an_interpreted_call_goes_on_and_so_does_private_talk() {
    for loses in LOSSES {
        let scene = interpreted();
        loses(&scene);
        three(&scene);
        scene.alice.presses("*4");
        scene.caller.hears("es/on-hold");
        loses(&scene);
        let Scene { caller, alice, first, .. } = &scene;
        hear_exactly(&[(caller, &[]), (alice, &[first]), (first, &[alice])]);
        scene.alice.presses("*4");
        scene.hotline.pass(Duration::from_secs(3));
        three(&scene);
        end(&scene);
    }
}

#[test]
fn i10_a_vendors_menu_stays_the_advocates_alone_and_its_script_goes_on() {
    let scene = talking();
    let Scene { hotline, caller, alice, first, .. } = &scene;
    alice.presses(&hotline.code_for("es"));
    first.answers();
    hotline.pass(Duration::from_secs(2));
    hotline.shard_is_replaced();
    hear_exactly(&[(caller, &[alice]), (alice, &[caller, first]), (first, &[])]);
    first.says_nothing();
    hotline.pass(Duration::from_secs(5));
    assert_eq!(first.was_sent(), "4711#");
    first.greets();
    hotline.pass(Duration::from_secs(5));
    three(&scene);
    end(&scene);
}

/// RFC 3711 §3.2.3, RFC 4568 §7.1.4: her phone follows at once, since the key it has goes on under
/// another SSRC, and is offered another key, which is in use soon after.
#[test]
fn an_encrypted_phone_hears_on_at_once_and_then_with_a_new_key() {
    let everyone: [fn(&Scene) -> &Party; 3] =
        [|scene| &scene.caller, |scene| &scene.alice, |scene| &scene.first];
    for encrypts in everyone {
        let scene = encrypted(encrypts);
        let peer = encrypts(&scene);
        assert_eq!(peer.has_opened(), (1, 0));
        for keys in 2..5 {
            scene.hotline.shard_is_replaced();
            three(&scene);
            scene.hotline.pass(SOON);
            let (used, refused) = peer.has_opened();
            assert_eq!(used, keys, "a new key for each time");
            // What was on its way while the key changed.
            assert!(refused <= 4 * keys, "{refused} packets could not be opened");
            three(&scene);
        }
        end(&scene);
    }
}

#[test]
fn a_phone_that_takes_no_new_key_goes_on_with_the_one_it_has() {
    let scene = encrypted(|scene| &scene.caller);
    scene.caller.refuses_offers();
    for _ in 0..2 {
        scene.hotline.shard_is_replaced();
        scene.hotline.pass(SOON);
        three(&scene);
    }
    assert_eq!(scene.caller.has_opened(), (1, 0));
    end(&scene);
}

/// An encrypted caller, advocate or interpreter in a call of three.
fn encrypted(encrypts: fn(&Scene) -> &Party) -> Scene {
    let scene = Scene::of(Hotline::encrypting());
    encrypts(&scene).encrypts();
    scene.alice.is_ready();
    scene.caller.dials_in();
    scene.alice.answers();
    scene.hotline.pass(Duration::from_secs(3));
    scene.alice.presses(&scene.hotline.code_for("es"));
    scene.first.brings_interpreter();
    scene.hotline.pass(Duration::from_secs(5));
    three(&scene);
    scene
}

fn waiting() -> Scene {
    let scene = Scene::of(Hotline::simulated());
    let chris = scene.hotline.staff("chris");
    chris.is_ready();
    scene.caller.dials_in();
    scene.hotline.pass(Duration::from_secs(20));
    scene
}

fn three(Scene { caller, alice, first, .. }: &Scene) {
    hear_exactly(&[
        (caller, &[alice, first]),
        (alice, &[caller, first]),
        (first, &[caller, alice]),
    ]);
}
