//! What is done to a party's sound before anyone hears it: an offset taken away, a soft or loud
//! voice levelled, as the leg's [`Treatment`] says.

use audio::{AutoLevel, Measure, OffsetRemoval};
use model::Treatment;

/// The filters of one leg.
#[derive(Debug)]
pub(crate) struct Filters {
    treatment: Treatment,
    offset: OffsetRemoval,
    level: AutoLevel,
}

impl Filters {
    pub(crate) const fn new(treatment: Treatment, rate_hz: u32) -> Self {
        Self { treatment, offset: OffsetRemoval::new(rate_hz), level: AutoLevel::new(rate_hz) }
    }

    /// Goes on with sound of another rate.
    pub(crate) fn retune(&mut self, rate_hz: u32) {
        self.offset.retune(rate_hz);
        self.level.retune(rate_hz);
    }

    /// Treats a packet's samples, which measure so.
    pub(crate) fn apply(&mut self, samples: &mut [i16], mut measure: Measure) {
        if self.treatment == Treatment::AsSent {
            return;
        }
        if self.offset.frame(samples, &measure) {
            measure = Measure::of(samples);
        }
        self.level.frame(samples, &measure);
    }
}
