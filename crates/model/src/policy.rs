//! What a leg's media may be, by configuration and by what the call is for.

use crate::{Codecs, SampleRate, SrtpPolicy};

/// The rules for one leg's media, fixed for its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MediaPolicy {
    /// What may be used with the peer; offered in this order.
    pub codecs: Codecs,
    /// The rate below which the leg's room never falls while the leg is in it.
    pub least_rate: SampleRate,
    /// Whether it is encrypted.
    pub srtp: SrtpPolicy,
    /// What is done to the party's sound before others hear it.
    pub treatment: Treatment,
}

/// What is done to a party's sound before others hear it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Treatment {
    /// Nothing: what is measured must be what was sent.
    #[default]
    AsSent,
    /// An offset is taken away, and soft and loud voices are brought to one level.
    Levelled,
}
