//! Which recordings a leg hears for a prompt's name.
//!
//! Where no prompt exists in the caller's language, she hears a fixed wordless signal and then the
//! short form in the nearest declared language (C17); never nothing (O5).

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Language, Prompt, PromptName};

/// Which recordings exist, and how long they are.
#[derive(Clone, Debug, Default)]
pub struct Recordings {
    lengths: BTreeMap<Prompt, Duration>,
}

impl Recordings {
    /// Notes that `prompt` exists.
    pub fn insert(&mut self, prompt: Prompt, length: Duration) {
        self.lengths.insert(prompt, length);
    }

    /// Whether `prompt` exists.
    pub fn has(&self, prompt: &Prompt) -> bool {
        self.lengths.contains_key(prompt)
    }

    /// How long `prompt` is; nothing if it does not exist.
    pub fn length(&self, prompt: &Prompt) -> Duration {
        self.lengths.get(prompt).copied().unwrap_or_default()
    }

    /// All recordings with their lengths.
    pub fn iter(&self) -> impl Iterator<Item = (&Prompt, Duration)> {
        self.lengths.iter().map(|(prompt, &length)| (prompt, length))
    }

    /// What a caller who speaks `language` hears for `name`, with `nearest` the declared language
    /// closest to her.
    pub fn for_caller(
        &self,
        name: &PromptName,
        language: Language,
        nearest: Language,
    ) -> Vec<Prompt> {
        let own = Prompt::Spoken { language, name: name.clone() };
        if self.has(&own) {
            return vec![own];
        }
        let near = Prompt::Spoken { language: nearest, name: name.clone() };
        let near = (language == nearest || self.has(&near)).then_some(near);
        [Prompt::signal(signal_of(name))].into_iter().chain(near).filter(|p| self.has(p)).collect()
    }

    /// `prompt`, or what stands for it where its recording is missing (O5).
    pub fn or_fallback(&self, prompt: Prompt, nearest: Language) -> Vec<Prompt> {
        match &prompt {
            Prompt::Spoken { language, name } if !self.has(&prompt) => {
                self.for_caller(name, *language, nearest)
            }
            _ => vec![prompt],
        }
    }

    /// What staff hear: English, the language their prompts are spoken in.
    pub fn for_staff(&self, name: &str) -> Vec<Prompt> {
        let prompt = Prompt::spoken(Language::ENGLISH, name);
        if self.has(&prompt) { vec![prompt] } else { vec![] }
    }
}

/// The wordless signal that carries the gist of a prompt: still waiting, someone is coming, someone
/// was lost.
fn signal_of(name: &PromptName) -> &'static str {
    match name.as_str() {
        "connecting"
        | "interpreter-joining"
        | "supervisor-joining"
        | "advocate-back"
        | "off-hold"
        | "text-read" => "coming",
        "advocate-lost" | "advocate-replaced" | "interpreter-lost" | "interpreter-none"
        | "divert-failed" => "lost",
        _ => "waiting",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recordings() -> Recordings {
        let mut recordings = Recordings::default();
        let spanish = Prompt::spoken(Language::SPANISH, "advocate-lost");
        for prompt in [spanish, Prompt::signal("lost"), Prompt::signal("waiting")] {
            recordings.insert(prompt, Duration::from_secs(1));
        }
        recordings
    }

    #[test]
    fn c17_a_caller_hears_her_own_language_where_a_prompt_exists() {
        let heard =
            recordings().for_caller(&"advocate-lost".into(), Language::SPANISH, Language::SPANISH);
        assert_eq!(heard, [Prompt::spoken(Language::SPANISH, "advocate-lost")]);
    }

    #[test]
    fn c17_without_a_prompt_in_her_language_a_signal_comes_before_the_nearest_language() {
        let mam = "mam".parse().expect("a tag");
        let heard = recordings().for_caller(&"advocate-lost".into(), mam, Language::SPANISH);
        assert_eq!(
            heard,
            [Prompt::signal("lost"), Prompt::spoken(Language::SPANISH, "advocate-lost")]
        );
    }

    #[test]
    fn o5_a_missing_recording_is_never_silence() {
        let heard =
            recordings().for_caller(&"welcome".into(), Language::ENGLISH, Language::ENGLISH);
        assert_eq!(heard, [Prompt::signal("waiting")]);
    }
}
