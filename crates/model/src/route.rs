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
}
