//! A waiting caller and her place in the line.

use std::cmp::Ordering;

use model::{CallId, Instant, Language};
use serde::{Deserialize, Serialize};

use crate::{Fit, QueueName};

/// Where in the line a caller joins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Place {
    /// Before all others: her advocate, or a partner, was lost (C18, P5). Several of them stand in
    /// the order of their original waits.
    Head,
    /// Behind all others.
    Back,
}

/// How a caller can be understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Medium {
    /// She speaks, whether she can write too or not.
    Voice,
    /// She has nothing but text.
    Text,
}

/// How long a caller who writes is still kept for an advocate who can read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Keeping {
    /// She was not yet.
    Whole,
    /// From a moment on at which somebody else could have taken her.
    Until(Instant),
    /// Long enough: anybody may take her.
    Over,
}

/// One waiting caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: CallId,
    pub(crate) queue: QueueName,
    pub(crate) language: Language,
    pub(crate) wants_interpreter: bool,
    pub(crate) medium: Medium,
    pub(crate) keeping: Keeping,
    pub(crate) place: Place,
    /// Since when she waits, kept over a lost advocate.
    pub(crate) since: Instant,
    /// When staff are alarmed about her; `None` when they were.
    pub(crate) alarm_at: Option<Instant>,
    /// Whether she was told that nobody is on shift.
    pub(crate) told_nobody: bool,
}

impl Entry {
    /// Whether an advocate's languages do not matter for her.
    pub(crate) fn goes_to_anyone(&self) -> bool {
        self.wants_interpreter || self.language == Language::UNKNOWN
    }

    /// Until when only somebody who reads may have her.
    pub(crate) const fn kept_until(&self) -> Option<Instant> {
        match self.keeping {
            Keeping::Until(until) => Some(until),
            Keeping::Whole | Keeping::Over => None,
        }
    }

    /// She can be understood in this way now.
    pub(crate) fn turns_to(&mut self, medium: Medium) {
        if self.medium != medium {
            (self.medium, self.keeping) = (medium, Keeping::Whole);
        }
    }

    /// How someone who speaks `languages` suits her.
    pub(crate) fn fit(&self, languages: &[Language]) -> Fit {
        if languages.contains(&self.language) { Fit::Speaks } else { Fit::NeedsInterpreter }
    }

    /// Which of two callers is before the other. Equal ones stay in the order they came.
    fn order(&self, other: &Self) -> Ordering {
        (self.place, self.since).cmp(&(other.place, other.since))
    }
}

/// All waiting callers in order, the offered ones included.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line(Vec<Entry>);

impl Line {
    /// Puts `entry` behind all that are not after it.
    pub(crate) fn insert(&mut self, entry: Entry) {
        let at = self.0.partition_point(|other| other.order(&entry).is_le());
        self.0.insert(at, entry);
    }

    /// Takes the caller out of the line.
    pub(crate) fn remove(&mut self, id: CallId) -> Option<Entry> {
        let at = self.0.iter().position(|entry| entry.id == id)?;
        Some(self.0.remove(at))
    }

    /// The caller, if she waits.
    pub(crate) fn find(&self, id: CallId) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.id == id)
    }

    /// All, in order.
    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.0.iter()
    }

    /// The caller, if she waits. Place and wait must not be changed here.
    pub(crate) fn find_mut(&mut self, id: CallId) -> Option<&mut Entry> {
        self.0.iter_mut().find(|entry| entry.id == id)
    }

    /// All, in order. Place and wait must not be changed here.
    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Entry> {
        self.0.iter_mut()
    }
}
