//! How loud one listener hears one speaker: the gain of their pair, and how far the speaker makes
//! room for another voice.

use mixer::{Duck, Ramp};
use model::{Gain, LegId, Route};

use crate::legs::Legs;

/// The loudness of one pair, which changes within frames and never between them.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Loudness {
    gain: Ramp,
    duck: Duck,
    /// The seat of the voice under which the speaker is heard; [`Self::NOBODY`] where there is none.
    seat: u32,
    /// Its name, which no frame asks for.
    under: Option<LegId>,
}

impl Loudness {
    const NOBODY: u32 = u32::MAX;

    /// What a route wants, for a pair that was heard at the gain `before`.
    pub(crate) const fn new(route: &Route, before: Gain) -> Self {
        let mut gain = Ramp::settled(before);
        gain.set(route.gain);
        Self { gain, duck: Duck::IDLE, seat: Self::NOBODY, under: route.under }
    }

    /// Goes on where the same pair's loudness stood before.
    pub(crate) const fn take_over(&mut self, before: &Self) {
        let (wanted, under) = (self.gain.target(), self.under);
        *self = *before;
        self.gain.set(wanted);
        self.under = under;
        self.seat = Self::NOBODY;
    }

    /// Moves to `gain` within the next frame.
    pub(crate) const fn set(&mut self, gain: Gain) {
        self.gain.set(gain);
    }

    /// The pair was heard at `gain` until now.
    pub(crate) const fn start_at(&mut self, gain: Gain) {
        let wanted = self.gain.target();
        self.gain = Ramp::settled(gain);
        self.gain.set(wanted);
    }

    /// Finds the seat of the voice above the speaker: after a change of the rules, or when a leg
    /// came or went.
    pub(crate) fn find_seat(&mut self, legs: &Legs) {
        let seat = self.under.and_then(|voice| legs.position(voice));
        self.seat = seat.map_or(Self::NOBODY, |seat| seat as u32);
    }

    /// The gain of the next frame.
    pub(crate) fn step(&mut self, legs: &Legs) -> Ramp {
        let gain = self.gain.step();
        if self.seat == Self::NOBODY && self.duck.is_idle() {
            return gain;
        }
        let voice = legs.get(self.seat as usize);
        gain.times(self.duck.step(voice.is_some_and(|leg| leg.inbound.is_active())))
    }

    /// Whether the speaker is to be heard.
    pub(crate) fn is_audible(&self) -> bool {
        self.gain.target() > Gain::SILENT
    }

    /// Whether anything of the speaker is heard still.
    pub(crate) fn is_sounding(&self) -> bool {
        self.gain.current() > Gain::SILENT
    }
}
