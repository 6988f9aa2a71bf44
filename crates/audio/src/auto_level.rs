//! Automatic level: a soft talker and a loud one end at the same loudness.
//!
//! Slow, and only while someone speaks: silence and steady noise leave the gain where it is, so
//! nothing pumps. Not a limiter, though it never drives a frame's peak into clipping.
//!
//! # Assumptions
//! - Speech is what stands 9 dB above a floor that falls at once and rises by 2 dB a second; above
//!   -50 dBov in any case, so that an echo of our own prompts is none.

use simd::Swell;

use crate::Measure;

/// The gain of one talker, on its way to [`TARGET_DBOV`].
///
/// After 2 s of talk a voice between -37 and -8 dBov is within 3 dB of it. Real-time safe: no heap,
/// O(n).
#[derive(Clone, Debug)]
pub struct AutoLevel {
    rate_hz: f32,
    /// The quietest the talker has been, rising slowly.
    floor_dbov: f32,
    /// The talker's mean power while speaking, against full scale squared, and over how long.
    power: f32,
    heard_s: f32,
    gain_db: f32,
    /// The same as a factor, if no peak forbids it.
    wanted: f32,
    /// The factor at the end of the last frame.
    factor: f32,
}

impl AutoLevel {
    /// A talker not yet heard, at `rate_hz` samples a second.
    pub const fn new(rate_hz: u32) -> Self {
        Self {
            rate_hz: rate_hz as f32,
            floor_dbov: f32::INFINITY,
            power: 0.0,
            heard_s: 0.0,
            gain_db: 0.0,
            wanted: 1.0,
            factor: 1.0,
        }
    }

    /// Goes on with frames of another rate.
    pub const fn retune(&mut self, rate_hz: u32) {
        self.rate_hz = rate_hz as f32;
    }

    /// The gain in force, in decibels; 0 leaves the talker as it is.
    pub const fn gain_db(&self) -> f32 {
        self.gain_db
    }

    /// Hears the talker's next frame, of any length, as it measures, and levels it.
    pub fn frame(&mut self, frame: &mut [i16], measure: &Measure) {
        if frame.is_empty() {
            return;
        }
        let seconds = frame.len() as f32 / self.rate_hz;
        let power = measure.power();
        let level_dbov = 10.0 * power.max(1e-12).log10();
        // Less is a gap in the stream, or a muted key: it says nothing of the room she is in.
        if level_dbov >= DIGITAL_SILENCE_DBOV {
            self.floor_dbov = level_dbov.min(self.floor_dbov + FLOOR_RISE_DB_PER_S * seconds);
            if level_dbov > (self.floor_dbov + ABOVE_FLOOR_DB).max(LEAST_SPEECH_DBOV) {
                self.learn(power, seconds);
            }
        }
        self.apply(frame, measure.peak());
    }

    fn learn(&mut self, power: f32, seconds: f32) {
        self.heard_s = (self.heard_s + seconds).min(MEMORY_S);
        self.power += (power - self.power) * (seconds / self.heard_s);
        let level_dbov = 10.0 * self.power.max(1e-12).log10();
        let lowest = (TARGET_DBOV - level_dbov).clamp(-MOST_CUT_DB, MOST_BOOST_DB);
        // What is not speech is not to be lifted into it.
        let wanted = lowest.min((LOUDEST_FLOOR_DBOV - self.floor_dbov).max(0.0));
        let (down, up) = (CUT_DB_PER_S * seconds, BOOST_DB_PER_S * seconds);
        self.gain_db += (wanted - self.gain_db).clamp(-down, up);
        self.wanted = 10_f32.powf(self.gain_db / 20.0);
    }

    /// Moves the gain over the frame, and down to what its peak bears within 2 ms.
    fn apply(&mut self, frame: &mut [i16], peak: u16) {
        // A peak that was too loud already is the mix's limiter's business.
        let bearable = (LARGEST_PEAK / f32::from(peak.max(1))).max(1.0);
        let target = self.wanted.min(bearable);
        if target == 1.0 && self.factor == 1.0 {
            return;
        }
        let ramp = if target < self.factor { self.rate_hz * ATTACK_S } else { frame.len() as f32 };
        let step = (target - self.factor) / ramp;
        simd::amplify(frame, Swell { from: self.factor, step, ramp });
        self.factor = target;
    }
}

/// Where every talker ends: the usual level of a telephone call's speech.
pub const TARGET_DBOV: f32 = -22.0;
const MOST_BOOST_DB: f32 = 18.0;
const MOST_CUT_DB: f32 = 18.0;
const BOOST_DB_PER_S: f32 = 16.0;
const CUT_DB_PER_S: f32 = 40.0;
/// How long a talker's past counts.
const MEMORY_S: f32 = 3.0;
const FLOOR_RISE_DB_PER_S: f32 = 2.0;
const ABOVE_FLOOR_DB: f32 = 9.0;
const DIGITAL_SILENCE_DBOV: f32 = -75.0;
const LEAST_SPEECH_DBOV: f32 = -50.0;
const LOUDEST_FLOOR_DBOV: f32 = -38.0;
/// -1 dBFS.
const LARGEST_PEAK: f32 = 29_204.0;
const ATTACK_S: f32 = 0.002;
