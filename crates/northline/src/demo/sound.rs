//! What is spoken and played in a demonstration: the parties' voices, and the hotline's prompts to
//! look for in what they heard.

use std::sync::Arc;

use media::Library;
use model::{Language, Prompt};

use super::wrong::Wrong;
use crate::assets;

/// Samples at 8 kHz.
pub(super) type Sound = Arc<[i16]>;

/// A voice of `prompts/demo`.
pub(super) fn voice(name: &str) -> Result<Sound, Wrong> {
    let samples = assets::demo_voice(name).ok_or_else(|| Wrong::NoRecording(name.to_owned()))?;
    Ok(samples.into())
}

/// A prompt of the hotline.
pub(super) fn prompt(library: &Library, language: Language, name: &str) -> Result<Sound, Wrong> {
    let sound = library.prompt(&Prompt::spoken(language, name));
    sound.cloned().ok_or_else(|| Wrong::NoRecording(name.to_owned()))
}

/// The first part of `sound`, `seconds` long.
pub(super) fn beginning(sound: &Sound, seconds: usize) -> Sound {
    sound.get(..seconds * Library::RATE as usize).map_or_else(|| Arc::clone(sound), Into::into)
}
