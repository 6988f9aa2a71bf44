//! What a leg hears besides people: prompts one after the other, and music under everything.

use std::sync::Arc;

use model::PromptName;

/// Recordings to be heard one after the other.
#[derive(Clone)]
pub struct Playlist(pub(crate) Vec<Arc<[i16]>>);

/// One piece of music with the position where it stopped.
#[derive(Clone)]
pub struct Track {
    pub(crate) name: PromptName,
    pub(crate) samples: Arc<[i16]>,
    pub(crate) position: usize,
}

impl std::fmt::Debug for Playlist {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Playlist({})", self.0.len())
    }
}

impl std::fmt::Debug for Track {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Track({})", self.name)
    }
}
