//! What is done to a party's sound before anyone hears it: noise suppressed, an offset taken away,
//! a soft or loud voice levelled, as the leg's [`Noise`] and [`Treatment`] say.

use audio::{AutoLevel, Measure, OffsetRemoval};
use model::{Noise, SampleRate, Treatment};
use rtp::Header;

use crate::suppression::Suppression;

/// The filters of one leg.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Filters {
    offset: OffsetRemoval,
    level: AutoLevel,
    treatment: Treatment,
    /// Only where it is wanted: its neural network is large.
    suppression: Option<Box<Suppression>>,
}

impl Filters {
    /// Allocates where noise is suppressed; nothing later does.
    pub(crate) fn new((treatment, noise): (Treatment, Noise), rate: SampleRate) -> Self {
        let (offset, level) = (OffsetRemoval::new(rate.hz()), AutoLevel::new(rate.hz()));
        let is_suppressed = noise == Noise::Suppressed;
        let suppression = is_suppressed.then(|| Box::new(Suppression::new(rate)));
        Self { offset, level, treatment, suppression }
    }

    /// Goes on with sound of another rate.
    pub(crate) fn retune(&mut self, rate: SampleRate) {
        self.offset.retune(rate.hz());
        self.level.retune(rate.hz());
        if let Some(suppression) = &mut self.suppression {
            suppression.retune(rate);
        }
    }

    /// Takes the noise out of a packet's samples at `rate`, whose timestamps count `clock_hz` units;
    /// whether it came in time for that.
    pub(crate) fn suppress(
        &mut self,
        header: &Header,
        (clock_hz, rate): (u32, SampleRate),
        samples: &mut [i16],
    ) -> bool {
        match &mut self.suppression {
            None => true,
            Some(suppression) => suppression.packet(header, (clock_hz, rate), samples),
        }
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
