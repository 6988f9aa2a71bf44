//! The codecs of a leg behind one face: packets' payloads to samples and back, with the state that
//! lies between two packets.
//!
//! Not a packetiser: headers, clocks and lost packets are the caller's. What allocates is named;
//! everything else is real-time safe, but for Opus, which may use the heap.

mod g722;
mod l16;
mod opus;

use model::{Codec, OpusWishes, SampleRate};
use simd::g711::{self, Law};

/// Decodes one leg's packets to mono samples, full scale ±32 767.
#[derive(Debug)]
pub enum Decoder {
    /// G.711.
    G711(Law),
    /// G.722.
    G722(g722::Decoder),
    /// Opus.
    Opus(opus::Decoder),
    /// 16-bit samples.
    L16(SampleRate),
}

/// Encodes what one leg hears: mono samples, full scale ±32 767.
#[derive(Debug)]
pub enum Encoder {
    /// G.711.
    G711(Law),
    /// G.722.
    G722(g722::Encoder),
    /// Opus.
    Opus(opus::Encoder),
    /// 16-bit samples.
    L16(SampleRate),
}

impl Decoder {
    /// A decoder that has heard nothing, for a room at `room`. Allocates; nothing later does but
    /// Opus.
    pub fn new(codec: Codec, room: SampleRate) -> Self {
        match codec {
            Codec::Pcmu => Self::G711(Law::Mu),
            Codec::Pcma => Self::G711(Law::A),
            Codec::G722 => Self::G722(g722::Decoder::new()),
            Codec::Opus => Self::Opus(opus::Decoder::new(room)),
            Codec::L16(rate) => Self::L16(rate),
        }
    }

    /// The rate of its samples: the room's own where the codec knows many, else the codec's.
    pub const fn rate(&self) -> SampleRate {
        match self {
            Self::G711(_) => SampleRate::Narrow,
            Self::G722(_) => SampleRate::Wide,
            Self::Opus(decoder) => decoder.rate(),
            Self::L16(rate) => *rate,
        }
    }

    /// Whether each packet builds on the one before, so that a late one is of no use any more.
    pub const fn has_memory(&self) -> bool {
        matches!(self, Self::G722(_) | Self::Opus(_))
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
            Self::G722(decoder) => decoder.decode(payload, out),
            Self::Opus(decoder) => decoder.decode(payload, out),
            Self::L16(_) => l16::decode(payload, out),
        }
    }

    /// Fills `out` with what `payload` repeats of the packet before it, which was lost and as long
    /// as `out`; `None` when it repeats nothing (only Opus does, RFC 6716 §2.1.7). To be called before
    /// the payload is decoded.
    pub fn recover(&mut self, payload: &[u8], out: &mut [i16]) -> Option<usize> {
        match self {
            Self::Opus(decoder) => decoder.recover(payload, out),
            Self::G711(_) | Self::G722(_) | Self::L16(_) => None,
        }
    }
}

impl Encoder {
    /// An encoder at the beginning of a stream, for a room at `room`; `wishes` are an Opus peer's.
    /// Allocates; nothing later does but Opus.
    pub fn new(codec: Codec, room: SampleRate, wishes: OpusWishes) -> Self {
        match codec {
            Codec::Pcmu => Self::G711(Law::Mu),
            Codec::Pcma => Self::G711(Law::A),
            Codec::G722 => Self::G722(g722::Encoder::new()),
            Codec::Opus => Self::Opus(opus::Encoder::new(room, wishes)),
            Codec::L16(rate) => Self::L16(rate),
        }
    }

    /// The rate of the samples it takes: the room's own where the codec knows many, else the
    /// codec's.
    pub const fn rate(&self) -> SampleRate {
        match self {
            Self::G711(_) => SampleRate::Narrow,
            Self::G722(_) => SampleRate::Wide,
            Self::Opus(encoder) => encoder.rate(),
            Self::L16(rate) => *rate,
        }
    }

    /// Encodes a frame of 10 to 60 ms to the beginning of `payload`; how many bytes it takes. What
    /// does not fit is left out; Opus makes it fit. O(n).
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        match self {
            Self::G711(law) => {
                g711::encode(*law, samples, payload);
                samples.len().min(payload.len())
            }
            Self::G722(encoder) => encoder.encode(samples, payload),
            Self::Opus(encoder) => encoder.encode(samples, payload),
            Self::L16(_) => l16::encode(samples, payload),
        }
    }
}

#[cfg(test)]
mod tests;
