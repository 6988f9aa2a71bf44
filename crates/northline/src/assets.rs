//! What is built into the binary: prompts, the shipped plan, the default configuration.
//!
//! A folder of an organisation's own recordings goes over the built-in ones, file by file.

use std::borrow::Cow;
use std::io;
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
#[include = "*.txt"]
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
    /// A script is not written in UTF-8.
    #[error("{0}: save it as UTF-8: callers who read are shown what it says")]
    Script(PathBuf),
    /// The folder of recordings, or one in it, cannot be read.
    #[error(
        "prompts: {0}: {1}; make the folder readable for the engine's user, or change `prompts:`"
    )]
    Folder(PathBuf, #[source] std::io::Error),
    /// A recording of a kind that is not read.
    #[error("{0}: save it as WAV")]
    Kind(PathBuf),
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
    for path in Prompts::iter().map(|name| PathBuf::from(name.as_ref())).filter(|path| is_wav(path))
    {
        let recording = Recording { sound: built_in(&path), script: script_of(&path, built_in) };
        let added = add(&mut library, &path, &path, recording);
        added.unwrap_or_else(|problem| problems.push(problem));
    }
    for path in folder.map(Own::of).unwrap_or_default().recordings {
        let within = folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(&path);
        let recording = Recording { sound: read(&path), script: script_of(&path, read) };
        let added = add(&mut library, within, &path, recording);
        added.unwrap_or_else(|problem| problems.push(problem));
    }
    if problems.is_empty() { Ok(library) } else { Err(problems) }
}

/// What lies in a folder of recordings and is of no use there. The hotline answers without it: a
/// caller hears the built-in words rather than nothing.
pub fn passed_over(folder: Option<&Path>) -> Vec<RecordingError> {
    folder.map(Own::of).unwrap_or_default().passed_over
}

/// A voice of the demonstration, at the rooms' rate: `prompts/demo/<name>.wav`.
pub fn demo_voice(name: &str) -> Option<Vec<i16>> {
    let file = Prompts::get(&format!("demo/{name}.wav"))?;
    wav::load(&file.data, Library::RATE).ok()
}

/// A file's bytes, `None` where there is no such file.
type Bytes = Result<Option<Cow<'static, [u8]>>, RecordingError>;

/// A recording, and the script beside it, which a person's own may lack.
struct Recording {
    sound: Bytes,
    script: Bytes,
}

fn built_in(path: &Path) -> Bytes {
    Ok(path.to_str().and_then(Prompts::get).map(|file: EmbeddedFile| file.data))
}

fn read(path: &Path) -> Bytes {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(RecordingError::Unreadable(path.to_owned(), error)),
    }
}

/// What is written beside the recording at `path`.
fn script_of(path: &Path, read: fn(&Path) -> Bytes) -> Bytes {
    read(&path.with_extension("txt"))
}

fn add(
    library: &mut Library,
    within: &Path,
    path: &Path,
    Recording { sound, script }: Recording,
) -> Result<(), RecordingError> {
    let place = place(within).ok_or_else(|| RecordingError::Misplaced(path.to_owned()))?;
    if place == Place::Demo {
        return Ok(());
    }
    let samples = wav::load(&sound?.unwrap_or_default(), Library::RATE)
        .map_err(|error| RecordingError::Wav(path.to_owned(), error))?;
    match place {
        Place::Prompt(prompt) => {
            library.insert(prompt.clone(), samples);
            if let Some(script) = script? {
                let file = path.with_extension("txt");
                let script = str::from_utf8(&script).map_err(|_| RecordingError::Script(file))?;
                library.insert_script(prompt, script);
            }
        }
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

/// An organisation's own folder.
#[derive(Default)]
struct Own {
    recordings: Vec<PathBuf>,
    passed_over: Vec<RecordingError>,
}

impl Own {
    fn of(folder: &Path) -> Self {
        let mut own = Self::default();
        for path in own.inside(folder) {
            if path.is_dir() {
                for file in own.inside(&path) {
                    if is_wav(&file) {
                        own.recordings.push(file);
                    } else if is_sound(&file) {
                        own.passed_over.push(RecordingError::Kind(file));
                    }
                }
            } else if is_wav(&path) || is_sound(&path) {
                own.passed_over.push(RecordingError::Misplaced(path));
            }
        }
        own
    }

    /// In the order of their names.
    fn inside(&mut self, folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let entries = entries.unwrap_or_else(|error| {
            self.passed_over.push(RecordingError::Folder(folder.to_owned(), error));
            Vec::new()
        });
        let mut paths: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
        paths.sort();
        paths
    }
}

fn is_wav(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("wav"))
}

/// Whether it is a recording of another kind, by its name.
fn is_sound(path: &Path) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| OTHER_KINDS.iter().any(|kind| ending.eq_ignore_ascii_case(kind)))
}

