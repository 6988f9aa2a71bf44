//! A day of a hotline: hundreds of calls in which everybody does anything at any time.

use std::time::Duration;

use model::{AdvocateId, Chance, Digit, Direction, EndReason};
use switchboard::Notice;
use testkit::{ADVOCATES, Caller, Deed, Hotline, Presence, Who};

use crate::seeds::for_seeds;

/// What may go wrong with a line.
const FAULTS: [EndReason; 5] = [
    EndReason::Busy,
    EndReason::NoAnswer,
    EndReason::Declined,
    EndReason::Failed,
    EndReason::Unreachable,
];

const CODES: [&str; 13] =
    ["**", "*0", "*1", "*2", "*4", "*5001", "*5002", "*5003", "*6", "*7", "*8", "*9", "*5"];

/// Whom an advocate hands her caller on to.
const NAMES: [&str; 7] = ["alice", "bruna", "chris", "backup", "crisis", "", "+15550199"];

const HOLDS: [Direction; 3] = [Direction::Both, Direction::SendOnly, Direction::Inactive];

/// What a caller types, where she has text.
const WRITTEN: [&str; 6] = ["2", "3\r\n", "I have 2", "\u{8}", "\u{2028}", "9"];

struct Day {
    hotline: Hotline,
    chance: Chance,
    callers: Vec<Caller>,
}

impl Day {
    fn new(seed: u64) -> Self {
        let hotline =
            if seed.is_multiple_of(2) { Hotline::simulated() } else { Hotline::with_backup() };
        Self { hotline, chance: Chance::from_number(seed), callers: Vec::new() }
    }

    /// Whether something of this chance happens.
    fn happens(&mut self, percent: u64) -> bool {
        self.chance.below(100) < percent
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        let index = self.chance.below(among.len() as u64);
        among[usize::try_from(index).expect("an index")]
    }

    /// Some seconds, in which anyone may do something.
    fn goes_on(&mut self) {
        let millis = 200 + self.chance.below(4000);
        self.hotline.pass(Duration::from_millis(millis));
        self.hotline.is_sound();
        if self.happens(7) {
            match self.happens(20) {
                true => self.hotline.callers_only_write(),
                false => self.hotline.phones_have_no_text(),
            }
            let caller = self.hotline.caller();
            caller.dials_in();
            self.callers.push(caller);
        }
        if self.happens(8) {
            self.works_the_desk();
        }
        for presence in self.hotline.everyone() {
            let here = |now: &Presence| now.leg == presence.leg && now.up == presence.up;
            if self.hotline.everyone().iter().any(here) {
                self.acts(presence);
                self.hotline.is_sound();
            }
        }
    }

    /// An advocate comes, goes, or loses her registration.
    fn works_the_desk(&mut self) {
        let (name, _) = self.pick(&ADVOCATES);
        let id = ADVOCATES.iter().position(|(known, _)| *known == name);
        let id = AdvocateId(u32::try_from(id.expect("she is known")).expect("a small number"));
        match self.chance.below(8) {
            0 => self.hotline.unregisters(id),
            1 => drop(self.hotline.advocate(name).dials("*2")),
            2 => drop(self.hotline.advocate(name).dials("*3")),
            3 => self.hotline.advocate(name).opens_screen(),
            4 => self.hotline.advocate(name).closes_screen(),
            _ => self.hotline.advocate(name).is_ready(),
        }
    }

