//! What a WAV or a phone heard, compared with what was said.

use std::fs;
use std::path::{Path, PathBuf};

use audio::tone::power_dbfs;
use audio::wav;
use northline::phone::listen::similarity;

/// A recording of `prompts/`, at 8 kHz.
pub(crate) fn prompt(name: &str) -> Vec<i16> {
    let prompts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../prompts");
    recorded(&prompts.join(format!("{name}.wav"))).unwrap_or_else(|| panic!("no prompt {name}"))
}

/// A WAV that is complete and not empty, at 8 kHz.
pub(crate) fn recorded(path: &Path) -> Option<Vec<i16>> {
    let samples = wav::load(&fs::read(path).ok()?, RATE).ok()?;
    Some(samples).filter(|samples| !samples.is_empty())
}

/// How much of `spoken` is in `heard`, at the best place for it.
pub(crate) fn anywhere(heard: &[i16], spoken: &[i16]) -> f32 {
    let slack = heard.len() / 2;
    similarity(heard, spoken, slack, slack)
}

/// Whether the tone is in the best fifth of a second of `heard`.
pub(crate) fn has_tone(heard: &[i16], frequency_hz: f64) -> bool {
    loudest(heard, frequency_hz) > HEARD_DBFS
}

/// The tone in the loudest fifth of a second, in dBFS.
pub(crate) fn loudest(heard: &[i16], frequency_hz: f64) -> f64 {
    let parts = heard.chunks_exact(RATE as usize / 5);
    parts.map(|part| power_dbfs(part, frequency_hz, RATE)).fold(-200.0, f64::max)
}

/// The file in `folder` whose name ends with `ending`, if there is one.
pub(crate) fn file_in(folder: &Path, ending: &str) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    paths.sort();
    paths.into_iter().rfind(|path| path.to_string_lossy().ends_with(ending))
}

const RATE: u32 = 8_000;
/// The tones are said at -12 dBFS; speech has less than this at any one frequency for so long.
const HEARD_DBFS: f64 = -20.0;