/// What recorders and other telephone systems write.
const OTHER_KINDS: [&str; 15] = [
    "aac", "aif", "aiff", "alaw", "au", "flac", "g722", "gsm", "m4a", "mp3", "ogg", "opus", "sln",
    "ulaw", "wma",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn spoken(tag: &str, name: &str) -> Prompt {
        Prompt::spoken(tag.parse().expect("a tag"), name)
    }

    /// A folder of one's own recordings, and the one of English in it.
    fn own_english() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let own = folder.path().join("en");
        std::fs::create_dir(&own).expect("a folder in it");
        (folder, own)
    }

    #[test]
    fn c20_every_prompt_a_caller_is_told_can_be_read() {
        let library = library(None).expect("the shipped recordings can be used");
        for tag in ["en", "es"] {
            for name in switchboard::TOLD_TO_CALLERS {
                let script = library.script(&spoken(tag, name));
                assert!(script.is_some_and(|script| !script.contains('\n')), "{tag}/{name}");
            }
        }
        let welcome = "Hello, thank you for calling. A person will talk with you.";
        assert_eq!(library.script(&spoken("en", "welcome")), Some(welcome));
    }

    #[test]
    fn a_recording_of_ones_own_is_read_only_with_its_own_script() {
        let (folder, own) = own_english();
        let sound = Prompts::get("en/welcome.wav").expect("it is shipped").data;
        for name in ["welcome.wav", "please-wait.wav", "connecting.wav"] {
            std::fs::write(own.join(name), &sound).expect("a file");
        }
        std::fs::write(own.join("please-wait.txt"), "Stay\tthere, \u{1b}[0mplease.\n")
            .expect("one");
        let read = library(Some(folder.path())).expect("all of them serve");
        let script = |name| read.script(&spoken("en", name)).map(ToOwned::to_owned);
        assert_eq!(script("welcome"), None, "nobody knows what it says");
        assert_eq!(script("please-wait").as_deref(), Some("Stay there, [0mplease."));
        assert!(script("advocate-lost").is_some(), "the built-in ones keep theirs");
        std::fs::write(own.join("connecting.txt"), [0xff, 0xfe]).expect("one");
        let problems = library(Some(folder.path())).expect_err("no text");
        assert!(problems[0].to_string().contains("connecting.txt: save it as UTF-8"));
    }

    #[test]
    fn no_recording_of_ones_own_is_passed_over_in_silence() {
        let (folder, own) = own_english();
        let sound = Prompts::get("en/welcome.wav").expect("it is shipped").data;
        std::fs::write(own.join("welcome.WAV"), &sound).expect("a file");
        std::fs::write(own.join("README.md"), "who said what").expect("a file");
        let read = library(Some(folder.path())).expect("the name's ending does not matter");
        assert_eq!(read.script(&spoken("en", "welcome")), None, "it is the own one");
        assert!(passed_over(Some(folder.path())).is_empty(), "a text is no recording");
        std::fs::write(own.join("please-wait.mp3"), "ID3").expect("a file");
        std::fs::write(folder.path().join("welcome.wav"), &sound).expect("a file");
        let said = |folder: &Path| -> Vec<String> {
            library(Some(folder)).expect("callers hear the built-in words");
            passed_over(Some(folder)).iter().map(ToString::to_string).collect()
        };
        let problems = said(folder.path());
        assert!(problems[0].ends_with("please-wait.mp3: save it as WAV"), "{problems:?}");
        assert!(problems[1].contains("welcome.wav: put it into a folder"), "{problems:?}");
        let nowhere = said(&folder.path().join("none"));
        assert!(nowhere[0].contains("change `prompts:`"), "{nowhere:?}");
    }

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
