//! The codecs of a leg behind one face: packets' payloads to samples and back, with the state that
//! lies between two packets.
//!
//! Not a packetiser: headers, clocks and lost packets are the caller's. What allocates is named;
//! everything else is real-time safe.

mod l16;

use model::{Codec, SampleRate};

use simd::g711::{self, Law};

/// Decodes one leg's packets.
#[derive(Clone, Debug)]
pub enum Decoder {
    /// G.711.
    G711(Law),
    /// 16-bit samples.
    L16(SampleRate),
}

/// Encodes what one leg hears.
#[derive(Clone, Debug)]
pub enum Encoder {
    /// G.711.
    G711(Law),
    /// 16-bit samples.
    L16(SampleRate),
}

impl Decoder {
    /// A decoder that has heard nothing, for a room at `room`. Allocates; nothing later does.
    pub fn new(codec: Codec, _room: SampleRate) -> Self {
        match codec {
            Codec::Pcma => Self::G711(Law::A),
            Codec::L16(rate) => Self::L16(rate),
            _ => Self::G711(Law::Mu),
        }
    }

    /// The rate of its samples: the room's own where the codec knows many, else the codec's.
    pub const fn rate(&self) -> SampleRate {
        match self {
            Self::G711(_) => SampleRate::Narrow,
            Self::L16(rate) => *rate,
        }
    }

    /// Decodes a payload to the beginning of `out`; how many samples it holds. `None` when the
    /// payload is malformed, or longer than `out`. O(n).
    pub fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> Option<usize> {
        match self {
            Self::G711(law) => {
                let samples = out.get_mut(..payload.len())?;
                g711::decode(*law, payload, samples);
                Some(samples.len())
            }
            Self::L16(_) => l16::decode(payload, out),
        }
    }
}

impl Encoder {
    /// An encoder at the beginning of a stream, for a room at `room`. Allocates; nothing later
    /// does.
    pub fn new(codec: Codec, _room: SampleRate) -> Self {
        match codec {
            Codec::Pcma => Self::G711(Law::A),
            Codec::L16(rate) => Self::L16(rate),
            _ => Self::G711(Law::Mu),
        }
    }

    /// The rate of the samples it takes: the room's own where the codec knows many, else the
    /// codec's.
    pub const fn rate(&self) -> SampleRate {
        match self {
            Self::G711(_) => SampleRate::Narrow,
            Self::L16(rate) => *rate,
        }
    }

    /// Encodes a frame of 20 ms to the beginning of `payload`; how many bytes it takes. What does
    /// not fit is left out. O(n).
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        match self {
            Self::G711(law) => {
                g711::encode(*law, samples, payload);
                samples.len().min(payload.len())
            }
            Self::L16(_) => l16::encode(samples, payload),
        }
    }
}
