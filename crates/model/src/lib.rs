//! The nouns every part of Northline shares: ids, instants, languages, digits, `Pii<T>`, and the
//! vocabularies spoken between the switchboard, the signalling and the media.
//!
//! Nothing here decides, reads a clock or touches the outside.

mod agenda;
mod chance;
mod codec;
mod digit;
mod id;
mod instant;
mod language;
mod leg;
mod media;
mod own_address;
mod party;
mod pii;
mod policy;
mod prompt;
mod quality;
mod route;
mod shard;
mod srtp;
mod text;

pub use agenda::Agenda;
pub use chance::Chance;
pub use codec::{Codec, Codecs, OpusWishes, SampleRate};
pub use digit::Digit;
pub use id::{AdvocateId, CallId, ContactId, LegId, PlayId, RoomId, TrunkId, VendorId};
pub use instant::{Instant, WallTime};
pub use language::{Language, LanguageError};
pub use leg::{
    Contact, EndReason, LegCommand, LegEvent, MediaProfile, Peer, SessionDescription, Target,
};
pub use media::{Direction, MediaCommand, MediaEvent, MediaFacts, MediaRefusal};
pub use own_address::OwnAddress;
pub use party::Party;
pub use pii::Pii;
pub use policy::{MediaPolicy, Noise, Pacing, Silence, Treatment};
pub use prompt::{Prompt, PromptName};
pub use quality::{Fare, Quality};
pub use route::{Gain, Route};
pub use shard::{Scheduling, ShardState};
pub use srtp::{CryptoSuite, MasterKey, SrtpPolicy};
pub use text::{TextFormat, TextPolicy, Typed};
