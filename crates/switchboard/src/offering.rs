//! Offers: the queue says who is rung, every contact of hers rings, the first answer wins.

use std::time::Duration;

use model::{AdvocateId, CallId, EndReason, Instant, Language, LegId, Target};
use queue::{Alarm, Missed};

use crate::leg::{DIALLING, Dial, Role};
use crate::{Notice, Switchboard};

impl Switchboard {
    /// Does what the queue decided.
    pub(crate) fn drain_queue(&mut self, now: Instant) {
        while let Some(output) = self.queue.poll_output() {
            self.queue_output(now, &output);
        }
    }

    fn queue_output(&mut self, now: Instant, output: &queue::Output) {
        match *output {
            queue::Output::Offer { advocate, entry, language, waited, .. } => {
                self.ring(now, advocate, entry, language, waited);
            }
            queue::Output::CancelOffer { advocate, entry } => {
                self.stop_ringing(now, entry, advocate)
            }
            queue::Output::Connected { advocate, entry } => self.connect(now, entry, advocate),
            queue::Output::StateChanged { advocate, state } => {
                self.standing_since.insert(advocate, now);
                self.notice(Notice::AdvocateIs { advocate, standing: state });
            }
            queue::Output::AlarmOver(_) => {}
            queue::Output::SetAway { advocate, .. } => {
                self.notice(Notice::AdvocateSetAway { advocate });
            }
            queue::Output::NobodyOnShift { entry } => {
                self.notice(Notice::NobodyOnShift { call: entry });
                self.nobody_on_shift(now, entry);
            }
            queue::Output::SomebodyOnShift { .. } => {}
            queue::Output::Alarm(Alarm::LastReadyNotAnswering { advocate, .. }) => {
                self.notice(Notice::LastAdvocateNotAnswering { advocate });
            }
            queue::Output::Alarm(Alarm::LongWait { entry, .. }) => {
                self.notice(Notice::LongWait { call: entry });
            }
            // Said for each caller by `NobodyOnShift`.
            queue::Output::Alarm(Alarm::NobodyOnShift { .. }) => {}
        }
    }

    fn ring(
        &mut self,
        now: Instant,
        advocate: AdvocateId,
        entry: CallId,
        language: Language,
        waited: Duration,
    ) {
        let Some(room) = self.calls.get(&entry).map(|call| call.room) else { return };
        let handed_on = self.calls.get(&entry).is_some_and(|call| call.transfer.is_some());
        let display = match handed_on {
            true => format!("{}, transfer", self.language_name(language)),
            false => self.offer_display(entry, language, waited),
        };
        let contacts = self.contacts_of(advocate).to_vec();
        let dialled: Vec<LegId> = contacts
            .iter()
            .map(|contact| {
                let role = Role::Advocate(entry, advocate);
                let target = Target::Contact(contact.id);
                self.dial(
                    now,
                    room,
                    role,
                    Dial { target, display: display.clone(), rings_for: DIALLING },
                )
            })
            .collect();
        if dialled.is_empty() {
            return self.offer_failed(now, entry, advocate, EndReason::Unreachable);
        }
        self.notice(Notice::Offered { call: entry, advocate });
        if let Some(call) = self.calls.get_mut(&entry) {
            call.offers.insert(advocate, dialled);
        }
    }

    /// A1: an offer shows language and wait, and nothing about the caller; but that she only writes,
    /// because a phone without text stays silent then.
    fn offer_display(&self, entry: CallId, language: Language, waited: Duration) -> String {
        let name = self.language_name(language);
        let by_text = if self.only_writes(entry) { ", by text" } else { "" };
        match waited.as_secs() / 60 {
            0 => format!("{name}, new call{by_text}"),
            minutes => format!("{name}, waits {minutes} min{by_text}"),
        }
    }

    pub(crate) fn language_name(&self, language: Language) -> &str {
        self.settings.catalogue.by_tag(language).map_or("Language unknown", |l| l.english)
    }

    fn stop_ringing(&mut self, now: Instant, id: CallId, advocate: AdvocateId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        for leg in call.offers.remove(&advocate).unwrap_or_default() {
            self.release(leg);
        }
        self.colleague_failed(now, id, advocate, EndReason::NoAnswer);
    }

    /// One of her phones was answered: the queue decides whether she was in time.
    pub(crate) fn advocate_up(&mut self, now: Instant, entry: CallId, advocate: AdvocateId) {
        self.queue.handle_input(now, queue::Input::OfferAccepted { advocate, entry });
        self.drain_queue(now);
    }

    pub(crate) fn advocate_gone(
        &mut self,
        now: Instant,
        id: CallId,
        advocate: AdvocateId,
        leg: LegId,
        reason: EndReason,
    ) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.advocate_leg() == Some(leg) {
            return self.advocate_left(now, id, reason);
        }
        let Some(ringing) = call.offers.get_mut(&advocate) else { return };
        ringing.retain(|&other| other != leg);
        if ringing.is_empty() {
            call.offers.remove(&advocate);
            self.offer_failed(now, id, advocate, reason);
        }
    }

    fn offer_failed(
        &mut self,
        now: Instant,
        entry: CallId,
        advocate: AdvocateId,
        reason: EndReason,
    ) {
        let missed = match reason {
            EndReason::NoAnswer => Missed::NoAnswer,
            EndReason::Busy | EndReason::Declined | EndReason::HungUp => Missed::Declined,
            _ => Missed::Failed,
        };
        let failed = queue::Input::OfferFailed { advocate, entry, reason: missed };
        self.queue.handle_input(now, failed);
        self.drain_queue(now);
        self.colleague_failed(now, entry, advocate, reason);
    }
}
