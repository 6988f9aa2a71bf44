//! Caller and advocate in conversation: connected, set aside, lost, ended.

use model::{AdvocateId, CallId, Direction, EndReason, Instant, LegId, MediaCommand, RoomId};

use crate::act::{Act, Outcome};
use crate::audience::audience;
use crate::call::{Stage, Talk};
use crate::codes::Code;
use crate::hearing::{self, Aside};
use crate::leg::{Purpose, Role, Way};
use crate::{Notice, Switchboard};

impl Switchboard {
    /// The queue's word that `advocate` has the caller: her answered phone stays, the others stop.
    pub(crate) fn connect(&mut self, now: Instant, id: CallId, advocate: AdvocateId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let ringing = call.offers.remove(&advocate).unwrap_or_default();
        let is_up = |leg: &LegId| self.legs.get(leg).is_some_and(crate::leg::Leg::is_up);
        let Some(leg) = ringing.iter().copied().find(is_up) else { return };
        for other in ringing.into_iter().filter(|&other| other != leg) {
            self.release(other);
        }
        self.handed_on(now, id);
        // One who might have taken her herself.
        self.dismiss_supervisor(now, id);
        self.stop_diverting(id);
        self.plan_input(now, id, dialplan::Input::Suspend);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.enter(now, Stage::Talking(Talk::new(advocate, leg)));
        let (caller, language) = (call.caller, call.language);
        self.hush(caller);
        self.greet(now, id);
        let name = self.language_prompt(language);
        self.tell(leg, name, Purpose::Tell);
        self.notice(Notice::Connected { call: id, advocate });
        self.resume_interpreter(id);
        self.reroute(id);
        self.touch(id);
    }

    /// The spoken name of a language, for staff.
    pub(crate) fn language_prompt(&self, language: model::Language) -> Vec<model::Prompt> {
        let recordings = &self.settings.recordings;
        let named = recordings.for_staff(&format!("language-{language}"));
        if named.is_empty() { recordings.for_staff("adv-language-unknown") } else { named }
    }

    /// Sends the matrix if it differs from the one in force.
    pub(crate) fn reroute(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let routes = hearing::routes(&call.present());
        if routes == call.routes {
            return;
        }
        call.routes.clone_from(&routes);
        call.route_version += 1;
        let (room, version) = (call.room, call.route_version);
        call.audiences.push_back((version, audience(&call.present(), &routes)));
        self.media(MediaCommand::Route { room, version, routes });
    }

    /// The shard's word that a matrix is in force: only now does a new party count as joined.
    pub(crate) fn routed(&mut self, now: Instant, room: RoomId, version: u64) {
        let id = CallId(room.0);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let audible = call.audience_of(version);
        let joined = if call.route_version == version { call.newly_joined() } else { None };
        if let Some(since) = joined.and_then(|_| call.end_of_wait()) {
            self.waits.joins(now.since(since));
        }
        if let Some(audible) = audible {
            self.notice(Notice::Audience { call: id, audible });
        }
        if let Some(vendor) = joined {
            self.notice(Notice::InterpreterJoined { call: id, vendor });
        }
    }

    /// The conversation's end from the advocate's side. A supervisor who talks with the caller keeps
    /// her. Else a BYE is the advocate's decision, and the caller hears the closing line; anything
    /// else is a loss, and the caller is first in line (C18), as is one who could never be read.
    pub(crate) fn advocate_left(&mut self, now: Instant, id: CallId, reason: EndReason) {
        let Some(advocate) = self.calls.get(&id).and_then(|c| c.talk()).map(|t| t.advocate) else {
            return;
        };
        let handed_on = self.was_handing_on(now, id);
        if !handed_on && self.supervisor_stays(now, id, advocate, reason) {
            return;
        }
        let was_read = self.calls.get(&id).and_then(|c| c.talk()).is_some_and(|t| t.was_read);
        let told = match (reason, handed_on) {
            (EndReason::HungUp, false) if was_read => return self.close(now, id),
            // She leaves the caller to whom she hands her on.
            (EndReason::HungUp, _) => {
                self.notice(Notice::HandedOn { call: id, advocate });
                "please-wait"
            }
            _ => {
                self.notice(Notice::AdvocateLost { call: id, advocate });
                "advocate-lost"
            }
        };
        self.queue.handle_input(now, queue::Input::AdvocateLost { advocate });
        self.drain_queue(now);
        // Only now: the caller whom she knows is first in line for her too.
        match handed_on {
            true => _ = self.dismiss_supervisor(now, id),
            false => self.ask_to_take_over(now, id),
        }
        self.back_in_line(now, id);
        self.tell_caller(id, told, Purpose::Tell);
        self.hold_interpreter(now, id);
        self.reroute(id);
    }

