//! Who could read a caller who has nothing but text: by what her phones say and did, and by the screens
//! that are open. The queue offers such a caller to her before all others.
//!
//! # Assumptions
//! - A phone has text if its Contact says so (RFC 3840 §10.5), until it has answered an offer of text:
//!   what it does counts more than what it says.
//! - Of several phones one with text is enough: all of them ring, and show `by text`.
//! - A screen is open as long as it listens. Whether anybody sits before it, nobody knows.

use std::collections::BTreeMap;

use model::{AdvocateId, CallId, Contact, ContactId, Instant, LegId, TextPolicy};
use queue::Medium;

use crate::Switchboard;
use crate::leg::Role;

/// What an advocate has on her screens, all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// None is open.
    #[default]
    Closed,
    /// One is open.
    Open,
    /// One shows the text of this call.
    Reads(CallId),
}

/// What is known of screens and phones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    screens: BTreeMap<AdvocateId, Screen>,
    /// Whether a phone took text when it was last offered some.
    phones: BTreeMap<ContactId, bool>,
}

impl Reading {
    /// What an advocate has on her screens.
    pub(crate) fn screen(&self, advocate: AdvocateId) -> Screen {
        self.screens.get(&advocate).copied().unwrap_or_default()
    }

    fn takes_text(&self, contact: &Contact) -> bool {
        self.phones.get(&contact.id).copied().unwrap_or(contact.text)
    }
}

impl Switchboard {
    /// An advocate's screens are now so.
    pub(crate) fn screen_is(&mut self, now: Instant, advocate: AdvocateId, screen: Screen) {
        if self.queue.standing(advocate).is_none() {
            return;
        }
        self.reading.screens.insert(advocate, screen);
        self.weigh_reading(now, advocate);
        if let Some((call, _)) = self.conversation_of(advocate) {
            self.weigh_unread(now, call);
        }
    }

    /// An advocate's phone has answered, and may have been asked for text. One that has signed off
    /// meanwhile is not noted: nobody would ever forget it.
    pub(crate) fn note_phone(&mut self, now: Instant, leg: LegId) {
        let Some(leg) = self.legs.get(&leg) else { return };
        let Role::Advocate(_, advocate) = leg.role else { return };
        let (Some(contact), Some(takes_text)) = (leg.contact, leg.answered_text()) else { return };
        if self.has_contact(advocate, contact) {
            self.reading.phones.insert(contact, takes_text);
            self.weigh_reading(now, advocate);
        }
    }

    /// Of phones that are not there any more nothing is kept.
    pub(crate) fn forget_phones(&mut self, advocate: AdvocateId, before: &[Contact]) {
        for gone in before {
            if !self.has_contact(advocate, gone.id) {
                self.reading.phones.remove(&gone.id);
            }
        }
    }

    /// Tells the queue if the advocate could read now and could not before, or the other way round.
    pub(crate) fn weigh_reading(&mut self, now: Instant, advocate: AdvocateId) {
        let reads = self.could_read(advocate);
        if reads != self.queue.reads(advocate) {
            self.queue.handle_input(now, queue::Input::Reads { advocate, reads });
            self.drain_queue(now);
        }
    }

    /// How a caller can be understood.
    pub(crate) fn medium(&self, call: CallId) -> Medium {
        if self.only_writes(call) { Medium::Text } else { Medium::Voice }
    }

    /// A caller has sound from now on, or has lost it.
    pub(crate) fn medium_settled(&mut self, now: Instant, leg: LegId) {
        let Some(Role::Caller(entry)) = self.legs.get(&leg).map(|leg| leg.role) else { return };
        let medium = self.medium(entry);
        self.queue.handle_input(now, queue::Input::MediumChanged { entry, medium });
        self.drain_queue(now);
    }

    fn has_contact(&self, advocate: AdvocateId, id: ContactId) -> bool {
        self.contacts_of(advocate).iter().any(|contact| contact.id == id)
    }

    fn could_read(&self, advocate: AdvocateId) -> bool {
        let contacts = self.contacts_of(advocate);
        let has_text = self.settings.media.text_of(advocate) != TextPolicy::Off;
        self.reading.screen(advocate) != Screen::Closed
            || has_text && contacts.iter().any(|contact| self.reading.takes_text(contact))
    }
}
