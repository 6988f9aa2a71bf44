//! Voices and music are no keys.

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

/// In samples.
const HOUR: usize = 3600 * 8000;
