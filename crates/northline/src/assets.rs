//! What is built into the binary: prompts, the shipped plan, the default configuration.
//!
//! A folder of an organisation's own recordings goes over the built-in ones, file by file.

use std::path::{Path, PathBuf};

use audio::wav;
use media::Library;
use model::{Language, Prompt, PromptName};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The shipped plan.
pub const PLAN: &str = include_str!("../../../dialplans/hotline.yaml");
/// Its name in messages.
pub const PLAN_NAME: &str = "dialplans/hotline.yaml";
/// The shipped plan to measure by.
pub const LAB: &str = include_str!("../../../dialplans/lab.yaml");
/// Its name in messages.
pub const LAB_NAME: &str = "dialplans/lab.yaml";
/// The default configuration, with every setting commented.
pub const CONFIGURATION: &str = include_str!("../northline.yaml");

#[derive(RustEmbed)]
#[folder = "../../prompts"]
#[include = "*.wav"]
struct Prompts;

/// A recording that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, #[source] std::io::Error),
    /// The file is no WAV of a supported kind.
    #[error("{0}: {1}")]
    Wav(PathBuf, #[source] wav::WavError),
    /// The file's folder is no language, `signals` or `music`.
    #[error("{0}: put it into a folder named for its language (`en`), `signals` or `music`")]
    Misplaced(PathBuf),
}

/// What a recording is, by where its file lies.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Prompt(Prompt),
    Music(PromptName),
    /// The demonstration's voices.
    Demo,
}

/// Reads all recordings, the built-in ones first and those of `folder` over them.
///
/// # Errors
/// All files that cannot be used.
pub fn library(folder: Option<&Path>) -> Result<Library, Vec<RecordingError>> {
    let mut library = Library::default();
    let mut problems = Vec::new();
    for name in Prompts::iter() {
        let path = PathBuf::from(name.as_ref());
        let bytes = Prompts::get(&name).map(|file: EmbeddedFile| file.data).unwrap_or_default();
        add(&mut library, &path, &path, &bytes).unwrap_or_else(|problem| problems.push(problem));
    }
    for path in folder.map(wav_files).unwrap_or_default() {
        let within = folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(&path);
        let read = std::fs::read(&path).map_err(|e| RecordingError::Unreadable(path.clone(), e));
        read.and_then(|bytes| add(&mut library, within, &path, &bytes))
            .unwrap_or_else(|problem| problems.push(problem));
    }
    if problems.is_empty() { Ok(library) } else { Err(problems) }
}

/// A voice of the demonstration, at the rooms' rate: `prompts/demo/<name>.wav`.
pub fn demo_voice(name: &str) -> Option<Vec<i16>> {
    let file = Prompts::get(&format!("demo/{name}.wav"))?;
    wav::load(&file.data, Library::RATE).ok()
}

fn add(
    library: &mut Library,
    within: &Path,
    path: &Path,
    bytes: &[u8],
) -> Result<(), RecordingError> {
    let place = place(within).ok_or_else(|| RecordingError::Misplaced(path.to_owned()))?;
    if place == Place::Demo {
        return Ok(());
    }
    let samples = wav::load(bytes, Library::RATE)
        .map_err(|error| RecordingError::Wav(path.to_owned(), error))?;
    match place {
        Place::Prompt(prompt) => library.insert(prompt, samples),
        Place::Music(name) => library.insert_music(name, samples),
        Place::Demo => {}
    }
    Ok(())
}

fn place(within: &Path) -> Option<Place> {
    let name = PromptName::from(within.file_stem()?.to_str()?);
    match within.parent()?.to_str()? {
        "signals" => Some(Place::Prompt(Prompt::Signal(name))),
        "music" => Some(Place::Music(name)),
        "demo" => Some(Place::Demo),
        tag => {
            let language: Language = tag.parse().ok()?;
            Some(Place::Prompt(Prompt::Spoken { language, name }))
        }
    }
}

fn wav_files(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        entries.map(|entry| entry.path()).collect()
    };
    let folders = inside(folder).into_iter().filter(|path| path.is_dir());
    let mut files: Vec<PathBuf> = folders
        .flat_map(|folder| inside(&folder))
        .filter(|path| path.extension().is_some_and(|ending| ending == "wav"))
        .collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recordings_folder_says_what_it_is() {
        let name = PromptName::from("welcome");
        let spoken = Prompt::spoken(Language::SPANISH, name.clone());
        assert_eq!(place(Path::new("es/welcome.wav")), Some(Place::Prompt(spoken)));
        assert_eq!(place(Path::new("music/welcome.wav")), Some(Place::Music(name)));
        assert_eq!(place(Path::new("a folder/welcome.wav")), None);
        assert_eq!(place(Path::new("welcome.wav")), None);
    }
}
