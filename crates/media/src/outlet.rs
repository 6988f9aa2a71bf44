//! Where frames and reports go, and what they are made in.

use mixer::{MAX_FRAME, Sum};
use model::{Instant, LegId};
use rtp::jitter::{Arrival, Effort};

use crate::events::Events;
use crate::transmits::Transmits;

/// A shard's ways out with its workbench; allocated once.
#[derive(Debug)]
pub(crate) struct Outlet {
    pub(crate) transmits: Transmits,
    pub(crate) events: Events,
    pub(crate) scratch: Scratch,
    /// Whether it is behind its time, so that what it takes in may have waited.
    pub(crate) is_behind: bool,
    /// Frames that were never made, because the shard was called too late for them.
    pub(crate) skipped: u64,
    /// Legs whose text was waited for, and is to be shown now.
    pub(crate) written: Vec<LegId>,
    /// The leg that is being served: who is to blame if that panics.
    pub(crate) in_hand: Option<LegId>,
    /// The leg at which a test wants it to panic, and how many times it serves that until then.
    #[cfg(feature = "harm")]
    pub(crate) harm: Option<(LegId, u32)>,
}

/// What is overwritten with every frame, kept so that nothing is cleared that is not used.
pub(crate) struct Scratch {
    /// What the listener hears, as far as it is summed.
    pub(crate) sum: Sum,
    /// One source's frame.
    pub(crate) frame: [i16; MAX_FRAME],
    /// What all playouts may search together.
    pub(crate) effort: Effort,
    /// What the listener's recordings say, where their rate is not the room's.
    pub(crate) recordings: Sum,
    pub(crate) workbench: Workbench,
}

/// Where packets are coded and rates changed.
pub(crate) struct Workbench {
    pub(crate) decoded: [i16; MAX_PACKET],
    pub(crate) tuned: [i16; MAX_PACKET],
    /// What a packet repeats of the one before.
    pub(crate) recovered: [i16; MAX_PACKET],
    /// Frames encoded so far.
    pub(crate) encoded: u64,
}

impl Outlet {
    /// For a shard of `legs` legs.
    pub(crate) fn new(legs: usize) -> Self {
        Self {
            transmits: Transmits::with_capacity(legs),
            events: Events::with_capacity(8 * legs),
            scratch: Scratch::new(),
            is_behind: false,
            skipped: 0,
            written: Vec::with_capacity(legs),
            in_hand: None,
            #[cfg(feature = "harm")]
            harm: None,
        }
    }

    /// It is `leg` that is served from now on.
    pub(crate) fn serve(&mut self, leg: LegId) {
        self.in_hand = Some(leg);
        #[cfg(feature = "harm")]
        self.strike(leg);
    }

    #[cfg(feature = "harm")]
    fn strike(&mut self, leg: LegId) {
        let Some((_, left)) = self.harm.as_mut().filter(|(harmed, _)| *harmed == leg) else {
            return;
        };
        *left = left.saturating_sub(1);
        if *left == 0 {
            self.harm = None;
            panic!("a test's panic while a leg is served");
        }
    }

    /// How a packet arrived that is taken in at `now`.
    pub(crate) fn arrival(&self, now: Instant) -> Arrival {
        if self.is_behind { Arrival::waited(now) } else { now.into() }
    }

    /// There is text of `leg` to be shown; without room for its name, with its next frame.
    pub(crate) fn note_written(&mut self, leg: LegId) {
        if self.written.len() < self.written.capacity() {
            self.written.push(leg);
        }
    }
}

impl Scratch {
    fn new() -> Self {
        let [decoded, tuned, recovered] = [[0; MAX_PACKET]; 3];
        Self {
            sum: Sum::new(0),
            frame: [0; MAX_FRAME],
            effort: Effort::default(),
            recordings: Sum::new(0),
            workbench: Workbench { decoded, tuned, recovered, encoded: 0 },
        }
    }
}

impl std::fmt::Debug for Scratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scratch(..)")
    }
}

/// 60 ms at 48 kHz.
pub(crate) const MAX_PACKET: usize = 3 * MAX_FRAME;
