//! Packets that are not the frames as they are mixed: longer or shorter ones, where the peer asked
//! for another packet time (RFC 8866 §6.4), or ones that leave on a grid of their own, where the
//! leg's policy wants them even ([`Pacing::Even`]).
//!
//! What is mixed waits here until a packet is whole and its instant has come. The grid begins with
//! the first frame. It never goes back, and moves on only when a packet becomes whole after its
//! instant: that can happen until the grid lies behind the latest that frames are mixed, which is
//! 28 ms after the earliest (`clock`). Even packets begin half of that later, so that it seldom
//! happens at all. Sound waits no longer than that and a packet's length.
//!
//! # Assumptions
//! - Opus knows no frame of 30 or 50 ms: such a peer gets 20 or 40. 16-bit samples of 48 kHz never
//!   make more than 20 ms, which the network splits already.
//! - A telephone-event leaves at once; what waits then is left out, as the key takes its place.

use std::time::Duration;

use model::{Codec, Instant, Pacing, SampleRate};
use sdp::Format;

use crate::clock::{FRAME, MAX_SHIFT};

/// A leg's packets in the making.
pub(crate) struct Pacer {
    packet: Duration,
    /// From the first frame of a stream to its first packet.
    lead: Duration,
    rate: SampleRate,
    clock_hz: u32,
    samples: Vec<i16>,
    /// What the next packet begins with.
    stamp: Stamp,
    /// When it leaves.
    next: Option<Instant>,
}

/// What a packet's header says of its place in the stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) timestamp: u32,
    pub(crate) marker: bool,
}

impl Pacer {
    /// For packets of `ptime_ms` in a room of `rate`; `None` where each frame is a packet and
    /// leaves at once. Allocates; nothing later does.
    pub(crate) fn new(
        format: Format,
        (ptime_ms, pacing): (u8, Pacing),
        rate: SampleRate,
    ) -> Option<Self> {
        let packet = Duration::from_millis(packet_ms(format.codec, ptime_ms).into());
        if packet == FRAME && pacing == Pacing::Prompt {
            return None;
        }
        let frames = (packet.as_millis() as u32).div_ceil(FRAME.as_millis() as u32);
        let hold = if pacing == Pacing::Even { MAX_SHIFT } else { Duration::ZERO };
        Some(Self {
            packet,
            lead: hold + FRAME * (frames - 1),
            rate,
            clock_hz: format.codec.clock_hz(),
            samples: Vec::with_capacity((frames as usize + 3) * rate.frame()),
            stamp: Stamp::default(),
            next: None,
        })
    }

    /// Goes on where `before` stands, if it makes the same.
    pub(crate) fn take_over(&mut self, before: &mut Self) {
        self.next = before.next;
        if (self.packet, self.rate, self.clock_hz) == (before.packet, before.rate, before.clock_hz)
        {
            std::mem::swap(&mut self.samples, &mut before.samples);
            self.stamp = before.stamp;
        }
    }

    /// Takes the next frame, whose place in the stream is `stamp`.
    pub(crate) fn push(&mut self, now: Instant, stamp: Stamp, frame: &[i16]) {
        let follows = stamp.timestamp == self.stamp.timestamp.wrapping_add(self.units());
        if !follows || self.samples.len() + frame.len() > self.samples.capacity() {
            self.clear();
        }
        if self.samples.is_empty() {
            self.stamp.timestamp = stamp.timestamp;
            let is_over = self.next.is_none_or(|next| next + self.packet < now);
            self.next = if is_over { Some(now + self.lead) } else { self.next };
        }
        self.stamp.marker |= stamp.marker;
        let was_whole = self.is_whole();
        self.samples.extend_from_slice(frame);
        if !was_whole && self.is_whole() {
            self.next = self.next.max(Some(now));
        }
    }

    /// Forgets what waits.
    pub(crate) fn clear(&mut self) {
        self.samples.clear();
    }

    /// When a packet leaves, if one is whole.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.next.filter(|_| self.is_whole())
    }

    /// The packet that is due at `now`; it is due until it is [`Self::sent`].
    pub(crate) fn due(&self, now: Instant) -> Option<(Stamp, &[i16])> {
        let is_due = self.deadline().is_some_and(|at| at <= now);
        is_due.then(|| (self.stamp, &self.samples[..self.needed()]))
    }

    /// That packet has left. A grid that was late by a whole packet begins anew.
    pub(crate) fn sent(&mut self, now: Instant) {
        let needed = self.needed();
        self.samples.copy_within(needed.., 0);
        self.samples.truncate(self.samples.len() - needed);
        let timestamp = self.stamp.timestamp.wrapping_add(self.units_of(needed));
        self.stamp = Stamp { timestamp, marker: false };
        let planned = self.next.map(|next| next + self.packet).filter(|&next| next > now);
        self.next = planned.or(Some(now + self.packet));
    }

    fn is_whole(&self) -> bool {
        self.samples.len() >= self.needed()
    }

    const fn needed(&self) -> usize {
        self.rate.hz() as usize / 1000 * self.packet.as_millis() as usize
    }

    fn units(&self) -> u32 {
        self.units_of(self.samples.len())
    }

    const fn units_of(&self, samples: usize) -> u32 {
        (samples as u64 * self.clock_hz as u64 / self.rate.hz() as u64) as u32
    }
}

/// The packet time a codec makes that comes nearest to a peer's wish, from below.
const fn packet_ms(codec: Codec, wish_ms: u8) -> u8 {
    match codec {
        Codec::Opus if wish_ms == 30 => 20,
        Codec::Opus if wish_ms == 50 => 40,
        Codec::L16(SampleRate::Full) if wish_ms > 20 => 20,
        _ => wish_ms,
    }
}

/// Hides what is said.
impl std::fmt::Debug for Pacer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pacer({} ms)", self.packet.as_millis())
    }
}
