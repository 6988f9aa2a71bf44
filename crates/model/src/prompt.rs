//! Names of recorded announcements.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Language;

/// The name of a prompt, that of its file without folder and ending (`welcome`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PromptName(Arc<str>);

impl PromptName {
    /// The name as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for PromptName {
    fn from(name: &str) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for PromptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PromptName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PromptName({self})")
    }
}

/// One recording: a prompt in a language, or one without words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Prompt {
    /// Speech: `prompts/<language>/<name>.wav`.
    Spoken {
        /// The language it is spoken in.
        language: Language,
        /// Which prompt.
        name: PromptName,
    },
    /// A wordless signal: `prompts/signals/<name>.wav`.
    Signal(PromptName),
}

impl Prompt {
    /// The prompt `name` spoken in `language`.
    pub fn spoken(language: Language, name: impl Into<PromptName>) -> Self {
        Self::Spoken { language, name: name.into() }
    }

    /// The wordless signal `name`.
    pub fn signal(name: impl Into<PromptName>) -> Self {
        Self::Signal(name.into())
    }
}
