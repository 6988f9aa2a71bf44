//! Noise goes, and the voice stays.

use audio::tone::{Sine, power_dbfs};
use audio::{NoiseSuppressor, level_dbov, peak};
use model::{Chance, SampleRate};

use crate::material::{Noise, active_level, noise, recordings};

const RATES: [SampleRate; 3] = [SampleRate::Narrow, SampleRate::Wide, SampleRate::Full];
const SECONDS: usize = 6;

/// A voice, the noise behind it, and what others hear of both.
struct Heard {
    rate: SampleRate,
    voice: Vec<i16>,
    noisy: Vec<i16>,
    cleaned: Vec<i16>,
}

impl Heard {
    fn new(rate: SampleRate, behind: Option<(Noise, f64)>) -> Self {
        let voice = voice(rate);
        let noisy = match behind {
            None => voice.clone(),
            Some((kind, snr_db)) => {
                let noise = noise(kind, &voice, snr_db, rate);
                let sum =
                    voice.iter().zip(&noise).map(|(&voice, &noise)| voice.saturating_add(noise));
                sum.collect()
            }
        };
        let cleaned = in_time(&mut NoiseSuppressor::new(rate), &noisy, rate);
        Self { rate, voice, noisy, cleaned }
    }

    /// By how much the noise falls where nobody speaks, after the first second.
    fn fall_db(&self) -> f64 {
        let frame = self.rate.frame();
        let energy =
            |samples: &[i16]| samples.iter().map(|&sample| f64::from(sample).powi(2)).sum::<f64>();
        let is_quiet = |at: usize| level_dbov(&self.voice[at * frame..][..frame]) < PAUSE_DBOV;
        let pauses = (50..SECONDS * 50 - 3).filter(|&at| (at - 2..at + 3).all(is_quiet));
        let of = |samples: &[i16]| {
            pauses.clone().map(|at| energy(&samples[at * frame..][..frame])).sum::<f64>()
        };
        10.0 * (of(&self.noisy) / of(&self.cleaned)).log10()
    }

    /// By how much the voice stands clearer against all that is not it.
    fn gain_db(&self) -> f64 {
        let start = self.rate.hz() as usize;
        let of = |samples: &[i16]| clearness_db(&self.voice[start..], &samples[start..]);
        of(&self.cleaned) - of(&self.noisy)
    }
}

#[test]
fn noise_between_words_falls_by_10_db_and_words_stand_clearer() {
    let behind = [
        (Noise::White, 10.0, 2.5),
        (Noise::White, 5.0, 4.0),
        (Noise::Pink, 10.0, 2.0),
        (Noise::Pink, 5.0, 4.0),
        (Noise::Hum, 10.0, 3.0),
        (Noise::Hum, 5.0, 4.0),
        (Noise::Babble, 10.0, 1.0),
    ];
    for rate in RATES {
        for (kind, snr_db, least_gain_db) in behind {
            let heard = Heard::new(rate, Some((kind, snr_db)));
            let (fall_db, gain_db) = (heard.fall_db(), heard.gain_db());
            let what = format!("{rate:?} {kind:?} at {snr_db} dB");
            assert!(fall_db > 10.0, "{what}: falls by {fall_db:.1} dB");
            assert!(gain_db > least_gain_db, "{what}: clearer by {gain_db:.1} dB");
        }
    }
}

#[test]
fn a_voice_without_noise_stays_as_it_is_and_as_loud_and_comes_as_late_as_is_said() {
    for rate in RATES {
        let heard = Heard::new(rate, None);
        // Clear to the sample: at another delay it would not be.
        let clear_db = clearness_db(&heard.voice, &heard.cleaned);
        assert!(clear_db > 16.0, "{rate:?}: {clear_db:.1} dB");
        let [before, after] =
            [&heard.voice, &heard.cleaned].map(|samples| active_level(samples, rate.hz()));
        assert!((after - before).abs() < 0.5, "{rate:?}: {before:.1} to {after:.1} dBov");
        let delay_ms = NoiseSuppressor::new(rate).delay().as_millis();
        assert_eq!(delay_ms, [14, 12, 10][RATES.iter().position(|&of| of == rate).expect("one")]);
    }
}

#[test]
fn tones_of_keys_and_exchanges_pass_as_they_are() {
    for rate in RATES {
        for pair in [[697.0, 1209.0], [941.0, 1633.0], [440.0, 480.0], [350.0, 440.0], [425.0, 0.0]]
        {
            let mut tones = vec![0; rate.hz() as usize];
            for hz in pair.into_iter().filter(|&hz| hz > 0.0) {
                let mut tone = vec![0; tones.len()];
                Sine::new(hz, TONE_DBFS, rate.hz()).fill(&mut tone);
                tones.iter_mut().zip(tone).for_each(|(sum, sample)| *sum += sample);
            }
            let heard = in_time(&mut NoiseSuppressor::new(rate), &tones, rate);
            for hz in pair.into_iter().filter(|&hz| hz > 0.0) {
                let off_db = power_dbfs(&heard[rate.frame()..], hz, rate.hz()) - TONE_DBFS;
                assert!(off_db.abs() < 0.5, "{rate:?} {hz} Hz: {off_db:+.1} dB");
            }
        }
    }
}

#[test]
fn silence_stays_silence_and_comes_back_after_noise() {
    for rate in RATES {
        let mut suppressor = NoiseSuppressor::new(rate);
        let mut silence = vec![0; rate.hz() as usize];
        suppressor.process(&mut silence);
        assert_eq!(peak(&silence), 0, "{rate:?}");
        suppressor.process(&mut noise(Noise::Pink, &voice(rate), 10.0, rate));
        suppressor.process(&mut vec![0; rate.hz() as usize / 10]);
        suppressor.process(&mut silence);
        assert!(peak(&silence) <= 1, "{rate:?}: {}", peak(&silence));
    }
}

