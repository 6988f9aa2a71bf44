//! A supervisor takes part in a colleague's call: she listens, coaches the advocate, or talks with
//! all. Never hidden (A8, C22, D3): the advocate is told before a supervisor hears her, and the
//! caller before a supervisor hears her; each change is a notice.
//!
//! She disturbs nobody: whatever becomes of her phone, everyone else stays as they are. She is there
//! as long as the advocate is; who hands the caller on takes her out of the call. What becomes of
//! her when the advocate is lost is told in `taking_over`.
//!
//! # Assumptions
//! - One supervisor in a call. While she is there, or her phone rings for it, she is offered nothing.

use std::time::Duration;

use model::{
    AdvocateId, CallId, Digit, Instant, LegId, OwnAddress, Prompt, SessionDescription, Target,
};

use crate::act::Outcome;
use crate::call::Call;
use crate::leg::{Dial, Purpose, Role};
use crate::{Notice, Switchboard};

/// How a supervisor takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attendance {
    /// She hears all, and is heard by nobody.
    Listening,
    /// She hears all; the advocate hears her.
    Coaching,
    /// All hear each other.
    Joining,
}

/// Whose call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This one.
    Call(CallId),
    /// The one she is in.
    Advocate(AdvocateId),
}

/// A supervisor of a call.
#[derive(Clone, Debug)]
pub(crate) struct Supervisor {
    pub(crate) advocate: AdvocateId,
    pub(crate) attendance: Attendance,
    pub(crate) known: Known,
    /// Her phone, once it is up.
    pub(crate) leg: Option<LegId>,
    /// Her phones that ring.
    pub(crate) ringing: Vec<LegId>,
    /// Until when she may take the caller, whose advocate was lost.
    pub(crate) may_take_until: Option<Instant>,
    /// Until when the next key belongs to a star.
    star: Option<Instant>,
}

/// Who knows that a supervisor is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// She herself.
    Nobody,
    /// The caller is being told, or the advocate will tell her.
    Advocate,
    /// Everybody.
    All,
}

impl Attendance {
    /// Its word in acts and boards.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Listening => "listen",
            Self::Coaching => "coach",
            Self::Joining => "join",
        }
    }

    const fn said_to_advocate(self) -> &'static str {
        match self {
            Self::Listening => "adv-supervisor-listens",
            Self::Coaching => "adv-supervisor-coaches",
            Self::Joining => "adv-supervisor-joins",
        }
    }

    const fn said_to_herself(self) -> &'static str {
        match self {
            Self::Listening => "sup-listening",
            Self::Coaching => "sup-coaching",
            Self::Joining => "sup-joining",
        }
    }
}

impl Supervisor {
    const fn new(advocate: AdvocateId, attendance: Attendance, ringing: Vec<LegId>) -> Self {
        let (known, leg, may_take_until, star) = (Known::Nobody, None, None, None);
        Self { advocate, attendance, known, leg, ringing, may_take_until, star }
    }

    /// Every leg of hers.
    pub(crate) fn legs(&self) -> impl Iterator<Item = LegId> {
        self.leg.into_iter().chain(self.ringing.iter().copied())
    }
}

impl Switchboard {
    /// Rings a supervisor's phones for a call, or changes how she takes part in it.
    pub(crate) fn supervise(
        &mut self,
        now: Instant,
        supervisor: AdvocateId,
        whose: Whose,
        attendance: Attendance,
    ) -> Outcome {
        let id = match self.may_supervise(supervisor, whose) {
            Ok(id) => id,
            Err(outcome) => return outcome,
        };
        if let Some(outcome) = self.attend(id, supervisor, attendance) {
            return outcome;
        }
        let contacts = self.contacts_of(supervisor).to_vec();
        let Some(call) = self.calls.get(&id).filter(|_| !contacts.is_empty()) else {
            return Outcome::Unavailable;
        };
        let (room, role) = (call.room, Role::Supervisor(id, supervisor));
        let display = format!("{}, {}", self.language_name(call.language), attendance.as_str());
        let dial = |target| Dial { target, display: display.clone(), rings_for: RINGS_FOR };
        let dials: Vec<Dial> = contacts.iter().map(|c| dial(Target::Contact(c.id))).collect();
        let ringing = dials.into_iter().map(|dial| self.dial(now, room, role, dial)).collect();
        self.expect(now, id, Supervisor::new(supervisor, attendance, ringing));
        Outcome::Done
    }

