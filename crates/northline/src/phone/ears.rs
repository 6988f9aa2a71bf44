//! What a phone heard, on its own timeline: every sample at the place where the speaker put it,
//! whatever the network did to the packets.

use audio::g711::{self, Law};
use model::Instant;
use rtp::Packet;

/// Everything heard in one call.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    /// The instant of the first sample.
    pub since: Instant,
    /// 8000 samples a second without a break; silence where nothing was received.
    pub samples: Vec<i16>,
}

impl Heard {
    /// The index of the sample heard at `instant`.
    pub const fn index_at(&self, instant: Instant) -> usize {
        (instant.since(self.since).as_micros() * RATE as u128 / 1_000_000) as usize
    }
}

/// Ears open since an instant.
#[derive(Debug)]
pub(super) struct Ears {
    heard: Heard,
    anchor: Option<Anchor>,
}

/// Where one stream's timestamps lie on the timeline.
#[derive(Clone, Copy, Debug)]
struct Anchor {
    ssrc: u32,
    timestamp: u32,
    index: usize,
}

impl Ears {
    /// Ears that open at `since`.
    pub(super) const fn new(since: Instant) -> Self {
        Self { heard: Heard { since, samples: Vec::new() }, anchor: None }
    }

    /// Everything heard until now.
    pub(super) const fn heard(&self) -> &Heard {
        &self.heard
    }

    /// Hears one packet of audio.
    pub(super) fn packet(&mut self, now: Instant, law: Law, packet: &Packet<'_>) {
        let Some(start) = self.place(now, packet) else { return };
        let end = start + packet.payload.len();
        if end > LONGEST {
            return;
        }
        if self.heard.samples.len() < end {
            self.heard.samples.resize(end, 0);
        }
        g711::decode(law, packet.payload, &mut self.heard.samples[start..end]);
    }

    /// Where a packet's first sample belongs; `None` before the timeline's start. The first packet
    /// of a stream is placed when it arrives, the others by their timestamps (RFC 3550 §5.1).
    fn place(&mut self, now: Instant, packet: &Packet<'_>) -> Option<usize> {
        let arrived = self.heard.index_at(now);
        let header = &packet.header;
        if let Some(anchor) = self.anchor.filter(|anchor| anchor.ssrc == header.ssrc) {
            let later = header.timestamp.wrapping_sub(anchor.timestamp).cast_signed();
            let index = anchor.index.checked_add_signed(later as isize)?;
            if index.abs_diff(arrived) < JUMP {
                return Some(index);
            }
        }
        let (ssrc, timestamp) = (header.ssrc, header.timestamp);
        self.anchor = Some(Anchor { ssrc, timestamp, index: arrived });
        Some(arrived)
    }
}

/// Samples per second.
const RATE: u32 = 8_000;
/// A timestamp this far from the clock begins a new stream.
const JUMP: usize = RATE as usize;
/// An hour; a call in which more is heard is no demonstration.
const LONGEST: usize = 3_600 * RATE as usize;

#[cfg(test)]
mod tests {
    use rtp::Header;

    use super::*;

    fn hear(ears: &mut Ears, at_ms: u64, timestamp: u32, ssrc: u32) {
        let header = Header { marker: false, payload_type: 8, sequence: 0, timestamp, ssrc };
        let payload = [0x2A; 160];
        let now = Instant::from_nanos(at_ms * 1_000_000);
        ears.packet(now, Law::A, &Packet { header, payload: &payload });
    }

    /// The starts, in frames of 20 ms, of everything heard.
    fn frames(ears: &Ears) -> Vec<usize> {
        let frames = ears.heard().samples.chunks(160).enumerate();
        frames.filter(|(_, frame)| frame[0] != 0).map(|(index, _)| index).collect()
    }

    #[test]
    fn packets_lie_where_the_speaker_put_them_and_gaps_are_silent() {
        let mut ears = Ears::new(Instant::from_nanos(1_000_000_000));
        hear(&mut ears, 1_100, 5_000, 1);
        hear(&mut ears, 1_155, 5_000 + 320, 1);
        hear(&mut ears, 1_156, 5_000 + 160, 1);
        hear(&mut ears, 1_190, 5_000 + 640, 1);
        assert_eq!(frames(&ears), [5, 6, 7, 9]);
    }

    #[test]
    fn a_new_stream_and_a_jump_begin_where_they_arrive() {
        let mut ears = Ears::new(Instant::ZERO);
        hear(&mut ears, 0, u32::MAX - 80, 1);
        hear(&mut ears, 20, 79, 1);
        hear(&mut ears, 100, 1, 2);
        hear(&mut ears, 200, 3_000_000, 2);
        assert_eq!(frames(&ears), [0, 1, 5, 10]);
    }
}
