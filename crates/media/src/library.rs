//! The recordings a hotline plays, decoded to the rate of narrow-band rooms; others change it while
//! they play. Not their files: the wiring reads those.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use model::{Prompt, PromptName, SampleRate};

/// Prompts and music as mono frames' samples at [`Library::RATE`].
#[derive(Clone, Default)]
pub struct Library {
    prompts: BTreeMap<Prompt, Arc<[i16]>>,
    music: BTreeMap<PromptName, Arc<[i16]>>,
    scripts: BTreeMap<Prompt, Box<str>>,
}

impl Library {
    /// The rate of everything in it.
    pub const SAMPLE_RATE: SampleRate = SampleRate::Narrow;
    /// The same in samples per second.
    pub const RATE: u32 = Self::SAMPLE_RATE.hz();

    /// Adds or replaces a prompt. The script of the one before goes with it: it may say other words.
    pub fn insert(&mut self, prompt: Prompt, samples: impl Into<Arc<[i16]>>) {
        self.scripts.remove(&prompt);
        self.prompts.insert(prompt, samples.into());
    }

    /// Adds what a prompt says, for those who read it: one line, whatever its white space was.
    pub fn insert_script(&mut self, prompt: Prompt, script: &str) {
        let words: Vec<&str> = script.split_whitespace().collect();
        let line = words.join(" ").replace(char::is_control, "");
        self.scripts.insert(prompt, line.into());
    }

    /// Adds or replaces a piece of music.
    pub fn insert_music(&mut self, name: PromptName, samples: impl Into<Arc<[i16]>>) {
        self.music.insert(name, samples.into());
    }

    /// The samples of a prompt.
    pub fn prompt(&self, prompt: &Prompt) -> Option<&Arc<[i16]>> {
        self.prompts.get(prompt)
    }

    /// What a prompt says, if that is written down.
    pub fn script(&self, prompt: &Prompt) -> Option<&str> {
        self.scripts.get(prompt).map(|script| &**script).filter(|script| !script.is_empty())
    }

    /// The samples of a piece of music.
    pub fn music(&self, name: &PromptName) -> Option<&Arc<[i16]>> {
        self.music.get(name)
    }

    /// Every prompt with its length.
    pub fn prompts(&self) -> impl Iterator<Item = (&Prompt, Duration)> {
        self.prompts.iter().map(|(prompt, samples)| (prompt, length(samples)))
    }

    /// The names of all pieces of music.
    pub fn music_names(&self) -> impl Iterator<Item = &PromptName> {
        self.music.keys()
    }

    /// How long a prompt plays.
    pub fn duration(&self, prompt: &Prompt) -> Option<Duration> {
        self.prompt(prompt).map(|samples| length(samples))
    }
}

fn length(samples: &[i16]) -> Duration {
    Duration::from_micros(samples.len() as u64 * 1_000_000 / u64::from(Library::RATE))
}

impl std::fmt::Debug for Library {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Library({} prompts, {} music)", self.prompts.len(), self.music.len())
    }
}
