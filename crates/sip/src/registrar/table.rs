//! All bindings, by advocate and by when the next one expires.

use std::collections::BTreeMap;

use model::{AdvocateId, Agenda, Contact, ContactId, Instant, LegEvent, MediaProfile};

use super::binding::{ASKED_EVERY, Binding};
use crate::endpoint::{Core, Flow};
use crate::wire::Uri;

/// The bindings of all advocates.
pub(crate) struct Registrar {
    bindings: BTreeMap<AdvocateId, Vec<Binding>>,
    agenda: Agenda<AdvocateId>,
}

impl Registrar {
    pub(crate) const fn new() -> Self {
        Self { bindings: BTreeMap::new(), agenda: Agenda::new() }
    }

    /// The binding with this name, unless it has expired.
    pub(crate) fn binding(&self, now: Instant, id: ContactId) -> Option<&Binding> {
        let mut all = self.bindings.values().flatten();
        all.find(|binding| binding.id == id && binding.expires > now)
    }

    /// The way to the phone that an advocate registered at this URI.
    pub(crate) fn way_to(&self, now: Instant, advocate: AdvocateId, uri: &Uri) -> Option<Flow> {
        let bindings = self.of(advocate).iter();
        let mut there = bindings.filter(|one| one.expires > now && one.is_at(uri));
        there.next().map(|binding| binding.flow)
    }

    /// Whose contact this is.
    pub(crate) fn owner(&self, id: ContactId) -> Option<AdvocateId> {
        let has = |bindings: &Vec<Binding>| bindings.iter().any(|binding| binding.id == id);
        self.bindings.iter().find(|(_, bindings)| has(bindings)).map(|(advocate, _)| *advocate)
    }

    /// Drops the bindings over a connection that is gone.
    pub(crate) fn lose_flow(&mut self, core: &mut Core, flow: Flow) {
        let advocates: Vec<_> = self.bindings.keys().copied().collect();
        for advocate in advocates {
            let mut kept = self.of(advocate).to_vec();
            kept.retain(|binding| binding.flow != flow);
            self.replace(core, advocate, kept);
        }
    }

    /// The ways to all contacts.
    pub(crate) fn flows(&self) -> impl Iterator<Item = Flow> {
        self.bindings.values().flatten().map(|binding| binding.flow)
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.agenda.next()
    }

    /// Drops what has expired or answers no more at `now`, and asks the others for a sign of life,
    /// which also keeps the way through their NAT open.
    pub(crate) fn handle_timeout(&mut self, now: Instant, core: &mut Core) {
        while let Some(advocate) = self.agenda.take_due(now) {
            let mut kept = self.of(advocate).to_vec();
            kept.retain(|binding| binding.is_alive(now));
            for binding in kept.iter_mut().filter(|binding| binding.asks(now)) {
                binding.unanswered += 1;
                binding.asked_at = Some(now + ASKED_EVERY);
                core.ask_contact(now, binding.flow, &binding.uri, binding.id);
            }
            self.replace(core, advocate, kept);
        }
    }

    /// Notes that a contact answered.
    pub(crate) fn heard(&mut self, id: ContactId) {
        let mut all = self.bindings.values_mut().flatten();
        if let Some(binding) = all.find(|binding| binding.id == id) {
            binding.unanswered = 0;
        }
    }

    pub(super) fn of(&self, advocate: AdvocateId) -> &[Binding] {
        self.bindings.get(&advocate).map_or(&[], Vec::as_slice)
    }

    /// Makes `bindings` all there are of an advocate, and says so if a contact came, went or is
    /// another.
    pub(super) fn replace(
        &mut self,
        core: &mut Core,
        advocate: AdvocateId,
        bindings: Vec<Binding>,
    ) {
        let before = contacts(self.of(advocate));
        let contacts = contacts(&bindings);
        self.agenda.set(advocate, bindings.iter().map(Binding::due).min());
        if bindings.is_empty() {
            self.bindings.remove(&advocate);
        } else {
            self.bindings.insert(advocate, bindings);
        }
        if contacts != before {
            core.say(LegEvent::ContactsChanged { advocate, contacts });
        }
    }
}

fn contacts(bindings: &[Binding]) -> Vec<Contact> {
    let profile = MediaProfile::Plain;
    let contact = |one: &Binding| Contact { id: one.id, profile, text: one.text };
    bindings.iter().map(contact).collect()
}
