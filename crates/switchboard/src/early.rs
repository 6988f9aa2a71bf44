//! What a diverted caller hears before the other side answers: its ringing or its announcement where
//! it sends some, our music where it is silent.
//!
//! The other side does not hear her before it has answered (C22). No other line's early media ever
//! reaches her: a vendor's are its menu (I10).
//!
//! # Assumptions
//! - What sounds no longer than a ring is one: its pause may last four seconds (ITU-T E.180), and
//!   explains itself. After anything longer two seconds of silence bring the music back (C2).

use std::time::Duration;

use model::{CallId, Instant, LegId, MediaCommand};

use crate::Switchboard;
use crate::leg::Leg;

/// Early media that the caller hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Early {
    /// It sounds, since then.
    Sounds { since: Instant },
    /// It is silent; at that time her music comes back.
    Pauses { until: Instant },
}

impl Early {
    pub(crate) const fn deadline(self) -> Option<Instant> {
        match self {
            Self::Sounds { .. } => None,
            Self::Pauses { until } => Some(until),
        }
    }
}

impl Switchboard {
    /// Something sounds, or stops, on the line of a diversion.
    pub(crate) fn early_sound(&mut self, now: Instant, id: CallId, leg: LegId, speaking: bool) {
        let is_early = self.legs.get(&leg).is_some_and(Leg::is_early);
        let call = self.calls.get(&id).filter(|call| call.diversion == Some(leg));
        let next = match (call.map(|call| call.early), speaking) {
            (Some(_), true) if is_early => Early::Sounds { since: now },
            (Some(Some(Early::Sounds { since })), false) => {
                Early::Pauses { until: now + pause_after(now.since(since)) }
            }
            _ => return,
        };
        self.hear_early(id, Some(next));
    }

    pub(crate) fn early_timeout(&mut self, now: Instant, id: CallId) {
        let early = self.calls.get(&id).and_then(|call| call.early);
        if early.and_then(Early::deadline).is_some_and(|until| until <= now) {
            self.hear_early(id, None);
        }
    }

    /// Lets the caller hear the early media instead of her music, or the music again.
    pub(crate) fn hear_early(&mut self, id: CallId, next: Option<Early>) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let before = std::mem::replace(&mut call.early, next);
        self.touch(id);
        if before.is_some() == next.is_some() {
            return;
        }
        let Some(call) = self.calls.get(&id) else { return };
        let (leg, music) = (call.caller, call.music.clone().filter(|_| next.is_none()));
        self.media(MediaCommand::Music { leg, music });
        self.reroute(id);
    }
}

fn pause_after(sounded_for: Duration) -> Duration {
    if sounded_for <= RING { RING_PAUSE } else { SILENCE }
}

/// The longest ring, with the hang-over of what notices it.
const RING: Duration = Duration::from_millis(2500);
const RING_PAUSE: Duration = Duration::from_millis(4500);
/// C2.
const SILENCE: Duration = Duration::from_millis(1800);
