//! Who heard whom, measured from the audio itself: how much of what one party spoke is in what
//! another heard.
//!
//! Both signals are whitened, so that two voices with the same pitch or formants do not look
//! alike, and compared in parts whose delays may drift, so that a jitter buffer's small steps in
//! time cost little.

use super::fft::{Complex, samples, spectrum};

/// Where speech was found, and how sure that is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Match {
    /// The share of it that was heard.
    pub share: f32,
    /// The index of its first sample, to within the drift of a jitter buffer.
    pub start: usize,
}

/// The share of the speech `spoken` in `heard`, where it should begin `around` that index, up to
/// `slack` samples earlier or later: 1.0 when heard alone, above 0.3 when mixed with another voice,
/// below 0.1 when absent. Silence on either side is 0. Not for tones: those look like themselves at
/// every delay.
pub fn similarity(heard: &[i16], spoken: &[i16], around: usize, slack: usize) -> f32 {
    locate(heard, spoken, around, slack).share
}

/// The same, with the place where it fits best.
pub fn locate(heard: &[i16], spoken: &[i16], around: usize, slack: usize) -> Match {
    let parts = (spoken.len() / PART).max(1);
    let length = (spoken.len() / parts).max(1);
    let mut total = 0.0;
    // At index `delay`: the best sum over the parts so far, if the last one had that delay.
    let mut sums = vec![0.0; 2 * slack + 1];
    for (index, part) in spoken.chunks_exact(length).take(parts).enumerate() {
        let pattern = emphasise(part);
        let weight = energy(&pattern);
        if weight > FLOOR * FLOOR * length as f64 {
            let stretch = stretch(heard, around + index * length, length, slack);
            let matches = matches(&emphasise(&stretch), &pattern);
            sums = extended(&sums, &matches, weight);
            total += weight;
        }
    }
    let best = sums.into_iter().enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other));
    match best {
        Some((delay, sum)) if total > 0.0 => {
            Match { share: (sum / total) as f32, start: (around + delay).saturating_sub(slack) }
        }
        _ => Match::default(),
    }
}

/// What was heard from `slack` before `start` to `slack` after its end; silence where nothing was.
fn stretch(heard: &[i16], start: usize, length: usize, slack: usize) -> Vec<i16> {
    let at = |index: usize| index.checked_sub(slack).and_then(|i| heard.get(i)).copied();
    (start..start + length + 2 * slack).map(|index| at(index).unwrap_or(0)).collect()
}

/// The sums with one more part, whose delay lies near that of the part before.
fn extended(sums: &[f64], matches: &[f64], weight: f64) -> Vec<f64> {
    let near = |delay: usize| {
        let around = &sums[delay.saturating_sub(DRIFT)..sums.len().min(delay + DRIFT + 1)];
        around.iter().copied().fold(0.0, f64::max)
    };
    matches.iter().enumerate().map(|(delay, alike)| near(delay) + weight * alike).collect()
}

/// The normalised correlation of `pattern` with every stretch of `signal` of its length.
fn matches(signal: &[f64], pattern: &[f64]) -> Vec<f64> {
    let size = (signal.len() + pattern.len()).next_power_of_two();
    let (mut signal_spectrum, mut pattern_spectrum) =
        (spectrum(signal, size), spectrum(pattern, size));
    whiten(&mut signal_spectrum, &mut pattern_spectrum);
    let product: Vec<Complex> =
        signal_spectrum.iter().zip(&pattern_spectrum).map(|(s, p)| *s * p.conjugate()).collect();
    let (own, other) =
        (energy(&samples(&pattern_spectrum)), running_energy(&samples(&signal_spectrum)));
    let lags = samples(&product).into_iter().take(signal.len() + 1 - pattern.len()).enumerate();
    lags.map(|(lag, product)| {
        let stretch = other[lag + pattern.len()] - other[lag];
        product / (own * stretch.max(own * QUIETEST)).sqrt().max(f64::MIN_POSITIVE)
    })
    .collect()
}

/// Lifts the high frequencies of speech, which falls by some 12 dB per octave: two differences.
fn emphasise(samples: &[i16]) -> Vec<f64> {
    let (mut first, mut second) = (0.0, 0.0);
    let difference = |&sample: &i16| {
        let sample = f64::from(sample);
        let once = sample - EMPHASIS * first;
        let twice = once - EMPHASIS * second;
        (first, second) = (sample, once);
        twice
    };
    samples.iter().map(difference).collect()
}

/// Gives both the filter that flattens the peaks of the pattern's spectrum. Its valleys stay: there
/// the codec's own noise would become loud.
fn whiten(signal: &mut [Complex], pattern: &mut [Complex]) {
    let mean = pattern.iter().map(|p| p.magnitude()).sum::<f64>() / pattern.len() as f64;
    for (s, p) in signal.iter_mut().zip(pattern) {
        let gain = 1.0 / (p.magnitude() + VALLEY * mean).max(f64::MIN_POSITIVE);
        (*s, *p) = (s.scaled(gain), p.scaled(gain));
    }
}

fn energy(samples: &[f64]) -> f64 {
    samples.iter().map(|sample| sample * sample).sum()
}

/// At index `n`, the energy of the first `n` samples.
fn running_energy(samples: &[f64]) -> Vec<f64> {
    let sums = samples.iter().scan(0.0, |sum, sample| {
        *sum += sample * sample;
        Some(*sum)
    });
    std::iter::once(0.0).chain(sums).collect()
}