    /// A supervisor dials into a call from her desk phone; why not, if not.
    pub(crate) fn supervise_by_phone(
        &mut self,
        now: Instant,
        leg: LegId,
        (supervisor, whose, attendance): (AdvocateId, Whose, Attendance),
        offer: Option<SessionDescription>,
        own: OwnAddress,
    ) -> Result<(), (Outcome, Option<SessionDescription>)> {
        let id = match self.may_supervise(supervisor, whose) {
            Ok(id) => id,
            Err(outcome) => return Err((outcome, offer)),
        };
        let room = self.calls.get(&id).filter(|call| call.supervisor.is_none());
        let Some(room) = room.map(|call| call.room) else { return Err((Outcome::Busy, offer)) };
        self.take(now, leg, room, Role::Supervisor(id, supervisor), offer, own);
        self.expect(now, id, Supervisor::new(supervisor, attendance, vec![leg]));
        Ok(())
    }

    /// The call that she may supervise now.
    fn may_supervise(&self, supervisor: AdvocateId, whose: Whose) -> Result<CallId, Outcome> {
        if !self.settings.supervisors.contains(&supervisor) {
            return Err(Outcome::NotAllowed);
        }
        let id = match whose {
            Whose::Call(id) => Some(id).filter(|id| self.calls.contains_key(id)),
            Whose::Advocate(advocate) => self.conversation_of(advocate).map(|(id, _)| id),
        };
        let id = id.ok_or(Outcome::NoCall)?;
        let elsewhere = self.supervised_by(supervisor).is_some_and(|other| other != id);
        if elsewhere || self.conversation_of(supervisor).is_some() {
            return Err(Outcome::Busy);
        }
        let call = self.calls.get(&id).filter(|call| call.talk().is_some());
        match call.ok_or(Outcome::NotNow)?.supervisor.as_ref() {
            Some(other) if other.advocate != supervisor => Err(Outcome::Busy),
            _ => Ok(id),
        }
    }

    fn expect(&mut self, now: Instant, id: CallId, supervisor: Supervisor) {
        let advocate = supervisor.advocate;
        if let Some(call) = self.calls.get_mut(&id) {
            call.supervisor = Some(supervisor);
        }
        self.reach(now, advocate);
    }

    /// Takes part in another way from now on; none if she is not in this call.
    fn attend(
        &mut self,
        id: CallId,
        advocate: AdvocateId,
        attendance: Attendance,
    ) -> Option<Outcome> {
        let call = self.calls.get_mut(&id)?;
        let host = call.advocate_leg();
        let supervisor = call.supervisor.as_mut().filter(|one| one.advocate == advocate)?;
        if std::mem::replace(&mut supervisor.attendance, attendance) == attendance {
            return Some(Outcome::Already);
        }
        if let Some(leg) = supervisor.leg {
            self.notice(Notice::Supervised { call: id, advocate, attendance });
            self.tell_staff(leg, attendance.said_to_herself(), Purpose::Tell);
            if let Some(host) = host {
                self.tell_staff(host, attendance.said_to_advocate(), Purpose::Tell);
            }
            self.reroute(id);
        }
        Some(Outcome::Done)
    }

    /// Her phone is up: the advocate is told first.
    pub(crate) fn supervisor_up(&mut self, id: CallId, leg: LegId) {
        let call = self.calls.get_mut(&id);
        let host = call.as_ref().and_then(|call| call.advocate_leg());
        let supervisor = call.and_then(|call| call.supervisor.as_mut());
        let supervisor = supervisor.filter(|one| one.leg.is_none() && one.ringing.contains(&leg));
        let (Some(supervisor), Some(host)) = (supervisor, host) else { return self.release(leg) };
        supervisor.leg = Some(leg);
        let ringing = std::mem::take(&mut supervisor.ringing);
        let (advocate, attendance) = (supervisor.advocate, supervisor.attendance);
        ringing.into_iter().filter(|&other| other != leg).for_each(|other| self.release(other));
        self.notice(Notice::Supervised { call: id, advocate, attendance });
        self.tell_staff(leg, attendance.said_to_herself(), Purpose::Tell);
        self.tell_staff(host, attendance.said_to_advocate(), Purpose::SupervisorTold);
    }

    /// The advocate knows. C22: the caller is told before a supervisor hears her; without words in
    /// her language the advocate tells her, and opens the way.
    pub(crate) fn advocate_knows(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (language, host) = (call.language, call.advocate_leg());
        let Some(supervisor) = &mut call.supervisor else { return };
        let Some(leg) = supervisor.leg.filter(|_| supervisor.known == Known::Nobody) else {
            return;
        };
        supervisor.known = Known::Advocate;
        self.reroute(id);
        let in_her_language = Prompt::spoken(language, "supervisor-joining");
        if self.settings.recordings.has(&in_her_language) {
            return self.tell_caller(id, "supervisor-joining", Purpose::SupervisorTold);
        }
        self.tell_caller(id, "supervisor-joining", Purpose::Tell);
        self.tell_staff(leg, "sup-wait", Purpose::Tell);
        if let Some(host) = host {
            self.tell_staff(host, "adv-supervisor-open-way", Purpose::Tell);
        }
    }

