//! What the live board says of a call, as its sound is: who talks, whose sound does not arrive, and
//! how good each line is.

use std::time::Duration;

use model::Fare;
use switchboard::{CallState, Line, Sound};
use testkit::wire::{Climate, Hotline, Weather};

use crate::scenes::{Scene, interpreted, talking};

/// Longer than until speech is over.
const SOON: Duration = Duration::from_secs(1);
/// A party that sends nothing is known to be quiet, and each leg has reported.
const LATER: Duration = Duration::from_secs(20);

fn call(hotline: &Hotline) -> CallState {
    hotline.snapshot().calls.swap_remove(0)
}

/// The caller's and the advocate's.
fn lines(hotline: &Hotline) -> [Line; 2] {
    let call = call(hotline);
    [call.lines[0], call.lines[1]]
}

#[test]
fn who_talks_who_talk_at_once_and_whose_sound_does_not_arrive_is_told_by_the_sound() {
    let Scene { hotline, caller, alice, .. } = talking();
    assert!(call(&hotline).has_overlap() && !call(&hotline).is_one_way());
    assert!(lines(&hotline).iter().all(|line| line.level_dbov.is_some_and(|dbov| dbov > -40)));
    alice.says_nothing();
    hotline.pass(SOON);
    assert_eq!(lines(&hotline).map(|line| line.sound), [Sound::Speech, Sound::Pause]);
    assert!(!call(&hotline).has_overlap() && !call(&hotline).is_one_way());
    for party in [&caller, &alice] {
        party.sends_nothing();
        hotline.pass(LATER);
        assert!(call(&hotline).is_one_way() && !call(&hotline).has_overlap());
        party.speaks();
        hotline.pass(SOON);
        assert!(!call(&hotline).is_one_way());
    }
    assert!(call(&hotline).has_overlap());
}

#[test]
fn a_good_line_scores_high_and_a_lossy_one_low_until_it_is_good_again() {
    let Scene { hotline, .. } = talking();
    let scores = || {
        hotline.pass(LATER);
        lines(&hotline).map(|line| line.quality.received.expect("both send"))
    };
    let good = scores();
    assert!(good.iter().all(|fare| fare.mos_tenths >= 40 && fare.loss_permille == 0), "{good:?}");
    let lossy = Weather { loss: 10, ..Weather::FAIR };
    hotline.set_climate(Climate { media_in: lossy, ..Climate::FAIR });
    let bad = scores();
    let is_worse = |(bad, good): (&Fare, &Fare)| bad.mos_tenths + 4 <= good.mos_tenths;
    assert!(bad.iter().zip(&good).all(is_worse), "{bad:?} after {good:?}");
    assert!(bad.iter().all(|fare| (30..200).contains(&fare.loss_permille)), "{bad:?}");
    hotline.set_climate(Climate::FAIR);
    assert_eq!(scores().map(|fare| fare.mos_tenths), good.map(|fare| fare.mos_tenths));
}

#[test]
fn a12_no_name_or_address_of_an_advocate_reaches_caller_or_vendor() {
    let Scene { hotline, caller, alice, first, .. } = interpreted();
    alice.presses("**");
    hotline.pass(SOON);
    alice.presses("**");
    hotline.pass(SOON);
    alice.hangs_up();
    hotline.pass(LATER);
    for word in ["alice", "10.2.0.1"] {
        assert!(alice.has_read(word), "it is looked for rightly");
        assert!(!caller.has_read(word) && !first.has_read(word), "{word}");
    }
}
