//! Opus (RFC 6716), mono, at the room's own rate: both directions change the rate themselves. The
//! arithmetic is `ropus`'s, in fixed point.
//!
//! # Assumptions
//! - 24 kbit/s at 16 kHz and below, 32 above, complexity 2: speech, at a third of the cost of 5.
//! - We never stop sending in silence (DTX), so that each peer has one unbroken stream; a peer that
//!   does is understood.
//! - `ropus` writes into our buffers, but makes its own scratch anew for each packet and has no way
//!   to be given any: measured at 8, 16 and 48 kHz (release build, voice-like sound, 20 ms), 106, 133
//!   and 151 allocations of 35, 57 and 96 kB in all to encode, 11, 11 and 18 of 4, 7 and 14 kB to
//!   decode, none larger than 8 kB and all freed before it returns.

use model::{OpusWishes, SampleRate};
use ropus::{Application, Bitrate, Channels, DecodeMode, InbandFec};

/// One leg's decoder (RFC 6716 §4), mono, full scale ±32 767, packets of 2.5 to 120 ms. Uses the
/// heap for each packet.
pub struct Decoder {
    inner: Box<ropus::Decoder>,
    rate: SampleRate,
}

/// One leg's encoder (RFC 6716 §5), mono, full scale ±32 767. Uses the heap for each packet, and takes
/// 20 to 50 times what G.711 does.
pub struct Encoder {
    inner: Box<ropus::Encoder>,
    rate: SampleRate,
}

impl Decoder {
    pub(super) fn new(rate: SampleRate) -> Self {
        let inner = ropus::Decoder::new(rate.hz(), Channels::Mono).expect("rates Opus knows");
        Self { inner: Box::new(inner), rate }
    }

    pub(super) const fn rate(&self) -> SampleRate {
        self.rate
    }

    pub(super) fn decode(&mut self, payload: &[u8], out: &mut [i16]) -> Option<usize> {
        // An empty one would ask for concealment, which is the playout's.
        let is_packet = !payload.is_empty();
        is_packet.then(|| self.inner.decode(payload, out, DecodeMode::Normal).ok()).flatten()
    }

    /// What `payload` repeats of the packet before, `length` samples long.
    pub(super) fn recover(&mut self, payload: &[u8], out: &mut [i16]) -> Option<usize> {
        repeats(payload).then(|| self.inner.decode(payload, out, DecodeMode::Fec).ok()).flatten()
    }
}

impl Encoder {
    pub(super) fn new(room: SampleRate, wishes: OpusWishes) -> Self {
        let rate = room.min(wishes.most_rate);
        let usual = if rate == SampleRate::Full { 32_000 } else { 24_000 };
        let bitrate = usual.min(wishes.most_bitrate).max(LEAST_BITRATE);
        let fec = if wishes.in_band_fec { InbandFec::Enabled } else { InbandFec::Disabled };
        let inner = ropus::Encoder::builder(rate.hz(), Channels::Mono, Application::Voip)
            .bitrate(Bitrate::Bits(bitrate))
            .complexity(COMPLEXITY)
            .vbr(!wishes.is_constant)
            .inband_fec(fec)
            .packet_loss_perc(if wishes.in_band_fec { EXPECTED_LOSS_PERCENT } else { 0 })
            .build()
            .expect("a setting Opus knows");
        Self { inner: Box::new(inner), rate }
    }

    pub(super) const fn rate(&self) -> SampleRate {
        self.rate
    }

    pub(super) fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        self.inner.encode(samples, payload).unwrap_or(0)
    }
}

/// Whether a packet repeats the one before it: the LBRR flag (RFC 6716 §4.2.4), which follows a
/// flag of voice for each 20 ms. Only packets of one frame are looked into, as peers that repeat
/// send them.
fn repeats(payload: &[u8]) -> bool {
    let &[toc, first, ..] = payload else { return false };
    let (configuration, code) = (toc >> 3, toc & 3);
    let voice_flags = match configuration {
        0..12 => [1, 1, 2, 3][(configuration & 3) as usize],
        12..16 => 1,
        _ => return false, // CELT has nothing to repeat
    };
    code == 0 && (first >> (7 - voice_flags)) & 1 == 1
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("opus::Decoder(..)")
    }
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("opus::Encoder(..)")
    }
}

const COMPLEXITY: u8 = 2;
/// RFC 7587 §6.1: `maxaveragebitrate` is at least this.
const LEAST_BITRATE: u32 = 6_000;
/// What redundancy is measured for, where the peer makes use of it.
const EXPECTED_LOSS_PERCENT: u8 = 10;
