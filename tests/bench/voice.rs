//! What parties say, in G.711 µ-law: a murmur, silence, and bursts that a listener's packets can be
//! searched for to the sample.

use std::time::Duration;

use audio::g711::{self, Law};
use audio::tone::Sine;
use model::Chance;

use crate::load::Load;

/// Samples of a packet: 20 ms.
pub(crate) const SAMPLES: usize = 160;
/// One sample's time.
pub(crate) const SAMPLE: Duration = Duration::from_micros(125);
/// µ-law's payload type (RFC 3551 §6).
pub(crate) const PCMU: u8 = 0;

/// One packet's payload.
pub(crate) type Payload = [u8; SAMPLES];

/// Everything that is said, encoded beforehand.
pub(crate) struct Voice {
    murmur: Vec<Payload>,
    tones: Vec<Vec<Payload>>,
    silence: Payload,
}

impl Voice {
    pub(crate) fn new() -> Self {
        // Two tones that beat, so that the level changes as a voice's does, and never falls silent
        // for long.
        let mut tones = [Sine::new(310.0, MURMUR_DBFS, RATE), Sine::new(317.0, MURMUR_DBFS, RATE)];
        let murmur = (0..MURMUR_FRAMES).map(|_| encoded(&mut tones)).collect();
        let tones = TONES_HZ.iter().map(|&hz| {
            let mut tone = [Sine::new(hz, TONE_DBFS, RATE)];
            (0..MURMUR_FRAMES).map(|_| encoded(&mut tone)).collect()
        });
        Self { murmur, tones: tones.collect(), silence: encoded(&mut []) }
    }

    /// The `number`th frame of the steady tone of a room's `party`th party.
    pub(crate) fn tone(&self, party: usize, number: usize) -> &Payload {
        let tone = &self.tones[party % self.tones.len()];
        &tone[number % tone.len()]
    }

    /// The `count`th frame of a party of `load`, and where in it a burst begins, if one does.
    pub(crate) fn frame(
        &self,
        load: &Load,
        party: usize,
        count: usize,
        chance: &mut Chance,
    ) -> (Payload, Option<usize>) {
        let murmur = self.murmur[(count + party) % self.murmur.len()];
        if load.bursts(party) && count % BURST_EACH == party % BURST_EACH {
            let first = chance.below(LAST_ONSET) as usize;
            (burst(murmur, first), Some(first))
        } else if load.talks(party) {
            (murmur, None)
        } else {
            (self.silence, None)
        }
    }
}

/// A frame with a burst from its sample `first` on.
fn burst(mut frame: Payload, first: usize) -> Payload {
    let mut samples = [0; SAMPLES];
    for (at, sample) in samples.iter_mut().enumerate() {
        *sample = if (at / HALF_WAVE).is_multiple_of(2) { BURST } else { -BURST };
    }
    let mut loud = [0; SAMPLES];
    g711::encode(Law::Mu, &samples, &mut loud);
    frame[first..].copy_from_slice(&loud[first..]);
    frame
}

/// The first sample of a burst in what a listener receives.
pub(crate) fn onset(payload: &[u8]) -> Option<usize> {
    let mut samples = [0; SAMPLES];
    let samples = samples.get_mut(..payload.len())?;
    g711::decode(Law::Mu, payload, samples);
    samples.iter().position(|sample| sample.unsigned_abs() > BURST.unsigned_abs() / 2)
}

fn encoded(tones: &mut [Sine]) -> Payload {
    let mut sum = [0_i16; SAMPLES];
    for tone in tones {
        let mut samples = [0; SAMPLES];
        tone.fill(&mut samples);
        sum.iter_mut().zip(samples).for_each(|(total, sample)| *total += sample);
    }
    let mut payload = [0; SAMPLES];
    g711::encode(Law::Mu, &sum, &mut payload);
    payload
}

pub(crate) const RATE: u32 = 8_000;
/// Whole periods in a second, so that a second of each can be said again and again; what µ-law makes
/// of two of them is not at the third.
pub(crate) const TONES_HZ: [f64; 3] = [500.0, 870.0, 1_310.0];
pub(crate) const TONE_DBFS: f64 = -20.0;
/// Loud enough to count as speech, soft enough for two at once to stay far below a burst.
const MURMUR_DBFS: f64 = -32.0;
/// One second.
const MURMUR_FRAMES: usize = 50;
const BURST: i16 = 16_000;
/// Of 1 kHz.
const HALF_WAVE: usize = 4;
/// Packets between two bursts of one party: half a second.
const BURST_EACH: usize = 25;
/// A burst begins before this sample, so that enough of it is left to be found.
const LAST_ONSET: u64 = 120;
