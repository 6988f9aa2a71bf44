//! Hears digits pressed as sound (ITU-T Q.23), as their receiver is described by Q.24.
//!
//! Each block of 10 ms is correlated with the eight tones. Two blocks with the same pair of tones
//! make a *look*: the turn of phase between them gives each tone's frequency within 1 Hz, and the
//! share of the sound's power that lies in the pair tells a key from a voice. Two looks in a row,
//! 30 ms of tone, are a digit. Not for telephone-events, which `rtp` hears, and not for other
//! signals.
//!
//! # Assumptions
//! - Q.24 leaves the numbers to each country; these take in all of its table: each tone from
//!   -40 dBFS, the high one from 10 dB below to 6 dB above the low one, ±1.8 % of frequency, at
//!   least 40 ms of tone and of pause; refused are tones of 3 % off and gaps of up to 10 ms.
//! - Of a rate above 8 kHz every second, third or sixth sample is heard, without a filter: what
//!   then folds down counts as what it is, sound beside the pair.
//! - Digits spoken over are not heard: what is not in the pair must be 9 dB below it.

mod look;
mod tables;

use model::Digit;

use look::Block;
use tables::BLOCK;

/// The keys of one party.
///
/// Feed it everything the party sends, in order, with [`Detector::lost`] in place of what did not
/// arrive. Real-time safe: no heap; O(n), two operations a sample at 8 kHz of what may be a key, half
/// of one of anything else, where the processor has AVX2.
#[derive(Clone)]
#[repr(C)]
pub struct Detector {
    // What whole blocks at 8 kHz that are no key touch comes first: a third of a cache line.
    lost_samples: u32,
    /// Samples of the block being gathered.
    gathered: u8,
    /// One of how many samples is heard, and how many to pass over until the next one.
    stride: u8,
    passed_over: u8,
    is_sounding: bool,
    /// What the last look saw.
    suspected: Option<Digit>,
    pressed: Option<Digit>,
    /// Blocks since the pressed key was last heard.
    missing: u8,
    before: Option<Block>,
    /// The block being gathered.
    samples: [i16; BLOCK],
}

impl Detector {
    /// A party not yet heard, at `rate_hz` samples a second: a multiple of 8000.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            samples: [0; BLOCK],
            gathered: 0,
            stride: stride(rate_hz),
            passed_over: 0,
            before: None,
            suspected: None,
            pressed: None,
            missing: 0,
            lost_samples: 0,
            is_sounding: false,
        }
    }

    /// Goes on with sound of another rate.
    pub fn retune(&mut self, rate_hz: u32) {
        (self.stride, self.passed_over) = (stride(rate_hz), 0);
    }

    /// Hears a frame of at most 20 ms; `Some` with the one in which a key is known to be pressed,
    /// once for each press.
    pub fn frame(&mut self, frame: &[i16]) -> Option<Digit> {
        self.lost_samples = 0;
        self.is_sounding = self.pressed.is_some();
        let mut digit = None;
        let mut at = usize::from(self.passed_over);
        while at < frame.len() {
            at += self.gather(&frame[at..], &mut digit);
        }
        self.passed_over = (at - frame.len()) as u8; // less than a stride
        digit
    }

    /// Passes over samples that did not arrive: up to 60 ms in a row a key stays as it was, pressed
    /// or not.
    pub fn lost(&mut self, samples: usize) {
        self.gathered = 0;
        self.before = None;
        self.lost_samples =
            self.lost_samples.saturating_add(samples.try_into().unwrap_or(u32::MAX));
        if self.lost_samples as usize > LONGEST_LOSS_BLOCKS * BLOCK * usize::from(self.stride) {
            self.release();
        }
    }

    /// Whether the last frame held anything like a key: from the first whole block of tone on until
    /// 20 ms after its end. Such a frame is not for other ears; what they hear of a key is the part
    /// of a block before its first whole one, less than 10 ms.
    pub const fn is_sounding(&self) -> bool {
        self.is_sounding
    }

    /// Hears as much of `frame` as belongs to one block, and the block if it is whole; returns how
    /// far that goes.
    fn gather(&mut self, frame: &[i16], digit: &mut Option<Digit>) -> usize {
        if self.stride == 1
            && self.gathered == 0
            && let Some(block) = frame.first_chunk()
        {
            *digit = self.block(block).or(*digit);
            return BLOCK;
        }
        let stride = usize::from(self.stride);
        let heard = frame.iter().step_by(stride);
        let gathered = self.samples[usize::from(self.gathered)..].iter_mut().zip(heard);
        let count = gathered.map(|(place, &sample)| *place = sample).count();
        self.gathered += count as u8; // at most a block
        if usize::from(self.gathered) == BLOCK {
            self.gathered = 0;
            let block = self.samples;
            *digit = self.block(&block).or(*digit);
        }
        count * stride
    }

    fn block(&mut self, samples: &[i16; BLOCK]) -> Option<Digit> {
        let may_be_key = look::may_be_key(samples);
        if !may_be_key && self.is_idle() {
            return None; // as nearly all blocks of a call
        }
        let now = may_be_key.then(|| Block::hear(samples));
        self.is_sounding |= now.as_ref().is_some_and(Block::is_suspect);
        let before = std::mem::replace(&mut self.before, now);
        let seen = match (&before, &self.before) {
            (Some(before), Some(now)) => now.look(before),
            _ => None,
        };
        let suspected = std::mem::replace(&mut self.suspected, seen);
        if self.is_held() {
            self.missing = 0;
            return None;
        }
        self.missing = self.missing.saturating_add(1);
        if self.missing >= RELEASED_BLOCKS {
            self.pressed = None;
        }
        // A look at a held key again, after a gap too short to be a release.
        let digit = seen.filter(|_| seen == suspected && seen != self.pressed)?;
        (self.pressed, self.missing, self.is_sounding) = (Some(digit), 0, true);
        Some(digit)
    }

    /// Whether neither the last block nor the last look was of a key, and none is pressed.
    const fn is_idle(&self) -> bool {
        self.before.is_none() && self.suspected.is_none() && self.pressed.is_none()
    }

    /// Whether the newest block still holds the pressed key, however disturbed.
    fn is_held(&self) -> bool {
        let Some(pressed) = self.pressed else { return false };
        self.before.as_ref().is_some_and(|block| block.holds(pressed))
    }

    const fn release(&mut self) {
        (self.suspected, self.pressed) = (None, None);
    }
}

const fn stride(rate_hz: u32) -> u8 {
    match rate_hz / 8000 {
        0 => 1,
        stride if stride < 256 => stride as u8,
        _ => u8::MAX,
    }
}

const _: () = assert!(BLOCK < 256);

/// Hides what is heard.
impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Detector(<redacted>)")
    }
}

/// 20 ms of pause: two whole blocks lie in any pause of 30 ms, and none in a gap of 10.
const RELEASED_BLOCKS: u8 = 2;
const LONGEST_LOSS_BLOCKS: usize = 6;
