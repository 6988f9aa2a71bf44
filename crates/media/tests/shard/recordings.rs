//! Recordings for tests.

use audio::tone::Sine;
use media::Library;
use model::Prompt;

/// A library whose recordings are tones: name, frequency, milliseconds.
pub(crate) fn library(prompts: &[(&str, f64, usize)], music: &[(&str, f64, usize)]) -> Library {
    let tone = |hz: f64, millis: usize| {
        let mut samples = vec![0; millis * 8];
        Sine::new(hz, -16.0, 8000).fill(&mut samples);
        samples
    };
    let mut library = Library::default();
    for &(name, hz, millis) in prompts {
        library.insert(Prompt::signal(name), tone(hz, millis));
    }
    for &(name, hz, millis) in music {
        library.insert_music(name.into(), tone(hz, millis));
    }
    library
}
