//! Several calls at once over a bad network, with real signalling and audio, in which everybody
//! does anything at any time.

use std::time::Duration;

use model::Chance;
use switchboard::Notice;
use testkit::wire::{Hotline, Party};

use crate::seeds::for_seeds;
use crate::weather::storm;

struct Crowd {
    hotline: Hotline,
    callers: Vec<Party>,
    advocates: Vec<Party>,
    vendors: Vec<Party>,
    chance: Chance,
}

impl Crowd {
    fn new(seed: u64) -> Self {
        let hotline = Hotline::in_climate(seed, storm(5));
        let crowd = Self {
            callers: (0..4).map(|_| hotline.caller()).collect(),
            advocates: ["alice", "bruna", "chris"].map(|name| hotline.staff(name)).into(),
            vendors: ["vendor-a", "vendor-b"].map(|name| hotline.staff(name)).into(),
            chance: Chance::from_number(seed),
            hotline,
        };
        crowd.advocates.iter().for_each(Party::is_ready);
        crowd
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.chance.below(100) < percent
    }

    fn goes_on(&mut self) {
        self.hotline.pass(Duration::from_millis(300 + self.chance.below(1500)));
        for caller in self.callers.clone() {
            self.caller_acts(&caller);
        }
        for advocate in self.advocates.clone() {
            self.advocate_acts(&advocate);
        }
        for vendor in self.vendors.clone() {
            self.vendor_acts(&vendor);
        }
        self.is_sound();
    }

    fn caller_acts(&mut self, caller: &Party) {
        if !caller.has_call() {
            if self.happens(15) {
                caller.starts_to_dial();
            }
        } else if self.happens(2) {
            caller.hangs_up();
        } else if caller.is_connected() && self.happens(5) {
            caller.presses("2");
        }
    }

    fn advocate_acts(&mut self, advocate: &Party) {
        if advocate.is_ringing() && self.happens(50) {
            advocate.answers();
        } else if advocate.is_connected() && self.happens(4) {
            advocate.hangs_up();
        } else if advocate.is_connected() && self.happens(20) {
            let codes = [self.hotline.code_for("es").as_str(), "*9", "**", "*4", "*8", "*1"]
                .map(str::to_owned);
            let code = usize::try_from(self.chance.below(6)).expect("below 6");
            advocate.presses(&codes[code]);
        } else if !advocate.has_call() && self.happens(10) {
            advocate.dials("*1");
        }
    }

    fn vendor_acts(&mut self, vendor: &Party) {
        if vendor.is_ringing() && self.happens(60) {
            vendor.answers();
        } else if vendor.is_ringing() && self.happens(20) {
            vendor.refuses(486);
        } else if vendor.is_connected() {
            match self.chance.below(20) {
                0 => vendor.hangs_up(),
                1..=5 => vendor.speaks(),
                6..=10 => vendor.says_nothing(),
                _ => {}
            }
        }
    }

    /// No caller hears another, nor two advocates; no advocate hears two callers.
    fn is_sound(&self) {
        for caller in &self.callers {
            assert!(heard(caller, &self.callers) == 0, "a caller hears another");
            assert!(heard(caller, &self.advocates) <= 1, "a caller hears two advocates");
        }
        for advocate in &self.advocates {
            assert!(heard(advocate, &self.advocates) == 0, "an advocate hears another");
            assert!(heard(advocate, &self.callers) <= 1, "an advocate hears two callers");
        }
    }

    fn ends(self) {
        self.callers.iter().filter(|caller| caller.has_call()).for_each(Party::hangs_up);
        self.hotline.pass(Duration::from_secs(30));
        self.hotline.is_empty();
        let talked = |notice: &Notice| matches!(notice, Notice::Connected { .. });
        assert!(self.hotline.noticed(talked), "somebody talked");
    }
}

fn heard(listener: &Party, others: &[Party]) -> usize {
    if !listener.is_connected() {
        return 0;
    }
    others.iter().filter(|other| listener.hears_now(other)).count()
}

#[test]
fn calls_side_by_side_in_a_storm_never_meet_and_leave_nothing() {
    for_seeds(0..2, |seed| {
        let mut crowd = Crowd::new(seed);
        for _ in 0..60 {
            crowd.goes_on();
        }
        crowd.ends();
    });
}
