//! What the tests hear: the hotline's own recordings, and sounds made by rule.

use std::f64::consts::TAU;
use std::path::{Path, PathBuf};

use audio::tone::{Sine, dtmf_pair_hz};
use model::{Chance, Digit, SampleRate};

pub(crate) const KEYS: &str = "0123456789*#ABCD";

/// The level of a sine of full scale (ITU-T G.711).
pub(crate) const OVERLOAD_DBM0: f64 = 3.17;

/// Every recording of a folder of `prompts`, at `rate_hz`.
pub(crate) fn recordings(folder: &str, rate_hz: u32) -> Vec<Vec<i16>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts").join(folder);
    let listed = std::fs::read_dir(root).expect("the prompts are part of the repository");
    let mut paths: Vec<PathBuf> = listed.map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "wav"));
    paths.sort();
    let load = |path: &PathBuf| {
        let bytes = std::fs::read(path).expect("a readable recording");
        audio::wav::load(&bytes, rate_hz).expect("a WAV file")
    };
    paths.iter().map(load).collect()
}

/// A press of a key.
#[derive(Clone, Copy)]
pub(crate) struct Press {
    pub(crate) key: char,
    pub(crate) tone_ms: usize,
    pub(crate) pause_ms: usize,
    pub(crate) low_dbfs: f64,
    pub(crate) high_dbfs: f64,
    /// How far the two frequencies are off, as a share of them.
    pub(crate) low_off: f64,
    pub(crate) high_off: f64,
}

impl Press {
    pub(crate) const fn of(key: char) -> Self {
        Self {
            key,
            tone_ms: 40,
            pause_ms: 40,
            low_dbfs: -15.0,
            high_dbfs: -15.0,
            low_off: 0.0,
            high_off: 0.0,
        }
    }

    pub(crate) fn at(self, low_dbm0: f64, high_dbm0: f64) -> Self {
        Self { low_dbfs: low_dbm0 - OVERLOAD_DBM0, high_dbfs: high_dbm0 - OVERLOAD_DBM0, ..self }
    }

    /// Appends the pause before it and its tone.
    pub(crate) fn sound(self, rate_hz: u32, samples: &mut Vec<i16>) {
        let per_ms = rate_hz as usize / 1000;
        samples.resize(samples.len() + self.pause_ms * per_ms, 0);
        let digit = Digit::from_char(self.key).expect("a key");
        let (low_hz, high_hz) = dtmf_pair_hz(digit);
        let mut low = vec![0; self.tone_ms * per_ms];
        let mut high = low.clone();
        Sine::new(low_hz * (1.0 + self.low_off), self.low_dbfs, rate_hz).fill(&mut low);
        Sine::new(high_hz * (1.0 + self.high_off), self.high_dbfs, rate_hz).fill(&mut high);
        samples.extend(low.iter().zip(&high).map(|(&low, &high)| low.saturating_add(high)));
    }
}

/// White noise of an RMS level.
pub(crate) fn add_noise(samples: &mut [i16], rms_dbfs: f64, chance: &mut Chance) {
    // The sum of four even distributions of ±1/2 each has a mean square of 1/3.
    let scale = 32_767.0 * 10_f64.powf(rms_dbfs / 20.0) * 3_f64.sqrt();
    for sample in samples {
        let random = chance.next_u64();
        let even = |part: u32| f64::from((random >> (16 * part)) as u16) / 65_536.0 - 0.5;
        let even: f64 = (0..4).map(even).sum();
        *sample = (f64::from(*sample) + scale * even).clamp(-32_768.0, 32_767.0) as i16;
    }
}

/// `seconds` of notes of an instrument: chords of three with few or many harmonics, all tempered.
pub(crate) fn music(seconds: usize, harmonics: u32, rate_hz: u32, chance: &mut Chance) -> Vec<i16> {
    let mut samples = vec![0_f64; seconds * rate_hz as usize];
    let note = rate_hz as usize / 4;
    for part in samples.chunks_mut(note) {
        for _ in 0..3 {
            let hz = 110.0 * 2_f64.powf(chance.below(48) as f64 / 12.0);
            let loud = 1_500.0 + chance.below(2_500) as f64;
            for at in 1..=harmonics {
                let hz = hz * f64::from(at);
                if hz * 2.0 > f64::from(rate_hz) {
                    break;
                }
                add_note(part, hz, loud / f64::from(at), rate_hz);
            }
        }
    }
    samples.iter().map(|sample| sample.clamp(-32_767.0, 32_767.0) as i16).collect()
}

