//! The life of a leg: opened, dialled or answered, settled, probed, ended.

use model::{
    AdvocateId, Contact, Direction, EndReason, Instant, LegCommand, LegId, MediaCommand,
    MediaFacts, MediaRefusal, OwnAddress, Peer, Pii, RoomId, SessionDescription, TextPolicy,
};

use crate::capacity::Wants;
use crate::leg::{
    Dial, DigitsBy, Leg, LegState, OPENING, Owed, Reoffering, Role, SETTLING, Then, UNANSWERED,
};
use crate::sound::Sound;
use crate::{Notice, Switchboard};

impl Switchboard {
    /// An INVITE: an advocate's star code, or a caller.
    pub(crate) fn offered(
        &mut self,
        now: Instant,
        leg: LegId,
        from: Peer,
        dialled: &Pii<String>,
        offer: Option<SessionDescription>,
        own: OwnAddress,
    ) {
        if self.legs.contains_key(&leg) {
            return;
        }
        let wants = match from {
            _ if self.plans.measure(dialled.reveal()) => Wants::Measurement,
            Peer::Advocate(advocate) => Wants::Desk(advocate),
            Peer::Trunk(_) => Wants::Help,
        };
        if !self.takes(wants) {
            self.notice(Notice::CallRefused);
            let retry_after = Some(RETRY_AFTER);
            return self.leg(LegCommand::Refuse { leg, status: 503, retry_after });
        }
        match wants {
            Wants::Desk(advocate) => self.desk_called(now, leg, advocate, dialled, offer, own),
            Wants::Measurement | Wants::Help => {
                self.caller_arrived(now, leg, from, dialled, offer, own);
            }
        }
    }

