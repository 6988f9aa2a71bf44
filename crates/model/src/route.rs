//! Who hears whom, at what gain.

use serde::{Deserialize, Serialize};

use crate::LegId;

/// A linear gain in units of 1/1024; 1024 is unity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Gain(pub u16);

impl Gain {
    /// Nothing is heard.
    pub const SILENT: Self = Self(0);
    /// Heard as spoken.
    pub const UNITY: Self = Self(1024);
    /// Heard 12 dB lower, beside a conversation.
    pub const BESIDE: Self = Self(257);
    /// Heard 15 dB lower, under another voice.
    pub const DUCKED: Self = Self(182);
}

/// One cell of a room's matrix: `listener` hears `speaker` at `gain`.
///
/// A pair that no cell names is silent. A leg never hears itself unless a cell says so (echo).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Route {
    /// The leg that hears.
    pub listener: LegId,
    /// The leg that is heard.
    pub speaker: LegId,
    /// How loud.
    pub gain: Gain,
    /// The leg under which it is heard: lower by [`Gain::DUCKED`] while that one speaks.
    pub under: Option<LegId>,
}

impl Route {
    /// `listener` hears `speaker` at `gain`, whoever else speaks.
    pub const fn new(listener: LegId, speaker: LegId, gain: Gain) -> Self {
        Self { listener, speaker, gain, under: None }
    }

    /// The same, lower while `voice` speaks.
    pub const fn under(self, voice: LegId) -> Self {
        Self { under: Some(voice), ..self }
    }
}