#[test]
fn packets_of_any_length_make_the_same_stream() {
    for rate in RATES {
        let (noisy, per_ms) = (Heard::new(rate, Some((Noise::Hum, 10.0))).noisy, rate.frame() / 20);
        let made = |lengths_ms: &[usize]| {
            let (mut suppressor, mut made) = (NoiseSuppressor::new(rate), noisy.clone());
            let mut left = &mut made[..];
            for length_ms in lengths_ms.iter().cycle() {
                let Some((packet, rest)) = left.split_at_mut_checked(length_ms * per_ms) else {
                    break;
                };
                suppressor.process(packet);
                left = rest;
            }
            made
        };
        let whole = made(&[20]);
        assert_eq!(made(&[10]), whole);
        assert_eq!(made(&[60, 30, 20]), whole);
        // Later by less than a frame of the network's, for good.
        for lengths_ms in [&[5][..], &[25, 3]] {
            let made = made(lengths_ms);
            let second = rate.hz() as usize..2 * rate.hz() as usize;
            let is_later =
                |&by: &usize| whole[second.clone()] == made[second.start + by..second.end + by];
            assert!((0..10 * per_ms).any(|by| is_later(&by)), "{rate:?} {lengths_ms:?}");
        }
    }
}

#[test]
fn what_is_lost_is_bridged_and_nothing_comes_twice_or_late() {
    for rate in RATES {
        let whole = Heard::new(rate, Some((Noise::Pink, 20.0)));
        let frame = rate.frame();
        let (mut suppressor, mut made) = (NoiseSuppressor::new(rate), whole.noisy.clone());
        for (at, packet) in made.chunks_mut(frame).enumerate() {
            match at % 20 {
                7 => continue,
                8 => suppressor.lost(frame),
                _ => {}
            }
            suppressor.process(packet);
        }
        let late = suppressor.delay().as_micros() as usize * rate.hz() as usize / 1_000_000;
        let (mut expected, mut heard) = (Vec::new(), Vec::new());
        for at in (20..SECONDS * 50 - 2).filter(|at| !(6..=8).contains(&(at % 20))) {
            expected.extend(&whole.cleaned[at * frame..][..frame]);
            heard.extend(&made[at * frame + late..][..frame]);
        }
        let clear_db = clearness_db(&expected, &heard);
        assert!(clear_db > 20.0, "{rate:?}: {clear_db:.1} dB");
    }
}

#[test]
fn no_sound_whatever_poisons_what_comes_after() {
    for rate in RATES {
        let mut suppressor = NoiseSuppressor::new(rate);
        let mut chance = Chance::from_number(3);
        let second = rate.hz() as usize;
        let any = (0..second).map(|_| chance.next_u64() as i16).collect();
        let square = (0..second).map(|at| if at / 3 % 2 == 0 { i16::MIN } else { i16::MAX });
        let click = (0..second).map(|at| if at % 900 == 0 { i16::MIN } else { 0 });
        for mut samples in
            [any, vec![i16::MIN; second], square.collect(), vec![i16::MAX; second], click.collect()]
        {
            suppressor.process(&mut samples);
            suppressor.lost(second / 100);
            suppressor.lost(usize::MAX);
            suppressor.process(&mut []);
        }
        let voice = voice(rate);
        let clear_db = clearness_db(&voice, &in_time(&mut suppressor, &voice, rate));
        assert!(clear_db > 12.0, "{rate:?}: {clear_db:.1} dB");
    }
}

#[test]
fn a_stream_goes_on_at_another_rate_without_a_click() {
    for (from, to) in
        [(SampleRate::Narrow, SampleRate::Wide), (SampleRate::Full, SampleRate::Narrow)]
    {
        let mut suppressor = NoiseSuppressor::new(from);
        in_time(&mut suppressor, &voice(from), from);
        suppressor.retune(to);
        let mut silence = vec![0; to.hz() as usize / 2];
        suppressor.process(&mut silence);
        let voice = voice(to);
        let clear_db = clearness_db(&voice, &in_time(&mut suppressor, &voice, to));
        assert!(clear_db > 12.0, "{from:?} to {to:?}: {clear_db:.1} dB");
    }
}

fn voice(rate: SampleRate) -> Vec<i16> {
    let mut voice = recordings("en", rate.hz()).concat();
    voice.truncate(SECONDS * rate.hz() as usize);
    voice
}

/// What comes out, as if it were not late.
fn in_time(suppressor: &mut NoiseSuppressor, samples: &[i16], rate: SampleRate) -> Vec<i16> {
    let late = (suppressor.delay().as_micros() as usize * rate.hz() as usize) / 1_000_000;
    let mut heard = [samples, &vec![0; rate.frame()]].concat();
    heard.chunks_mut(rate.frame()).for_each(|frame| suppressor.process(frame));
    heard[late..late + samples.len()].to_vec()
}

/// The voice in what is heard against the rest of it, in dB.
fn clearness_db(voice: &[i16], heard: &[i16]) -> f64 {
    let product = |a: &[i16], b: &[i16]| {
        a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>()
    };
    let likeness = product(voice, heard).powi(2) / (product(voice, voice) * product(heard, heard));
    10.0 * (likeness / (1.0 - likeness)).log10()
}

const PAUSE_DBOV: i8 = -60;
const TONE_DBFS: f64 = -16.0;
