//! What one vendor leg cost in time (I13): the basis of a record that can be held against an
//! invoice. Nothing in it is about a caller.

use std::time::Duration;

use model::{Instant, Language, VendorId};
use serde::{Deserialize, Serialize};

/// One vendor leg, in whole seconds by phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Whose leg.
    pub vendor: VendorId,
    /// For which language.
    pub language: Language,
    /// Until the answer.
    pub dialling_seconds: u64,
    /// In the vendor's menus.
    pub script_seconds: u64,
    /// On hold for a person.
    pub hold_seconds: u64,
    /// In the conversation.
    pub talk_seconds: u64,
}

/// What the vendor leg is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Dialling,
    Script,
    Hold,
    Talk,
}

/// Measures the phases of one vendor leg.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    phase: Phase,
    since: Instant,
    spent: [Duration; 4],
}

impl Meter {
    /// Starts dialling.
    pub(crate) const fn start(now: Instant) -> Self {
        Self { phase: Phase::Dialling, since: now, spent: [Duration::ZERO; 4] }
    }

    /// Enters another phase.
    pub(crate) fn enter(&mut self, now: Instant, phase: Phase) {
        self.spent[self.phase as usize] += now.since(self.since);
        self.since = now;
        self.phase = phase;
    }

    /// The times so far, each rounded to the nearest second.
    pub(crate) fn read(mut self, now: Instant, vendor: VendorId, language: Language) -> Usage {
        self.enter(now, self.phase);
        let seconds = |phase: Phase| {
            let spent = self.spent[phase as usize];
            (spent + Duration::from_millis(500)).as_secs()
        };
        Usage {
            vendor,
            language,
            dialling_seconds: seconds(Phase::Dialling),
            script_seconds: seconds(Phase::Script),
            hold_seconds: seconds(Phase::Hold),
            talk_seconds: seconds(Phase::Talk),
        }
    }
}
