//! Suppression of noise behind a voice: fans, streets, hum and hiss.
//!
//! RNNoise (J.-M. Valin, "A Hybrid DSP/Deep Learning Approach to Real-Time Full-Band Speech
//! Enhancement", 2018) by the package `nnnoiseless`: a small recurrent network decides every 10 ms
//! how much of each of 22 bands is voice. It knows 48 kHz only, so that other rates go up and down
//! again by our own [`Resampler`].
//!
//! Not a gate, and not a judge of what matters: what is no voice goes, and a voice behind the voice
//! stays, wholly or in shreds. Of a voice 20 dB above its noise it spoils about as much as it takes
//! away; the more noise, the more is won. Hiss as loud as a voice is known for noise only once there
//! was a voice.
//!
//! # Assumptions
//! - Packets are whole multiples of 10 ms. The first that is not costs up to 10 ms more delay, for
//!   good, and a gap as long; no codec of ours has such packets unless a peer wants them.

use std::collections::VecDeque;
use std::time::Duration;

use model::SampleRate;
use nnnoiseless::DenoiseState;

use crate::{Concealment, Resampler};

/// The suppression of one stream's noise.
///
/// What comes out is [`NoiseSuppressor::delay`] late: 10 ms at 48 kHz, 12 ms at 16 and 14 ms at 8.
/// O(n): at 8 kHz 710 000 instructions each 10 ms (callgrind, release), 590 000 of them in the
/// package, about 1 % of a core.
/// After [`NoiseSuppressor::new`], which takes 55 kB, no heap, in threads that were prepared, which
/// takes 23 kB each.
pub struct NoiseSuppressor {
    denoiser: Box<DenoiseState<'static>>,
    rate: SampleRate,
    narrow: Ways,
    wide: Ways,
    /// For what is lost of the stream: it goes on for the network's memory and for the frames that
    /// overlap.
    concealment: Concealment,
    /// What is not a whole frame of the network's yet.
    gathered: Vec<f32>,
    /// What was made of frames and is not taken yet.
    cleaned: VecDeque<i16>,
}

/// From a rate to the network's and back.
struct Ways {
    up: Resampler,
    down: Resampler,
}

impl NoiseSuppressor {
    /// For a stream of `rate` that begins in silence. Allocates.
    pub fn new(rate: SampleRate) -> Self {
        Self {
            denoiser: DenoiseState::new(),
            rate,
            narrow: Ways::new(SampleRate::Narrow),
            wide: Ways::new(SampleRate::Wide),
            concealment: Concealment::new(rate.hz()),
            gathered: Vec::with_capacity(FRAME),
            cleaned: VecDeque::with_capacity(2 * FRAME),
        }
    }

    /// Has this thread make the tables of the transforms, which the package keeps for each thread:
    /// the first frame in a thread that was not prepared allocates.
    pub fn prepare_thread() {
        DenoiseState::new().process_frame(&mut [0.0; FRAME], &[0.0; FRAME]);
    }

    /// Goes on with samples of another rate.
    pub fn retune(&mut self, rate: SampleRate) {
        if rate != self.rate {
            self.rate = rate;
            self.concealment.retune(rate.hz());
            if let Some(Ways { up, down }) = self.ways() {
                up.reset();
                down.reset();
            }
        }
    }

    /// How late what comes out is.
    pub fn delay(&self) -> Duration {
        let ways = match self.rate {
            SampleRate::Narrow => Some(&self.narrow),
            SampleRate::Wide => Some(&self.wide),
            SampleRate::Full => None,
        };
        OVERLAP + ways.map_or(Duration::ZERO, |Ways { up, down }| up.delay() + down.delay())
    }

    /// Takes the noise out of the stream's next samples, of any number, full scale ±32 767.
    pub fn process(&mut self, samples: &mut [i16]) {
        self.concealment.good(samples);
        self.clean(samples);
    }

    /// That many samples are missing before the next ones: the stream goes on as concealed, and into
    /// silence where that takes long.
    pub fn lost(&mut self, samples: usize) {
        let mut left = samples.min(MOST_CONCEALED_PARTS * self.part());
        let mut concealed = [0; FRAME];
        while left > 0 {
            let part = &mut concealed[..left.min(self.part())];
            left -= part.len();
            self.concealment.lost(part);
            self.clean(part);
        }
    }

    fn clean(&mut self, samples: &mut [i16]) {
        for part in samples.chunks_mut(self.part()) {
            self.clean_part(part);
        }
    }

    /// At most a frame of the network's.
    fn clean_part(&mut self, part: &mut [i16]) {
        let mut full = [0; FRAME];
        let length = match self.ways() {
            Some(ways) => ways.up.process(part, &mut full),
            None => {
                full[..part.len()].copy_from_slice(part);
                part.len()
            }
        };
        let full = &mut full[..length];
        self.gather(full);
        self.take(full);
        match self.ways() {
            Some(ways) => _ = ways.down.process(full, part),
            None => part.copy_from_slice(full),
        }
    }

    fn gather(&mut self, samples: &[i16]) {
        for &sample in samples {
            self.gathered.push(sample.into());
            if self.gathered.len() == FRAME {
                let mut cleaned = [0.0; FRAME];
                self.denoiser.process_frame(&mut cleaned, &self.gathered);
                // A float cast saturates.
                self.cleaned.extend(cleaned.map(|sample| sample.round() as i16));
                self.gathered.clear();
            }
        }
    }

    /// As many as came in; what is not there yet is silent, and late from then on.
    fn take(&mut self, samples: &mut [i16]) {
        let missing = samples.len().saturating_sub(self.cleaned.len());
        let (gap, rest) = samples.split_at_mut(missing);
        gap.fill(0);
        let taken = self.cleaned.drain(..rest.len());
        for (sample, cleaned) in rest.iter_mut().zip(taken) {
            *sample = cleaned;
        }
    }

    /// None at the network's own rate.
    const fn ways(&mut self) -> Option<&mut Ways> {
        match self.rate {
            SampleRate::Narrow => Some(&mut self.narrow),
            SampleRate::Wide => Some(&mut self.wide),
            SampleRate::Full => None,
        }
    }

    /// 10 ms.
    const fn part(&self) -> usize {
        self.rate.frame() / 2
    }
}

impl Ways {
    fn new(rate: SampleRate) -> Self {
        let up = Resampler::new(rate, SampleRate::Full);
        Self { up, down: Resampler::new(SampleRate::Full, rate) }
    }
}

/// Hides what is said.
impl std::fmt::Debug for NoiseSuppressor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NoiseSuppressor(..)")
    }
}

/// 10 ms of the network's rate.
const FRAME: usize = DenoiseState::FRAME_SIZE;
/// Each frame is heard with half of the one before and half of the next.
const OVERLAP: Duration = Duration::from_millis(10);
/// After 60 ms concealment is silent; the frame after that leaves nothing of it in the overlap.
const MOST_CONCEALED_PARTS: usize = 7;
const _: () = assert!(FRAME == SampleRate::Full.frame() / 2);
