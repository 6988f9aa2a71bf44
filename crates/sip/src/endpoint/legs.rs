//! All legs, found by id, by dialog and by what is due.

use std::collections::{BTreeMap, HashMap};

use model::{Agenda, Instant, LegId};

use super::{Core, Flow};
use crate::dialog::{Dialog, Leg};

/// The table of legs. Invariant: `by_dialog` and `agenda` name legs of `legs` only.
pub(super) struct Legs {
    /// Boxed: the tree moves what stands in it, and a leg is large.
    legs: BTreeMap<LegId, Box<Leg>>,
    by_dialog: HashMap<DialogKey, LegId>,
    agenda: Agenda<LegId>,
    /// The leg that acts; after a panic, the one whose state is not to be trusted.
    in_hand: Option<LegId>,
}

/// How a request within a dialog finds it: the Call-ID and our tag. The peer's tag is compared by
/// the leg, since several may answer one INVITE (§12.1).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct DialogKey {
    pub(super) call_id: String,
    pub(super) local_tag: String,
}

impl Legs {
    pub(super) fn new() -> Self {
        Self {
            legs: BTreeMap::new(),
            by_dialog: HashMap::new(),
            agenda: Agenda::new(),
            in_hand: None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.legs.len()
    }

    pub(super) fn get(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(&id).map(Box::as_ref)
    }

    pub(super) fn insert(&mut self, leg: Leg) {
        self.by_dialog.insert(key_of(&leg.dialog), leg.id);
        self.agenda.set(leg.id, leg.deadline());
        self.legs.insert(leg.id, Box::new(leg));
    }

    pub(super) fn find(&self, key: &DialogKey) -> Option<LegId> {
        self.by_dialog.get(key).copied()
    }

    /// Lets a leg act, and removes it if that was the end of it. An unknown id changes nothing.
    pub(super) fn visit(
        &mut self,
        core: &mut Core,
        id: LegId,
        act: impl FnOnce(&mut Leg, &mut Core),
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        self.in_hand = Some(id);
        act(leg, core);
        self.in_hand = None;
        if let Some(before) = leg.replaced.take() {
            self.by_dialog.remove(&key_of(&before));
            self.by_dialog.insert(key_of(&leg.dialog), id);
        }
        if leg.is_over() {
            self.remove(id);
        } else {
            self.agenda.set(id, leg.deadline());
        }
    }

    /// The leg that never came back from its last visit.
    pub(super) fn take_broken(&mut self) -> Option<LegId> {
        self.in_hand.take()
    }

    pub(super) fn remove(&mut self, id: LegId) {
        if let Some(leg) = self.legs.remove(&id) {
            self.by_dialog.remove(&key_of(&leg.dialog));
            self.agenda.set(id, None);
        }
    }

    pub(super) fn flows(&self) -> impl Iterator<Item = Flow> {
        self.legs.values().map(|leg| leg.dialog.flow)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Leg> {
        self.legs.values_mut().map(Box::as_mut)
    }

    pub(super) fn deadline(&self) -> Option<Instant> {
        self.agenda.next()
    }

    /// Takes one leg for which something is due at `now`.
    pub(super) fn take_due(&mut self, now: Instant) -> Option<LegId> {
        self.agenda.take_due(now)
    }
}

fn key_of(dialog: &Dialog) -> DialogKey {
    DialogKey { call_id: dialog.call_id.clone(), local_tag: dialog.local_tag().to_owned() }
}