    /// Takes an inbound leg: media first, then the 200.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        leg: LegId,
        room: RoomId,
        role: Role,
        offer: Option<SessionDescription>,
        own: OwnAddress,
    ) {
        self.legs.insert(leg, Leg::opening(leg, role, now));
        self.touch_leg(leg);
        let policy = self.first_offer(leg, self.settings.media.of_role(role));
        let quiet_after = role.patience().0;
        self.media(MediaCommand::Open { leg, room, offer, own, policy, quiet_after });
    }

    /// Seeks the way of a new leg, gives it media there, and dials it as soon as it has a
    /// description.
    pub(crate) fn dial(&mut self, now: Instant, room: RoomId, role: Role, dial: Dial) -> LegId {
        let leg = self.new_leg_id();
        let target = dial.target.clone();
        self.legs.insert(leg, Leg::locating(leg, role, room, dial, now));
        self.touch_leg(leg);
        self.leg(LegCommand::Locate { leg, target });
        leg
    }

    /// The way of a leg that is to be dialled is known: its media are opened there.
    pub(crate) fn located(&mut self, now: Instant, id: LegId, own: OwnAddress) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let LegState::Locating { room, dial, .. } = &leg.state else { return };
        let (room, dial) = (*room, dial.clone());
        leg.owed.push_back(Owed::Port);
        let (role, target) = (leg.role, dial.target.clone());
        leg.state = LegState::Opening { then: Then::Dial(dial), until: now + OPENING };
        let policy = self.settings.media.of_dialled(role, &target);
        let policy = self.first_offer(id, policy);
        let quiet_after = role.patience().0;
        self.touch_leg(id);
        self.media(MediaCommand::Open { leg: id, room, offer: None, own, policy, quiet_after });
    }

    /// Ends a leg of ours at once; what it had still to hear is dropped.
    pub(crate) fn release(&mut self, leg: LegId) {
        if self.legs.remove(&leg).is_some() {
            self.touch_leg(leg);
            self.leg(LegCommand::End { leg });
            self.media(MediaCommand::Close { leg });
        }
    }

    /// The media's word on the oldest question it has still to answer.
    pub(crate) fn media_ready(
        &mut self,
        now: Instant,
        id: LegId,
        description: Option<SessionDescription>,
        facts: Option<MediaFacts>,
    ) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let owed = leg.owed.pop_front();
        if let Some(facts) = facts {
            self.agreed(now, id, facts);
        }
        match (owed, description) {
            (Some(Owed::Port), Some(ours)) => self.described(now, id, ours),
            (Some(Owed::Reply), Some(answer)) => self.leg(LegCommand::Accept { leg: id, answer }),
            (Some(Owed::Offer), Some(offer)) => self.leg(LegCommand::Reoffer { leg: id, offer }),
            (Some(Owed::Answer), None) => self.early(now, id),
            _ => {}
        }
        self.up_if_settled(now, id);
    }

    /// Takes over what an exchange settled.
    fn agreed(&mut self, now: Instant, id: LegId, facts: MediaFacts) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let before = std::mem::replace(&mut leg.direction, facts.direction);
        leg.settled = true;
        leg.secure = facts.secure;
        let had_sound = leg.sound != Sound::None;
        leg.sound.settles(facts.sound);
        let had_text = std::mem::replace(&mut leg.text, facts.text);
        if facts.telephone_events {
            leg.digits = DigitsBy::Events;
        }
        let changed = (before == Direction::Both) != (facts.direction == Direction::Both);
        if leg.is_up() && changed {
            self.held_by_phone(id, facts.direction);
        }
        self.text_settled(now, id, had_text);
        if had_sound != facts.sound {
            self.medium_settled(now, id);
        }
        if let Some(call) = self.legs.get(&id).and_then(|leg| leg.role.call()) {
            self.weigh_unread(now, call);
        }
    }

    fn described(&mut self, now: Instant, id: LegId, ours: SessionDescription) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let LegState::Opening { then, .. } = leg.state.clone() else { return };
        match then {
            Then::Answer => {
                leg.state = LegState::Accepted { until: now + SETTLING };
                self.leg(LegCommand::Answer { leg: id, answer: ours });
            }
            Then::Progress => {
                leg.state = LegState::Early { ours: ours.clone(), until: now + UNANSWERED };
                self.leg(LegCommand::Progress { leg: id, description: ours });
            }
            Then::Dial(Dial { target, display, rings_for }) => {
                leg.state = LegState::Dialling { until: now + rings_for };
                self.leg(LegCommand::Dial { leg: id, target, offer: ours, display });
            }
        }
    }

    pub(crate) fn media_refused(&mut self, now: Instant, id: LegId, reason: MediaRefusal) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        match (leg.owed.pop_front(), &leg.state) {
            (Some(Owed::Port), LegState::Opening { then: Then::Answer | Then::Progress, .. }) => {
                let retry_after = (reason == MediaRefusal::NoPort).then_some(RETRY_AFTER);
                let status = refusal_status(reason);
                self.leg(LegCommand::Refuse { leg: id, status, retry_after });
                self.leg_gone(now, id, EndReason::Failed);
            }
            (Some(Owed::Port), _) => self.leg_gone(now, id, EndReason::Failed),
            (Some(Owed::Reply), _) => self.leg(LegCommand::RefuseOffer { leg: id }),
            (Some(Owed::Offer), _) => self.offer_closed(id, false),
            (Some(Owed::Answer), LegState::Settling { .. }) => {
                self.leg(LegCommand::End { leg: id });
                self.leg_gone(now, id, EndReason::Failed);
            }
            // Early media that we cannot serve are not heard; a 200 may bring a better answer.
            // In an established session the old media run on.
            (Some(Owed::Answer), LegState::Up) => self.media(MediaCommand::Abandon { leg: id }),
            _ => {}
        }
    }

    /// 200 for a leg we dialled, or the ACK of one we answered.
    pub(crate) fn answered(&mut self, now: Instant, id: LegId, answer: Option<SessionDescription>) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if let LegState::Dialling { .. } | LegState::Accepted { .. } = leg.state {
            leg.state = LegState::Settling { until: now + SETTLING };
        }
        // A delayed offer is answered in the ACK, also that of a re-INVITE.
        if let Some(answer) = answer {
            self.take_answer(id, answer);
        }
        self.up_if_settled(now, id);
    }

    /// An answer before the 200, that of an early dialog: its media are received from now on.
    pub(crate) fn progressed(&mut self, id: LegId, answer: SessionDescription) {
        if self.legs.get(&id).is_some_and(|leg| !leg.is_up()) {
            self.take_answer(id, answer);
        }
    }

    fn take_answer(&mut self, id: LegId, answer: SessionDescription) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.owed.push_back(Owed::Answer);
        self.media(MediaCommand::Answer { leg: id, answer });
    }

    /// Audio may come before the 200.
    fn early(&mut self, now: Instant, id: LegId) {
        if let Some(Role::Vendor(call, _)) =
            self.legs.get(&id).filter(|leg| leg.is_early()).map(|leg| leg.role)
        {
            self.line_early(now, call);
        }
    }

    /// An established leg is up once nothing is owed to its first exchange. An early dialog may have
    /// settled it before; where nothing did, there is no session (RFC 3261 §13.2.1).
    fn up_if_settled(&mut self, now: Instant, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        if !matches!(leg.state, LegState::Settling { .. }) || leg.owed.contains(&Owed::Answer) {
            return;
        }
        if leg.settled {
            return self.leg_up(now, id);
        }
        self.leg(LegCommand::End { leg: id });
        self.leg_gone(now, id, EndReason::Failed);
    }

    /// A way in which the peer takes digits; the best one is used.
    pub(crate) fn takes_digits(&mut self, id: LegId, way: DigitsBy) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.digits = leg.digits.max(way);
        }
    }

    /// An offer of the peer within the dialog, or its wish for one of ours.
    pub(crate) fn reoffered(&mut self, id: LegId, offer: Option<SessionDescription>) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.owed.push_back(Owed::Reply);
        if leg.reoffering == Reoffering::Open {
            leg.reoffering = Reoffering::Crossed;
        }
        let text = if offer.is_none() { self.next_offer(id) } else { TextPolicy::Accepted };
        self.media(MediaCommand::Reoffer { leg: id, offer, text });
    }

    /// Asks the peer to talk as if nothing were held, one offer at a time.
    pub(crate) fn reoffer(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.is_up()) else { return };
        if leg.reoffering == Reoffering::No {
            leg.reoffering = Reoffering::Open;
            leg.owed.push_back(Owed::Offer);
            let text = self.next_offer(id);
            self.media(MediaCommand::Reoffer { leg: id, offer: None, text });
        }
    }

    /// Offers what our media are now: after the offer that is open, if that was made before.
    pub(crate) fn offer_anew(&mut self, id: LegId) {
        match self.legs.get_mut(&id) {
            Some(leg) if leg.reoffering != Reoffering::No => leg.reoffering = Reoffering::Outdated,
            _ => self.reoffer(id),
        }
    }

    /// An offer of ours has come to its end.
    fn offer_closed(&mut self, id: LegId, is_answered: bool) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        let before = std::mem::replace(&mut leg.reoffering, Reoffering::No);
        leg.note_text_offer(before, is_answered);
        match before {
            Reoffering::Outdated => self.reoffer(id),
            _ => self.follow_text(id),
        }
    }

    /// The end of an offer of ours, or another answer to a refresh (RFC 4028 §7.4). Without an
    /// answer the old session runs on.
    pub(crate) fn reanswered(&mut self, id: LegId, answer: Option<SessionDescription>) {
        if !self.legs.contains_key(&id) {
            return;
        }
        let is_answered = answer.is_some();
        match answer {
            Some(answer) => self.take_answer(id, answer),
            None => self.media(MediaCommand::Abandon { leg: id }),
        }
        self.offer_closed(id, is_answered);
    }

    pub(crate) fn leg_ended(&mut self, now: Instant, leg: LegId, reason: EndReason) {
        self.leg_gone(now, leg, reason);
    }

    pub(crate) fn leg_timeout(&mut self, now: Instant, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        if leg.deadline().is_some_and(|until| until <= now) {
            if !matches!(leg.state, LegState::Dialling { .. }) {
                self.note_healed();
            }
            self.leg(LegCommand::End { leg: id });
            self.leg_gone(now, id, EndReason::NoAnswer);
        }
    }

    /// No packet for a while: ask the peer whether it is alive (C14, C18, I3).
    pub(crate) fn quiet(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id).filter(|leg| leg.is_up()) else { return };
        leg.sound.stops();
        leg.level_dbov = None;
        let within = leg.role.patience().1;
        self.leg(LegCommand::Probe { leg: id, within });
    }

    /// Only a peer that does not answer ends a leg; lack of RTP alone never does.
    pub(crate) fn probed(&mut self, now: Instant, id: LegId, alive: bool) {
        if !alive && self.legs.contains_key(&id) {
            self.leg(LegCommand::End { leg: id });
            self.leg_gone(now, id, EndReason::Lost);
        }
    }

    /// The media had lost the leg by a defect of ours, and serves it anew. An encrypted peer is
    /// offered new keys: what those it has were used for is not known any more.
    pub(crate) fn revived(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let is_secure = leg.secure;
        self.note_healed();
        if is_secure {
            self.offer_anew(id);
        }
    }

    pub(crate) fn contacts_changed(
        &mut self,
        now: Instant,
        advocate: AdvocateId,
        contacts: Vec<Contact>,
    ) {
        let before = self.contacts.insert(advocate, contacts).unwrap_or_default();
        self.forget_phones(advocate, &before);
        self.weigh_reading(now, advocate);
        self.reach(now, advocate);
    }

    /// The phones an advocate is registered with.
    pub(crate) fn contacts_of(&self, advocate: AdvocateId) -> &[Contact] {
        self.contacts.get(&advocate).map_or(&[], Vec::as_slice)
    }

    fn leg_up(&mut self, now: Instant, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        leg.state = LegState::Up;
        match leg.role {
            Role::Caller(call) => self.caller_up(now, call),
            Role::Advocate(call, advocate) => {
                self.advocate_up(now, call, advocate);
                self.follow_text(id);
            }
            Role::Vendor(call, _) => self.line_up(now, call),
            Role::Diversion(call) => self.diversion_up(now, call),
            Role::Supervisor(call, _) => self.supervisor_up(call, id),
            Role::Desk(_) => self.desk_up(id),
        }
    }

    /// Takes a leg out of every table and lets its call go on without it.
    fn leg_gone(&mut self, now: Instant, id: LegId, reason: EndReason) {
        let Some(leg) = self.legs.remove(&id) else { return };
        self.touch_leg(id);
        self.media(MediaCommand::Close { leg: id });
        match leg.role {
            Role::Caller(call) => self.end_call(now, call, reason),
            Role::Advocate(call, advocate) => self.advocate_gone(now, call, advocate, id, reason),
            Role::Vendor(call, vendor) => self.line_gone(now, call, vendor, id, reason),
            Role::Diversion(call) => self.diversion_gone(now, call, reason),
            Role::Supervisor(call, _) => self.supervisor_gone(now, call, id),
            Role::Desk(_) => {}
        }
    }
}

const fn refusal_status(reason: MediaRefusal) -> u16 {
    match reason {
        MediaRefusal::Malformed { .. } => 400,
        MediaRefusal::NothingInCommon => 488,
        MediaRefusal::NoPort => 503,
        MediaRefusal::OutOfOrder => 500,
    }
}

const RETRY_AFTER: std::time::Duration = std::time::Duration::from_secs(5);
