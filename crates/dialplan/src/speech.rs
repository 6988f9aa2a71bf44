//! What is said to a caller, one recording after the other.

use std::fmt;

use model::{Language, PromptName};

/// One thing said.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Utterance {
    /// A prompt in the caller's language: `welcome`.
    Prompt(PromptName),
    /// A prompt in a language of its own, whatever the caller's is: `es/espanol-oprima-dos`.
    Fixed(Language, PromptName),
    /// The caller's place in the queue at the instant it is said: `position`.
    Position,
}

/// What is said, in order.
pub type Speech = Vec<Utterance>;

impl Utterance {
    /// The prompts it may need and the language of each, for a caller who speaks `language`.
    pub(crate) fn prompts(&self, language: Language) -> Vec<(Language, PromptName)> {
        match self {
            Self::Prompt(name) => vec![(language, name.clone())],
            Self::Fixed(own, name) => vec![(*own, name.clone())],
            Self::Position => POSITIONS.map(|name| (language, name.into())).to_vec(),
        }
    }
}

impl fmt::Display for Utterance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prompt(name) => write!(f, "{name}"),
            Self::Fixed(language, name) => write!(f, "{language}/{name}"),
            Self::Position => f.write_str(POSITION),
        }
    }
}

/// The prompt that tells a caller her place, 1 for the first in line.
pub fn position_prompt(place: usize) -> PromptName {
    let last = POSITIONS.len() - 1;
    POSITIONS[place.saturating_sub(1).min(last)].into()
}

/// The word for the caller's place in a list of prompts.
pub(crate) const POSITION: &str = "position";

const POSITIONS: [&str; 6] =
    ["position-1", "position-2", "position-3", "position-4", "position-5", "position-many"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c17_a_place_beyond_the_fifth_is_many_and_never_a_wrong_number() {
        assert_eq!(position_prompt(1).as_str(), "position-1");
        assert_eq!(position_prompt(5).as_str(), "position-5");
        assert_eq!(position_prompt(6).as_str(), "position-many");
        assert_eq!(position_prompt(500).as_str(), "position-many");
    }
}