    /// `*0`, or the advocate hung up: the closing line, then the end. Everyone else leaves now (I9).
    pub(crate) fn close(&mut self, now: Instant, id: CallId) {
        self.dismiss_supervisor(now, id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let advocate = call.talk().map(|talk| (talk.advocate, talk.leg));
        call.transfer = None;
        call.enter(now, Stage::Closing);
        let caller = call.caller;
        if let Some((advocate, leg)) = advocate {
            self.release(leg);
            self.queue.handle_input(now, queue::Input::CallEnded { advocate });
            self.drain_queue(now);
        }
        self.stop_diverting(id);
        self.dismiss_interpreter(now, id);
        self.reroute(id);
        self.media(MediaCommand::Music { leg: caller, music: None });
        self.hush(caller);
        self.plan_input(now, id, dialplan::Input::Close);
    }

    /// A key: an advocate's code, or the caller's choice in the dialplan.
    pub(crate) fn digit(&mut self, now: Instant, leg: LegId, way: Way, digit: model::Digit) {
        let Some(party) = self.legs.get_mut(&leg) else { return };
        if !party.presses(now, way, digit) {
            return;
        }
        let role = party.role;
        match role {
            Role::Caller(call) => self.caller_digit(now, call, digit),
            Role::Advocate(call, _) => {
                let talk = self.calls.get_mut(&call).and_then(|call| call.talk_mut());
                let talk = talk.filter(|talk| talk.leg == leg);
                if let Some(code) = talk.and_then(|talk| talk.codes.digit(now, digit)) {
                    self.code(now, call, leg, code);
                }
            }
            Role::Supervisor(call, _) => self.supervisor_key(now, call, leg, digit),
            Role::Vendor(..) | Role::Diversion(_) | Role::Desk(_) => {}
        }
    }

    pub(crate) fn code_timeout(&mut self, now: Instant, id: CallId) {
        let Some(talk) = self.calls.get_mut(&id).and_then(|call| call.talk_mut()) else { return };
        let leg = talk.leg;
        if let Some(code) = talk.codes.timeout(now) {
            self.code(now, id, leg, code);
        }
    }

    fn code(&mut self, now: Instant, id: CallId, advocate: LegId, code: Code) {
        let act = match code {
            Code::Act(act) => act,
            Code::OrBack(_) if self.is_aside(id) => Act::TakeBack,
            Code::OrBack(act) => act,
            Code::OtherMode => Act::Mode(self.other_mode(id)),
            Code::Help => return self.tell_staff(advocate, "adv-code-help", Purpose::Tell),
            Code::Wrong => {
                self.tell_staff(advocate, "adv-wrong-code", Purpose::Tell);
                return self.tell_staff(advocate, "adv-code-help", Purpose::Tell);
            }
        };
        let refused = match self.act_in_call(now, id, advocate, act) {
            Outcome::Done => return,
            Outcome::UnknownLanguage => "adv-wrong-language",
            Outcome::NotAllowed => "adv-not-allowed",
            _ => "adv-not-now",
        };
        self.tell_staff(advocate, refused, Purpose::Tell);
    }

    fn is_aside(&self, id: CallId) -> bool {
        let talk = self.calls.get(&id).and_then(|call| call.talk());
        talk.is_some_and(|talk| talk.aside != Aside::None)
    }

    /// Her phone's own hold button does what `**` does: the caller hears our announcement and music,
    /// not the phone's.
    pub(crate) fn held_by_phone(&mut self, leg: LegId, direction: Direction) {
        let Some(Role::Advocate(id, _)) = self.legs.get(&leg).map(|leg| leg.role) else { return };
        let talk = self.calls.get(&id).and_then(|call| call.talk());
        let Some(aside) = talk.filter(|talk| talk.leg == leg).map(|talk| talk.aside) else {
            return;
        };
        match (aside, direction) {
            (Aside::Hold, Direction::Both) => drop(self.set_aside(id, leg, Aside::None)),
            (_, Direction::Both) => {}
            (Aside::None, _) => drop(self.set_aside(id, leg, Aside::Hold)),
            _ => {}
        }
    }

    /// Returns to the caller. Where the advocate's phone itself holds, it is asked to talk again, and
    /// the caller keeps her music until it does: a phone on hold is silence.
    pub(crate) fn take_back(&mut self, id: CallId, advocate: LegId) -> Outcome {
        let held = self.legs.get(&advocate).is_some_and(|leg| leg.direction != Direction::Both);
        let talk = self.calls.get_mut(&id).and_then(|call| call.talk_mut());
        let Some(talk) = talk.filter(|talk| held && talk.aside != Aside::None) else {
            return self.set_aside(id, advocate, Aside::None);
        };
        talk.aside = Aside::Hold;
        self.reoffer(advocate);
        Outcome::Done
    }

    /// Sets the caller aside, or takes her back; hold is only by choice and is announced (A3).
    pub(crate) fn set_aside(&mut self, id: CallId, advocate: LegId, next: Aside) -> Outcome {
        let Some(call) = self.calls.get_mut(&id) else { return Outcome::NoCall };
        let (caller, has_interpreter) = (call.caller, call.interpreter().is_some());
        let music = call.music.clone();
        let Some(talk) = call.talk_mut() else { return Outcome::NoCall };
        let before = talk.aside;
        let told = match (before, next) {
            (before, next) if before == next => return Outcome::Already,
            (_, Aside::Private) if !has_interpreter => return Outcome::NotNow,
            (_, Aside::Transfer) => return Outcome::NotNow,
            (_, Aside::Hold) => "adv-hold",
            (_, Aside::Private) => "adv-private",
            (Aside::Hold, Aside::None) => "adv-hold-off",
            (_, Aside::None) => "adv-private-off",
        };
        talk.aside = next;
        let heard = match (before, next) {
            (_, Aside::None) => Some("off-hold"),
            (Aside::None, _) => Some("on-hold"),
            // She is aside already, and hears music.
            _ => None,
        };
        if let Some(heard) = heard {
            let music = music.filter(|_| next != Aside::None);
            self.media(MediaCommand::Music { leg: caller, music });
            self.hush(caller);
            self.tell_caller(id, heard, Purpose::Tell);
        }
        self.tell_staff(advocate, told, Purpose::Tell);
        self.reroute(id);
        Outcome::Done
    }
}
