//! G.722 at 64 kbit/s: an octet for two samples of 16 kHz (RFC 3551 §4.5.2). The arithmetic is
//! `audio-codec`'s.

use audio_codec::Encoder as _;
use audio_codec::g722::{G722Decoder, G722Encoder};

/// One leg's decoder (ITU-T G.722 §4): octets to samples at 16 kHz, full scale ±32 767. O(n).
pub struct Decoder(Box<G722Decoder>);

/// One leg's encoder (ITU-T G.722 §3): samples at 16 kHz to octets, two of them each. O(n).
pub struct Encoder(Box<G722Encoder>);

impl Decoder {
    pub(super) fn new() -> Self {
        Self(Box::new(G722Decoder::new()))
    }

    pub(super) fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> Option<usize> {
        if out.len() < 2 * payload.len() {
            return None;
        }
        self.0.decode_frame_into(payload, out).ok()
    }
}

impl Encoder {
    pub(super) fn new() -> Self {
        Self(Box::new(G722Encoder::new()))
    }

    pub(super) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let fitting = samples.len().min(2 * payload.len());
        self.0.encode_into(&samples[..fitting], payload).unwrap_or(0)
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("g722::Decoder(..)")
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("g722::Encoder(..)")
    }
}
