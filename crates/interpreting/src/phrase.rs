//! Telling a person from hold music by nothing but sound and silence.
//!
//! A person who comes to the phone says a phrase and waits for an answer; music goes on. So a
//! phrase begins after quiet, is neither a click nor as long as music, and ends in quiet. The
//! advocate, who may listen, can always say it sooner.

use std::time::Duration;

use model::Instant;

/// What was heard so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phrase {
    /// Nothing that could be one.
    None,
    /// It began after quiet.
    Speaking { since: Instant },
    /// It ended, perhaps only for a breath.
    Ended { since: Instant, at: Instant },
}

impl Phrase {
    /// Something began to speak; `quiet` if nothing had for a [`GAP`].
    pub(crate) const fn begin(&mut self, now: Instant, quiet: bool) {
        *self = match *self {
            Self::Ended { since, .. } => Self::Speaking { since },
            _ if quiet => Self::Speaking { since: now },
            phrase => phrase,
        };
    }

    /// It stopped to speak.
    pub(crate) fn end(&mut self, now: Instant) {
        if let Self::Speaking { since } = *self {
            let fits = (SHORTEST..=LONGEST).contains(&now.since(since));
            *self = if fits { Self::Ended { since, at: now } } else { Self::None };
        }
    }

    /// Forgets what has become music by now.
    pub(crate) fn forget_music(&mut self, now: Instant) {
        if self.deadline().is_some_and(|at| at <= now) && matches!(self, Self::Speaking { .. }) {
            *self = Self::None;
        }
    }

    /// Whether a person has spoken and waits.
    pub(crate) fn is_person(&self, now: Instant) -> bool {
        matches!(self, Self::Ended { at, .. } if *at + GAP <= now)
    }

    /// When it becomes a person's, or music.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        match self {
            Self::None => None,
            Self::Speaking { since } => Some(*since + LONGEST),
            Self::Ended { at, .. } => Some(*at + GAP),
        }
    }
}

/// The pause between a prompt, a phrase or music and what comes after it.
pub(crate) const GAP: Duration = Duration::from_millis(700);
/// A click, a beep.
const SHORTEST: Duration = Duration::from_millis(600);
/// Music.
const LONGEST: Duration = Duration::from_secs(12);
