//! A caller is connected to a back-up centre of the operator's allow-list, and keeps her place here
//! until somebody there speaks with her.

use std::time::Duration;

use model::{CallId, EndReason, Instant, MediaCommand};

use crate::call::Stage;
use crate::leg::{Dial, Purpose, Role};
use crate::{Notice, Switchboard};

impl Switchboard {
    pub(crate) fn divert(&mut self, now: Instant, id: CallId, name: &str, rings_for: Duration) {
        let target = self.settings.diversions.get(name).cloned();
        let room = self.calls.get(&id).map(|call| call.room);
        let (Some(target), Some(room)) = (target, room) else {
            return self.plan_input(now, id, dialplan::Input::DiversionFailed);
        };
        self.stop_diverting(id);
        // P8: nothing about the caller goes out.
        let dial = Dial { target, display: String::new(), rings_for };
        let leg = self.dial(now, room, Role::Diversion(id), dial);
        if let Some(call) = self.calls.get_mut(&id) {
            call.diversion = Some(leg);
        }
    }

    /// An advocate has the caller: the number is not needed any more.
    pub(crate) fn stop_diverting(&mut self, id: CallId) {
        self.hear_early(id, None);
        let leg = self.calls.get_mut(&id).and_then(|call| call.diversion.take());
        leg.into_iter().for_each(|leg| self.release(leg));
    }

    /// The centre answered: it hears the caller's language (C7, P8), then both hear each other. One
    /// that could not read a caller who writes is as if it had not answered.
    pub(crate) fn diversion_up(&mut self, now: Instant, id: CallId) {
        self.hear_early(id, None);
        if !self.is_read_at_centre(id) {
            self.stop_diverting(id);
            return self.diversion_gone(now, id, EndReason::Failed);
        }
        self.plan_input(now, id, dialplan::Input::DiversionAnswered);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(leg) = call.diversion else { return };
        self.handed_on(now, id);
        self.dismiss_supervisor(now, id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.enter(now, Stage::Diverted);
        let (caller, language) = (call.caller, call.language);
        self.queue.handle_input(now, queue::Input::CallerLeft { entry: id });
        self.drain_queue(now);
        self.media(MediaCommand::Music { leg: caller, music: None });
        self.hush(caller);
        self.tell_staff(leg, "adv-call-from", Purpose::Tell);
        let name = self.language_prompt(language);
        self.tell(leg, name, Purpose::Tell);
        self.notice(Notice::Diverted { call: id });
        self.resume_interpreter(id);
        self.reroute(id);
    }

    fn is_read_at_centre(&self, id: CallId) -> bool {
        let centre = self.calls.get(&id).and_then(|call| call.diversion);
        let has_text = centre.and_then(|leg| self.legs.get(&leg)).is_some_and(|leg| leg.text);
        has_text || !self.only_writes(id)
    }

    /// The centre hung up, did not answer, or was lost.
    pub(crate) fn diversion_gone(&mut self, now: Instant, id: CallId, reason: EndReason) {
        self.hear_early(id, None);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.diversion = None;
        match call.stage {
            Stage::Diverted if reason == EndReason::HungUp => self.close(now, id),
            // P5: the caller is back at the head of the queue.
            Stage::Diverted => {
                self.wait_at_head(now, id);
                self.back_in_line(now, id);
                self.tell_caller(id, "advocate-lost", Purpose::Tell);
                self.hold_interpreter(now, id);
                self.reroute(id);
            }
            Stage::Talking(_) => self.transfer_failed(now, id, reason),
            _ => self.plan_input(now, id, dialplan::Input::DiversionFailed),
        }
    }
}
