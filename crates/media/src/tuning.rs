//! The rate of a room by its legs.
//!
//! A rate is worth its cost where two legs have it: one to say and one to hear it. So the room has
//! the second highest rate of its legs, or that of its only one, but 16 kHz as soon as any is
//! wide-band, and never less than a leg's policy asks.

use std::collections::BTreeMap;

use model::{LegId, SampleRate};

/// The rates of one room.
#[derive(Debug, Default)]
pub(crate) struct Tuning {
    rate: SampleRate,
    legs: BTreeMap<LegId, Wish>,
}

/// What one leg wants of its room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Wish {
    /// What its policy asks.
    pub(crate) least: SampleRate,
    /// What its codec carries, once one is agreed.
    pub(crate) codec: Option<SampleRate>,
}

impl Tuning {
    /// The room's rate.
    pub(crate) const fn rate(&self) -> SampleRate {
        self.rate
    }

    /// A leg comes, or agrees to another codec; whether the rate changes by that. A lower one is
    /// taken too: the change is heard anyway.
    pub(crate) fn set(&mut self, leg: LegId, wish: Wish) -> bool {
        let is_same = self.legs.insert(leg, wish) == Some(wish);
        !is_same && self.change(self.wanted())
    }

    /// A leg goes; whether the rate changes by that. While others talk it is not lowered.
    pub(crate) fn remove(&mut self, leg: LegId) -> bool {
        self.legs.remove(&leg);
        let wanted = self.wanted();
        self.change(if self.legs.len() > 1 { wanted.max(self.rate) } else { wanted })
    }

    fn change(&mut self, rate: SampleRate) -> bool {
        std::mem::replace(&mut self.rate, rate) != rate
    }

    fn wanted(&self) -> SampleRate {
        let mut rates: Vec<_> = self.legs.values().filter_map(|wish| wish.codec).collect();
        rates.sort_unstable_by(|a, b| b.cmp(a));
        let highest = rates.first().copied().unwrap_or_default();
        let shared = rates.get(1).copied().unwrap_or(highest);
        let least = self.legs.values().map(|wish| wish.least).max().unwrap_or_default();
        shared.max(highest.min(SampleRate::Wide)).max(least)
    }
}

#[cfg(test)]
mod tests {
    use SampleRate::{Full, Narrow, Wide};

    use super::*;

    fn check(codecs: &[SampleRate], least: SampleRate, rate: SampleRate) {
        let mut tuning = Tuning::default();
        for (leg, &codec) in (0..).zip(codecs) {
            tuning.set(LegId(leg), Wish { least, codec: Some(codec) });
        }
        assert_eq!(tuning.rate(), rate, "{codecs:?} {least:?}");
    }

    #[test]
    fn a_rate_is_taken_where_two_legs_have_it_or_the_only_one() {
        check(&[], Narrow, Narrow);
        check(&[Narrow, Narrow, Narrow], Narrow, Narrow);
        check(&[Narrow, Wide], Narrow, Wide);
        check(&[Full], Narrow, Full);
        check(&[Narrow, Full], Narrow, Wide);
        check(&[Wide, Full, Narrow], Narrow, Wide);
        check(&[Full, Narrow, Full], Narrow, Full);
        check(&[Narrow], Wide, Wide);
        check(&[Narrow, Wide], Full, Full);
    }

    #[test]
    fn a_rate_falls_when_one_is_left_or_another_comes_and_not_while_two_talk() {
        let wish = |codec| Wish { least: Narrow, codec: Some(codec) };
        let mut tuning = Tuning::default();
        assert!(!tuning.set(LegId(1), wish(Narrow)));
        assert!(!tuning.set(LegId(2), Wish::default()), "not agreed yet");
        assert!(tuning.set(LegId(2), wish(Wide)));
        assert!(!tuning.set(LegId(3), wish(Narrow)) && tuning.rate() == Wide);
        assert!(!tuning.remove(LegId(2)) && tuning.rate() == Wide, "two talk on");
        assert!(!tuning.set(LegId(1), wish(Narrow)), "the same again is no reason");
        assert!(tuning.set(LegId(4), wish(Narrow)) && tuning.rate() == Narrow);
        assert!(tuning.set(LegId(2), wish(Wide)));
        assert!(!tuning.remove(LegId(1)) && !tuning.remove(LegId(3)));
        assert!(!tuning.remove(LegId(4)) && tuning.rate() == Wide);
        assert!(tuning.remove(LegId(2)) && tuning.rate() == Narrow);
    }
}