    /// The caller knows who is there: from now on a supervisor hears her. Says whether one waited
    /// for that.
    pub(crate) fn caller_knows(&mut self, id: CallId) -> bool {
        let supervisor = self.calls.get_mut(&id).and_then(|call| call.supervisor.as_mut());
        let waiting = supervisor.filter(|one| one.known == Known::Advocate);
        let Some(supervisor) = waiting else { return false };
        supervisor.known = Known::All;
        self.reroute(id);
        true
    }

    /// A key on her phone: after a star, how she takes part.
    pub(crate) fn supervisor_key(&mut self, now: Instant, id: CallId, leg: LegId, key: Digit) {
        let supervisor = self.calls.get_mut(&id).and_then(|call| call.supervisor.as_mut());
        let Some(supervisor) = supervisor.filter(|one| one.leg == Some(leg)) else { return };
        let has_star = supervisor.star.take().is_some_and(|until| now <= until);
        let (advocate, key) = (supervisor.advocate, key.as_char());
        if !has_star {
            supervisor.star = (key == '*').then_some(now + PATIENCE);
            return;
        }
        let is_asked = supervisor.may_take_until.is_some();
        let attendance = match key {
            '9' if is_asked => {
                self.take_over(now, advocate);
                return;
            }
            '1' | '2' | '3' if is_asked => {
                return self.tell_staff(leg, "sup-advocate-lost", Purpose::Tell);
            }
            '1' => Attendance::Listening,
            '2' => Attendance::Coaching,
            '3' => Attendance::Joining,
            '0' => {
                self.stop_supervising(now, advocate);
                return;
            }
            _ => return self.tell_staff(leg, "sup-code-help", Purpose::Tell),
        };
        self.attend(id, advocate, attendance);
    }

    /// A supervisor leaves the call she is in, or stops her phones that ring for it.
    pub(crate) fn stop_supervising(&mut self, now: Instant, advocate: AdvocateId) -> Outcome {
        let Some(id) = self.supervised_by(advocate) else { return Outcome::Already };
        let known = self.dismiss_supervisor(now, id);
        self.say_that_she_left(id, known);
        Outcome::Done
    }

    /// One of her legs is gone: nobody else is disturbed.
    pub(crate) fn supervisor_gone(&mut self, now: Instant, id: CallId, leg: LegId) {
        let supervisor = self.calls.get_mut(&id).and_then(|call| call.supervisor.as_mut());
        let Some(supervisor) = supervisor else { return };
        supervisor.ringing.retain(|&other| other != leg);
        let still = supervisor.leg.filter(|&held| held != leg);
        if still.is_none() && (supervisor.leg.is_some() || supervisor.ringing.is_empty()) {
            let known = self.dismiss_supervisor(now, id);
            self.say_that_she_left(id, known);
        }
    }

    /// Takes a supervisor out of a call without a word; says who knew of her.
    pub(crate) fn dismiss_supervisor(&mut self, now: Instant, id: CallId) -> Known {
        let supervisor = self.calls.get_mut(&id).and_then(|call| call.supervisor.take());
        let Some(supervisor) = supervisor else { return Known::Nobody };
        supervisor.legs().for_each(|leg| self.release(leg));
        let (advocate, known) = (supervisor.advocate, supervisor.known);
        if supervisor.leg.is_some() {
            self.notice(Notice::SupervisorLeft { call: id, advocate });
        }
        self.reach(now, advocate);
        known
    }

    fn say_that_she_left(&mut self, id: CallId, known: Known) {
        self.reroute(id);
        let host = self.calls.get(&id).and_then(Call::advocate_leg);
        // To a caller who waits she is gone already.
        let Some(host) = host.filter(|_| known > Known::Nobody) else { return };
        self.tell_staff(host, "adv-supervisor-left", Purpose::Tell);
        self.tell_caller(id, "supervisor-left", Purpose::Tell);
    }

    /// The call that she supervises, or is rung for.
    pub(crate) fn supervised_by(&self, advocate: AdvocateId) -> Option<CallId> {
        let hers = |call: &Call| call.supervisor.as_ref().is_some_and(|s| s.advocate == advocate);
        self.calls.iter().find(|(_, call)| hers(call)).map(|(&id, _)| id)
    }

    /// Tells the queue whether she can be offered a caller: she has a phone, and supervises nobody.
    pub(crate) fn reach(&mut self, now: Instant, advocate: AdvocateId) {
        let has_phone = !self.contacts_of(advocate).is_empty();
        let reachable = has_phone && self.supervised_by(advocate).is_none();
        self.queue.handle_input(now, queue::Input::Reachable { advocate, reachable });
        self.drain_queue(now);
    }
}

/// How long her phone may ring.
const RINGS_FOR: Duration = Duration::from_secs(30);
/// How long a star waits for its key.
const PATIENCE: Duration = Duration::from_secs(4);
