//! What a leg's media may be, by configuration and by what the call is for.

use crate::{Codecs, Party, SampleRate, SrtpPolicy, TextPolicy};

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
    /// Whether noise behind the party is left in it.
    pub noise: Noise,
    /// Whether there is text beside the sound.
    pub text: TextPolicy,
    /// What others call the party where they read several.
    pub author: Party,
    /// When the packets that the party hears leave.
    pub pacing: Pacing,
    /// What the party is sent while there is nothing to hear.
    pub silence: Silence,
}

/// What a party is sent while there is nothing to hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Silence {
    /// Packets as always: whoever watches the stream sees that it lives.
    #[default]
    Sent,
    /// What it sounds like, now and then (RFC 3389), if the party takes that.
    Described,
}

/// When the packets that a party hears leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pacing {
    /// As soon as what they carry is there: the least delay, and some of the talkers' jitter.
    #[default]
    Prompt,
    /// At even intervals, up to 28 ms later: for a party that has no jitter buffer to speak of.
    Even,
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

/// What is done about noise behind a party.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Noise {
    /// Nothing: others hear what is around her.
    #[default]
    Kept,
    /// It is suppressed, as far as it is no voice.
    Suppressed,
}
