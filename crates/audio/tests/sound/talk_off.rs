//! Voices and music are no keys.

use std::f64::consts::TAU;

use audio::dtmf::Detector;
use model::Chance;

use crate::material::{music, recordings, varied};

/// Digits falsely heard, packets held back from others for nothing, and the seconds listened to.
#[derive(Debug, Default)]
struct Tally {
    digits: usize,
    held_back: usize,
    samples: usize,
}

impl Tally {
    fn listen(&mut self, samples: &[i16]) {
        let mut detector = Detector::new(8000);
        for frame in samples.chunks(160) {
            self.digits += usize::from(detector.frame(frame).is_some());
            self.held_back += usize::from(detector.is_sounding());
        }
        self.samples += samples.len();
    }
}

#[test]
fn an_hour_of_speech_and_music_holds_no_digit() {
    let mut chance = Chance::from_number(7);
    let mut tally = Tally::default();
    let folders = ["en", "es", "demo"];
    let speech: Vec<Vec<i16>> = folders.iter().flat_map(|it| recordings(it, 8000)).collect();
    let tunes = recordings("music", 8000);
    let tune = &tunes[0];
    for pitch in [1.0, 0.84, 0.92, 1.09, 1.19] {
        for recording in &speech {
            tally.listen(&varied(recording, pitch, 0.5 + chance.below(100) as f64 / 50.0));
        }
        for tune in &tunes {
            tally.listen(&varied(tune, pitch, 1.0));
        }
        for harmonics in [2, 4, 12] {
            tally.listen(&varied(&music(60, harmonics, 8000, &mut chance), pitch, 1.0));
        }
    }
    // Two voices at once, and a voice over music.
    for pair in speech.windows(2) {
        let both = pair[0].iter().zip(&pair[1]).map(|(a, b)| a / 2 + b / 2);
        tally.listen(&both.collect::<Vec<_>>());
        let over = pair[0].iter().zip(tune.iter().cycle()).map(|(a, b)| a / 2 + b / 2);
        tally.listen(&over.collect::<Vec<_>>());
    }
    assert!(tally.samples >= HOUR, "{tally:?}");
    assert_eq!(tally.digits, 0, "{tally:?}");
    // In each hour, since every new recording makes it longer.
    assert!(tally.held_back * HOUR < 40 * tally.samples, "{tally:?}");
}

/// The tones of text telephones and of what calls them: Baudot (TIA-825), V.21 both ways, Bell 103,
/// and the tones that calling and answering machines of the PSTN make.
#[test]
fn c20_a_text_telephone_presses_no_key() {
    let pairs = [(1400.0, 1800.0), (1180.0, 980.0), (1850.0, 1650.0), (1270.0, 1070.0)];
    let mut chance = Chance::from_number(20);
    let mut tally = Tally::default();
    for (mark_hz, space_hz) in pairs {
        for level_dbfs in [-30.0, -20.0, -9.0] {
            for bit_ms in [22, 20, 3] {
                let tone = |bit: u64| if bit == 0 { space_hz } else { mark_hz };
                let bits: Vec<f64> = (0..60_000 / bit_ms).map(|_| tone(chance.below(2))).collect();
                tally.listen(&keyed(&bits, bit_ms as usize * 8, level_dbfs));
            }
        }
    }
    for hz in [1100.0, 1300.0, 2100.0, 2225.0, 2250.0, 1375.0] {
        tally.listen(&keyed(&[hz], 80_000, -9.0));
    }
    assert_eq!((tally.digits, tally.held_back), (0, 0), "{tally:?}");
}

/// One tone after the other, of so many samples each, in one unbroken wave.
fn keyed(tones_hz: &[f64], samples_each: usize, level_dbfs: f64) -> Vec<i16> {
    let loudest = 32_767.0 * 10_f64.powf(level_dbfs / 20.0);
    let mut angle = 0.0;
    let each = tones_hz.iter().flat_map(|&hz| std::iter::repeat_n(hz, samples_each));
    let mut next = |hz: f64| {
        angle = (angle + TAU * hz / 8000.0) % TAU;
        (angle.sin() * loudest) as i16
    };
    each.map(&mut next).collect()
}

/// In samples.
const HOUR: usize = 3600 * 8000;
