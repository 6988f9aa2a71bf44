//! What everyone and everything sounds like: a tone for each person, a chord of two for each
//! recording, one tone for music. All are multiples of 50 Hz, so that in a frame of 20 ms no tone
//! leaks into another and each frame can be read by itself.

use std::collections::BTreeMap;
use std::rc::Rc;

use audio::tone::{Sine, power_dbfs};
use media::Library;
use model::Prompt;
use switchboard::Recordings;

/// The tones of recordings, by chord.
#[derive(Clone, Debug)]
pub(crate) struct Sounds {
    names: Rc<BTreeMap<(u8, u8), String>>,
}

/// What one frame holds besides people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recorded {
    Nothing,
    Music,
    /// The recording by its label.
    Prompt(String),
}

impl Sounds {
    /// Chords for all `recordings`, and the library that plays them.
    pub(crate) fn new(recordings: &Recordings) -> (Self, Library) {
        let (mut names, mut library) = (BTreeMap::new(), Library::default());
        let mut chords =
            (0..CHORD_TONES).flat_map(|low| (low + 1..CHORD_TONES).map(move |high| (low, high)));
        for (prompt, length) in recordings.iter() {
            let chord = chords.next().expect("there are more chords than recordings");
            let samples = length.as_millis() as usize * SAMPLES_PER_MS;
            library.insert(prompt.clone(), play(&[chord_hz(chord.0), chord_hz(chord.1)], samples));
            names.insert(chord, label(prompt));
        }
        library.insert_music("calm".into(), play(&[MUSIC_HZ], 60_000 * SAMPLES_PER_MS));
        (Self { names: Rc::new(names) }, library)
    }

    /// What is recorded in a frame.
    pub(crate) fn read(&self, frame: &[i16]) -> Recorded {
        if is_heard(frame, MUSIC_HZ) {
            return Recorded::Music;
        }
        let mut tones = (0..CHORD_TONES).filter(|&tone| is_heard(frame, chord_hz(tone)));
        let chord = (tones.next(), tones.next(), tones.next());
        let (Some(low), Some(high), None) = chord else { return Recorded::Nothing };
        self.names.get(&(low, high)).cloned().map_or(Recorded::Nothing, Recorded::Prompt)
    }
}

/// Whether a tone is in a frame: -28 dBFS is one beside a conversation, -50 what G.711 makes of
/// others.
pub(crate) fn is_heard(frame: &[i16], hz: f64) -> bool {
    power_dbfs(frame, hz, Library::RATE) > HEARD_DBFS
}

/// The tone of the person with this number; neighbours are far apart.
pub(crate) fn voice_hz(person: usize) -> f64 {
    300.0 + 50.0 * ((person * 7) % VOICES) as f64
}

/// `name` for English, `es/name` for another language, `signals/name` for a signal.
pub(crate) fn label(prompt: &Prompt) -> String {
    match prompt {
        Prompt::Spoken { language, name } if *language == model::Language::ENGLISH => {
            name.to_string()
        }
        Prompt::Spoken { language, name } => format!("{language}/{name}"),
        Prompt::Signal(name) => format!("signals/{name}"),
    }
}

/// Tones together; every 20 ms of them are alike.
fn play(tones_hz: &[f64], samples: usize) -> Vec<i16> {
    let mut frame = [0; FRAME];
    for &hz in tones_hz {
        let mut tone = [0; FRAME];
        Sine::new(hz, RECORDED_DBFS, Library::RATE).fill(&mut tone);
        frame.iter_mut().zip(tone).for_each(|(sum, sample): (&mut i16, i16)| *sum += sample);
    }
    frame.repeat(samples.div_ceil(FRAME))
}

fn chord_hz(tone: u8) -> f64 {
    1550.0 + 50.0 * f64::from(tone)
}

/// How many people can be told apart: 300 to 1450 Hz.
pub(crate) const VOICES: usize = 24;
/// How loud a person speaks.
pub(crate) const VOICE_DBFS: f64 = -16.0;
/// Samples of 20 ms.
pub(crate) const FRAME: usize = 160;
const RECORDED_DBFS: f64 = -19.0;
const HEARD_DBFS: f64 = -38.0;
const MUSIC_HZ: f64 = 1500.0;
/// 1550 to 3400 Hz.
const CHORD_TONES: u8 = 38;
const SAMPLES_PER_MS: usize = 8;
