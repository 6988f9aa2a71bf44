//! What many listeners are sent in one coding: encoded once for all of them.
//!
//! In a shared room that is the room's common frame, of which this module says who is sent it. In a
//! room of few legs it is any frame that two of them hear (`editions`).
//!
//! An encoder has a memory, and the decoder at the other end follows it; so nobody goes from one
//! encoder to another unprepared. A listener who begins to hear just the room is sent 60 ms more
//! by its own encoder, which by then says nearly what the edition's says, and joins. One who goes
//! its own way again, because it talks or hears a prompt, has its own encoder hear the last 60 ms
//! of the room first, unsent. The change is then no louder than the codec's own noise
//! (`audio/tests/sound/handover.rs`; 3 frames are as good as 25, for G.722 and for Opus), and no
//! encoder's inside need be known.
//!
//! An edition without listeners rests. Its next listener's encoder goes on as everybody's, and
//! that listener joins at once.
//!
//! # Assumptions
//! - A listener who sends sound above -60 dBFS, its room's noise too, hears the sum less that sound,
//!   which nobody else does: it is encoded for alone.
//! - When a whole room changes its rate or its form, Opus encoders go on unprepared, as after a lost
//!   packet: preparing hundreds of them at once would take longer than a frame.

use model::{Codec, Instant, OpusWishes, SampleRate};
use sdp::Format;

use crate::Transmit;
use crate::coding::{Coder, Outgoing};
use crate::editions::Heard;
use crate::outlet::Workbench;

/// The newest frame of many listeners in one coding.
pub struct Edition {
    key: Key,
    coder: Coder,
    payload: Box<[u8]>,
    length: usize,
    /// The turn that was encoded last, in a shared room.
    turn: u64,
    /// In a room of few.
    pub(crate) heard: Heard,
    /// Whether no panic has cut its encoder short.
    is_whole: bool,
}

/// Whose listeners can be sent the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    room: SampleRate,
    codec: Codec,
    opus: OpusWishes,
}

/// Whose frames a peer's decoder follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tie {
    /// Its own encoder's; for how many frames that has heard what the edition's heard.
    Alone {
        /// Frames alike.
        alike: u8,
    },
    /// The edition's of its shared room.
    Joined,
    /// In a room of few those of the edition whose newest frame had this stamp.
    Sent(u64),
}

impl Edition {
    /// An edition nobody has heard yet. Allocates; nothing later does, but for Opus.
    pub(crate) fn new(key: Key) -> Self {
        let format = Format { opus: key.opus, ..Format::new(0, key.codec) };
        let payload = vec![0; Transmit::MAX].into();
        let (coder, heard) = (Coder::new(format, key.room), Heard::new());
        Self { key, coder, payload, length: 0, turn: 0, heard, is_whole: true }
    }

    /// What it is for.
    pub(crate) const fn key(&self) -> Key {
        self.key
    }

    /// Writes the frame of a `turn`, which a listener hears like all others, to the beginning of its
    /// `payload`; how many bytes it takes.
    pub(crate) fn write(
        &mut self,
        (turn, frame): (u64, &[i16]),
        ours: &mut Outgoing,
        workbench: &mut Workbench,
        payload: &mut [u8],
    ) -> usize {
        if self.turn + 1 < turn {
            self.trade_coders(ours);
            ours.tie = Tie::Joined;
        }
        if std::mem::replace(&mut self.turn, turn) != turn {
            self.length = self.coder.encode(frame, workbench, &mut self.payload);
        }
        if ours.tie.frame() {
            return ours.coder.encode(frame, workbench, payload);
        }
        self.copy_to(payload)
    }

    /// Goes on with the encoder of its first listener.
    pub(crate) fn trade_coders(&mut self, ours: &mut Outgoing) {
        std::mem::swap(&mut self.coder, &mut ours.coder);
    }

    /// Encodes the next frame of a room of few.
    pub(crate) fn advance(
        &mut self,
        stamp: (Instant, u64),
        frame: &[i16],
        workbench: &mut Workbench,
    ) {
        self.is_whole = false;
        self.length = self.coder.encode(frame, workbench, &mut self.payload);
        self.heard.push(stamp, frame);
        self.is_whole = true;
    }

    /// Writes its newest frame to the beginning of `payload`; how many bytes it takes.
    pub(crate) fn copy_to(&self, payload: &mut [u8]) -> usize {
        payload[..self.length].copy_from_slice(&self.payload[..self.length]);
        self.length
    }

    /// Whether its encoder can be trusted: no panic has cut it short.
    pub(crate) const fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// As a panic in its encoder leaves it.
    #[cfg(test)]
    pub(crate) const fn break_off(&mut self) {
        self.is_whole = false;
    }

    /// Whether a room of few may go on with it.
    pub(crate) fn is_used(&self) -> bool {
        self.is_whole && self.heard.is_known()
    }
}

impl Key {
    /// The key of a leg's coding in a room of rate `room`; `None` where the frame becomes G.711 as
    /// it is, which has no memory and costs nothing.
    pub(crate) fn of(format: &Format, room: SampleRate) -> Option<Self> {
        let is_plain = matches!(format.codec, Codec::Pcmu | Codec::Pcma);
        let shared = Self { room, codec: format.codec, opus: format.opus };
        (room != SampleRate::Narrow || !is_plain).then_some(shared)
    }

    /// How many frames an encoder hears unsent before it goes on with somebody else's listeners, in a
    /// room of few: one at least, since its next packet begins with the end of what it heard last. To
    /// prepare Opus by more takes long and is no better.
    pub(crate) fn prepared(self) -> usize {
        if self.codec == Codec::Opus { 1 } else { ALIKE }
    }

    /// Whether it is for a room of rate `room`.
    pub(crate) fn is_at(self, room: SampleRate) -> bool {
        self.room == room
    }
}

impl Tie {
    pub(crate) const ALONE: Self = Self::Alone { alike: 0 };

    /// Counts a frame alike; whether the listener's own encoder is still to be heard.
    fn frame(&mut self) -> bool {
        let Self::Alone { alike } = self else { return false };
        *alike += 1;
        if usize::from(*alike) == ALIKE {
            *self = Self::Joined;
        }
        true
    }
}

/// Hides what is said.
impl std::fmt::Debug for Edition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Edition({:?})", self.key)
    }
}

/// Frames after which two encoders that heard the same say nearly the same.
pub(crate) const ALIKE: usize = 3;
