//! Somebody is lost in the middle of a call: heard about, replaced, and nobody else leaves.

use std::time::Duration;

use switchboard::Notice;
use testkit::wire::{Party, hear_exactly};

use crate::scenes::{Scene, interpreted, talking};

fn three(caller: &Party, alice: &Party, interpreter: &Party) {
    hear_exactly(&[
        (caller, &[alice, interpreter]),
        (alice, &[caller, interpreter]),
        (interpreter, &[caller, alice]),
    ]);
}

fn is_replaced(lost_within: Duration, loses: impl FnOnce(&Party)) {
    let Scene { hotline, caller, alice, first, second } = interpreted();
    three(&caller, &alice, &first);
    loses(&first);
    caller.hears_within("es/interpreter-lost", lost_within);
    hear_exactly(&[(&caller, &[&alice]), (&alice, &[&caller])]);
    second.brings_interpreter();
    hotline.pass(Duration::from_secs(5));
    three(&caller, &alice, &second);
    alice.presses("*0");
    caller.hears("es/goodbye");
    hotline.pass(Duration::from_secs(10));
    assert!(!caller.is_connected() && !alice.is_connected() && !second.is_connected());
    hotline.is_empty();
}

#[test]
fn i03_an_interpreter_who_hangs_up_is_announced_and_replaced() {
    is_replaced(Duration::from_secs(2), Party::hangs_up);
}

#[test]
fn i03_an_interpreter_whose_line_dies_is_announced_and_replaced() {
    is_replaced(Duration::from_secs(8), Party::dies);
}

#[test]
fn i03_an_interpreter_who_is_only_silent_is_not_lost() {
    let Scene { hotline, caller, alice, first, .. } = interpreted();
    first.sends_nothing();
    hotline.pass(Duration::from_secs(60));
    first.speaks();
    hotline.pass(Duration::from_secs(1));
    three(&caller, &alice, &first);
    assert!(!caller.was_told("es/interpreter-lost"));
}

#[test]
fn c18_the_caller_hears_within_two_seconds_that_the_advocates_phone_died() {
    let Scene { hotline, caller, alice, .. } = talking();
    alice.dies();
    caller.hears_within("advocate-lost", Duration::from_secs(2));
    let bruna = hotline.staff("bruna");
    bruna.is_ready();
    bruna.answers();
    hear_exactly(&[(&caller, &[&bruna]), (&bruna, &[&caller])]);
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn c18_an_advocate_who_only_mutes_her_phone_stays() {
    let Scene { hotline, caller, alice, .. } = talking();
    alice.sends_nothing();
    hotline.pass(Duration::from_secs(120));
    assert!(caller.is_connected() && alice.is_connected() && !caller.was_told("advocate-lost"));
}

#[test]
fn i09_an_interpreter_is_held_for_the_next_advocate_and_never_alone_with_the_caller() {
    let Scene { hotline, caller, alice, first, .. } = interpreted();
    alice.dies();
    caller.hears_within("es/advocate-lost", Duration::from_secs(2));
    hear_exactly(&[(&caller, &[]), (&first, &[])]);
    first.hears("int-advocate-lost");
    let bruna = hotline.staff("bruna");
    bruna.is_ready();
    hear_exactly(&[(&caller, &[]), (&first, &[])]);
    bruna.answers();
    hotline.pass(Duration::from_secs(5));
    three(&caller, &bruna, &first);
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn i09_an_interpreter_nobody_comes_for_is_let_go() {
    let Scene { hotline, caller, alice, first, .. } = interpreted();
    alice.dies();
    hotline.pass(Duration::from_secs(100));
    assert!(!first.is_connected() && caller.is_connected());
    assert!(hotline.noticed(|notice| matches!(notice, Notice::AdvocateLost { .. })));
    caller.hangs_up();
    hotline.is_empty();
}

#[test]
fn i02_the_next_vendor_is_dialled_when_the_first_is_busy_or_dead() {
    for refuses in [true, false] {
        let Scene { hotline, caller, alice, first, second } = talking();
        if !refuses {
            first.dies();
        }
        alice.presses(&hotline.code_for("es"));
        if refuses {
            first.refuses(486);
        }
        second.brings_interpreter();
        hotline.pass(Duration::from_secs(5));
        three(&caller, &alice, &second);
        caller.hangs_up();
        hotline.is_empty();
    }
}