/// Samples compared at once: long enough that strangers stay unlike, short enough that few parts
/// hold a step in time.
const PART: usize = 4_000;
/// How far the delay may move from one part to the next, in samples.
const DRIFT: usize = 160;
/// How much of the former sample each difference takes away.
const EMPHASIS: f64 = 0.9;
/// Frequencies weaker than this many times the mean are left as they are.
const VALLEY: f64 = 5.0;
/// Speech below this RMS, emphasised, is silence.
const FLOOR: f64 = 8.0;
/// What is heard this much weaker than it was spoken, in energy (-40 dB), is not heard: a quiet
/// line's own noise must not count as a voice.
const QUIETEST: f64 = 1e-4;

#[cfg(test)]
mod tests {
    use audio::g711::{self, Law};
    use model::Chance;

    use super::*;

    /// A voice: pulses at a wandering pitch and some breath, through two wandering formants.
    fn voice(seed: u64, pitch_hz: f64, seconds: usize) -> Vec<i16> {
        let mut chance = Chance::from_number(seed);
        let mut noise = move || chance.below(2_001) as f64 / 1_000.0 - 1.0;
        let (mut phase, mut formants) = (0.0, [[0.0_f64; 2]; 2]);
        let mut syllable = [0.0; 4];
        let sample = |n: usize| {
            if n.is_multiple_of(1_600) {
                syllable = std::array::from_fn(|_| noise());
            }
            phase += pitch_hz * (1.0 + 0.2 * syllable[0]) / 8_000.0;
            let pulse = if phase >= 1.0 { 4_000.0 } else { 120.0 * noise() };
            phase %= 1.0;
            let centres = [500.0 + 250.0 * syllable[1], 1_600.0 + 600.0 * syllable[2]];
            let voiced: f64 = formants
                .iter_mut()
                .zip(centres)
                .map(|(state, centre)| resonate(state, centre, pulse))
                .sum();
            (voiced * (0.6 + 0.4 * syllable[3])).clamp(-30_000.0, 30_000.0) as i16
        };
        (0..seconds * 8_000).map(sample).collect()
    }

    fn resonate(state: &mut [f64; 2], centre_hz: f64, input: f64) -> f64 {
        let (radius, angle) = (0.95_f64, std::f64::consts::TAU * centre_hz / 8_000.0);
        let output = input + 2.0 * radius * angle.cos() * state[0] - radius * radius * state[1];
        *state = [output, state[0]];
        output
    }

    fn through_g711(samples: &[i16], law: Law) -> Vec<i16> {
        let (mut codes, mut decoded) = (vec![0; samples.len()], vec![0; samples.len()]);
        g711::encode(law, samples, &mut codes);
        g711::decode(law, &codes, &mut decoded);
        decoded
    }

    fn mixed(one: &[i16], other: &[i16]) -> Vec<i16> {
        one.iter().zip(other).map(|(&a, &b)| a.saturating_add(b)).collect()
    }

    fn delayed(samples: &[i16], by: usize) -> Vec<i16> {
        [vec![0; by], samples.to_vec()].concat()
    }

    #[test]
    fn a_voice_heard_alone_is_recognised_through_either_law() {
        let spoken = voice(1, 120.0, 3);
        for law in [Law::Mu, Law::A] {
            let heard = delayed(&through_g711(&spoken, law), 5_300);
            let score = similarity(&heard, &spoken, 5_000, 800);
            assert!(score > 0.9, "{law:?} {score}");
            let start = locate(&heard, &spoken, 5_000, 800).start;
            assert_eq!(start, 5_300, "{law:?}");
        }
    }

    #[test]
    fn a_voice_mixed_with_another_is_still_found() {
        let [one, other] = [voice(1, 120.0, 3), voice(2, 210.0, 3)];
        let heard = delayed(&through_g711(&mixed(&one, &other), Law::Mu), 300);
        for spoken in [one, other] {
            let score = similarity(&heard, &spoken, 0, 800);
            assert!((0.3..0.95).contains(&score), "{score}");
        }
    }

    #[test]
    fn an_absent_voice_is_not_found_in_other_voices() {
        for pitch in [95.0, 120.0, 121.0, 210.0] {
            let [absent, other] = [voice(1, 120.0, 3), voice(7, pitch, 4)];
            let score = similarity(&through_g711(&other, Law::A), &absent, 2_000, 1_600);
            assert!(score < 0.1, "{pitch} Hz: {score}");
        }
    }

    #[test]
    fn a_step_in_time_in_the_middle_costs_little() {
        let spoken = voice(3, 150.0, 3);
        let stepped = [&spoken[..9_000], &[0; 160], &spoken[9_000..]].concat();
        assert!(similarity(&stepped, &spoken, 0, 400) > 0.8);
    }

    #[test]
    fn silence_and_a_quiet_line_resemble_nothing() {
        let spoken = voice(1, 120.0, 2);
        let line = through_g711(&vec![3; 20_000], Law::A);
        for heard in [&[][..], &[0; 20_000], &line] {
            assert!(similarity(heard, &spoken, 100, 400) < 0.05);
            assert!(similarity(&spoken, heard, 100, 400) < 0.05);
        }
    }
}