    fn acts(&mut self, Presence { leg, who, up }: Presence) {
        let deed = match who {
            Who::Caller if self.happens(2) => Deed::Ends(EndReason::HungUp),
            Who::Caller if up && self.happens(1) => Deed::Vanishes,
            Who::Caller if up && self.happens(3) => Deed::Presses(self.any_key()),
            Who::Caller if up && self.happens(10) => Deed::Types(self.pick(&WRITTEN)),
            Who::Advocate(id) if up && self.happens(5) => return self.reads(id),
            Who::Advocate(_) if !up && self.happens(35) => Deed::Answers,
            Who::Advocate(_) if !up && self.happens(3) => Deed::Ends(EndReason::Busy),
            Who::Advocate(_) if up && self.happens(10) => return self.presses_code(leg),
            Who::Advocate(_) if up && self.happens(6) => Deed::HandsOn(self.pick(&NAMES)),
            Who::Advocate(_) if up && self.happens(4) => Deed::Reoffers(self.pick(&HOLDS)),
            Who::Advocate(_) if up && self.happens(2) => Deed::Ends(EndReason::HungUp),
            Who::Advocate(_) if up && self.happens(1) => Deed::Vanishes,
            Who::Vendor(_) if !up && self.happens(20) => Deed::Progresses,
            Who::Vendor(_) if !up && self.happens(20) => Deed::Speaks(self.happens(50)),
            Who::Vendor(_) if !up && self.happens(40) => Deed::Answers,
            Who::Vendor(_) if !up && self.happens(15) => Deed::Ends(self.pick(&FAULTS)),
            Who::Vendor(_) if up && self.happens(4) => Deed::Ends(EndReason::HungUp),
            Who::Vendor(_) if up && self.happens(1) => Deed::Vanishes,
            _ if up && self.happens(30) => Deed::Speaks(self.happens(50)),
            _ => return,
        };
        self.hotline.does(leg, deed);
    }

    fn any_key(&mut self) -> Digit {
        let event = u8::try_from(self.chance.below(16)).expect("below 16");
        Digit::from_event(event).expect("below 16")
    }

    /// An advocate's screen shows the text of her call, if she has the caller yet.
    fn reads(&self, id: AdvocateId) {
        let name = usize::try_from(id.0).ok().and_then(|at| ADVOCATES.get(at));
        let advocate = self.hotline.advocate(name.expect("she is known").0);
        if advocate.screen().calls.iter().any(|call| call.advocate == Some(id)) {
            advocate.reads_at_screen();
        }
    }

    fn presses_code(&mut self, leg: model::LegId) {
        for key in self.pick(&CODES).chars().filter_map(Digit::from_char) {
            self.hotline.does(leg, Deed::Presses(key));
        }
    }

    /// Everyone hangs up, and after a while nothing is left.
    fn ends(self) {
        for Presence { leg, who, .. } in self.hotline.everyone() {
            if who == Who::Caller {
                self.hotline.does(leg, Deed::Ends(EndReason::HungUp));
            }
        }
        self.hotline.pass(Duration::from_secs(200));
        self.hotline.is_empty();
        let ends = self.hotline.ends();
        assert_eq!(ends.len(), self.callers.len(), "every call has ended once");
        for (reason, talked) in ends {
            let by_herself = matches!(reason, EndReason::HungUp | EndReason::Lost);
            assert!(by_herself || talked, "a caller who waited was dropped: {reason:?}");
        }
        let handed_on = |notice: &Notice| matches!(notice, Notice::HandedOn { .. });
        assert!(self.hotline.noticed(handed_on), "some caller was handed on");
        let healed = |notice: &Notice| matches!(notice, Notice::Healed | Notice::CallRefused);
        assert!(!self.hotline.noticed(healed), "nothing had to be healed, nobody was refused");
        let silence = self.hotline.longest_silence();
        assert!(silence <= Duration::from_secs(2), "c02: a caller heard nothing for {silence:?}");
    }
}

#[test]
fn three_hundred_calls_of_a_day_leave_nothing_and_no_caller_behind() {
    for_seeds(0..2, |seed| {
        let mut day = Day::new(seed);
        while day.callers.len() < 300 {
            day.goes_on();
        }
        let talked = day.hotline.ends().iter().filter(|(_, talked)| *talked).count();
        assert!(talked > 100, "only {talked} callers talked to somebody");
        day.ends();
    });
}