fn add_note(part: &mut [f64], hz: f64, loud: f64, rate_hz: u32) {
    let step = TAU * hz / f64::from(rate_hz);
    let length = part.len() as f64;
    for (at, sample) in part.iter_mut().enumerate() {
        let at = at as f64;
        let shape = (at / 80.0).min(1.0) * (1.0 - at / length);
        *sample += loud * shape * (at * step).sin();
    }
}

/// As through a line: at another level, pitch and G.711.
pub(crate) fn varied(samples: &[i16], pitch: f64, gain: f64) -> Vec<i16> {
    let length = (samples.len() as f64 / pitch) as usize;
    let mut out: Vec<i16> = (0..length)
        .map(|at| {
            let at = at as f64 * pitch;
            let (base, rest) = (at as usize, at.fract());
            let (a, b) =
                (f64::from(samples[base]), f64::from(samples[(base + 1).min(samples.len() - 1)]));
            ((a + (b - a) * rest) * gain).clamp(-32_768.0, 32_767.0) as i16
        })
        .collect();
    through_g711(&mut out);
    out
}

pub(crate) fn through_g711(samples: &mut [i16]) {
    use audio::g711::{Law, decode, encode};
    let mut codes = vec![0; samples.len()];
    encode(Law::Mu, samples, &mut codes);
    decode(Law::Mu, &codes, samples);
}

/// What is heard behind a voice.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Noise {
    /// Hiss.
    White,
    /// A street, a fan: as much in every octave.
    Pink,
    /// The mains and its harmonics.
    Hum,
    /// A room of talkers.
    Babble,
}

/// Noise as long as `speech` and so much weaker than its active parts.
pub(crate) fn noise(kind: Noise, speech: &[i16], snr_db: f64, rate: SampleRate) -> Vec<i16> {
    let mut chance = Chance::from_number(8);
    let mut made = vec![0; speech.len()];
    match kind {
        Noise::White => add_noise(&mut made, -20.0, &mut chance),
        Noise::Pink => {
            add_noise(&mut made, -10.0, &mut chance);
            make_pink(&mut made, rate.hz());
        }
        Noise::Hum => add_hum(&mut made, rate.hz()),
        Noise::Babble => add_babble(&mut made, rate.hz()),
    }
    let gain_db = active_level(speech, rate.hz()) - snr_db - active_level(&made, rate.hz());
    let gain = 10_f64.powf(gain_db / 20.0);
    made.iter().map(|&sample| (f64::from(sample) * gain).round() as i16).collect()
}

/// 3 dB less with each octave, by eight one-pole filters an octave apart.
fn make_pink(samples: &mut [i16], rate_hz: u32) {
    let mut poles = [0_f64; 8];
    for sample in samples {
        let white = f64::from(*sample);
        let mut sum = 0.0;
        for (octave, pole) in (0..).zip(&mut poles) {
            let corner_hz = 20.0 * 2_f64.powi(octave);
            let weight = 1.0 - (-TAU * corner_hz / f64::from(rate_hz)).exp();
            *pole += (white - *pole) * weight;
            sum += *pole * 2_f64.powf(-f64::from(octave) / 2.0);
        }
        *sample = sum.clamp(-32_767.0, 32_767.0) as i16;
    }
}

fn add_hum(samples: &mut [i16], rate_hz: u32) {
    for harmonic in 1..=8 {
        let mut sine = vec![0; samples.len()];
        let level_dbfs = -20.0 - 3.0 * f64::from(harmonic);
        Sine::new(50.0 * f64::from(harmonic), level_dbfs, rate_hz).fill(&mut sine);
        samples.iter_mut().zip(&sine).for_each(|(sum, &sample)| *sum += sample);
    }
}

fn add_babble(samples: &mut [i16], rate_hz: u32) {
    let talk = recordings("es", rate_hz).concat();
    for talker in 0..8 {
        let start = talk.len() / 8 * talker;
        let talk = talk.iter().cycle().skip(start);
        samples.iter_mut().zip(talk).for_each(|(sum, &sample)| *sum += sample / 8);
    }
}

/// The level of the frames within 16 dB of the loudest: what ITU-T P.56 calls active, roughly.
pub(crate) fn active_level(samples: &[i16], rate_hz: u32) -> f64 {
    let power = |frame: &[i16]| {
        frame.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>() / frame.len() as f64
    };
    let mut powers: Vec<f64> = samples.chunks(rate_hz as usize / 50).map(power).collect();
    powers.sort_by(f64::total_cmp);
    let loud = powers[powers.len() * 95 / 100];
    powers.retain(|&power| power > loud / 40.0);
    10.0 * (powers.iter().sum::<f64>() / powers.len() as f64 / 32_767_f64.powi(2)).log10()
}
