//! The caller's way from the answer on: dialplan, waiting, and the end of everything that served her.

use dialplan::Spoken;
use model::{CallId, EndReason, Instant, Language, LegId, MediaCommand, Prompt};
use queue::{Place, QueueName};

use crate::call::Stage;
use crate::hearing::Echo;
use crate::leg::Purpose;
use crate::{Notice, Switchboard};

impl Switchboard {
    /// The caller hears us from now on: the dialplan begins.
    pub(crate) fn caller_up(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.enter(now, Stage::Plan { waiting: false });
        self.notice(Notice::CallAnswered { call: id });
        self.plan_input(now, id, dialplan::Input::Begin);
    }

    pub(crate) fn caller_digit(&mut self, now: Instant, id: CallId, digit: model::Digit) {
        self.plan_input(now, id, dialplan::Input::Digit(digit));
    }

    pub(crate) fn plan_heard(&mut self, now: Instant, id: CallId) {
        if self.awaits_line(id) {
            return self.heard_beside_line(id);
        }
        self.plan_input(now, id, dialplan::Input::PlayEnded);
    }

    pub(crate) fn nobody_on_shift(&mut self, now: Instant, id: CallId) {
        self.plan_input(now, id, dialplan::Input::NobodyOnShift);
    }

    /// Tells the dialplan, while it is in charge, and does what it says.
    pub(crate) fn plan_input(&mut self, now: Instant, id: CallId, input: dialplan::Input) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if !matches!(call.stage, Stage::Arriving | Stage::Plan { .. } | Stage::Closing) {
            return;
        }
        call.runner.handle_input(now, input);
        self.drain_plan(now, id);
    }

    fn drain_plan(&mut self, now: Instant, id: CallId) {
        self.touch(id);
        while let Some(output) = self.calls.get_mut(&id).and_then(|c| c.runner.poll_output()) {
            self.plan_output(now, id, output);
        }
    }

    fn plan_output(&mut self, now: Instant, id: CallId, output: dialplan::Output) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let caller = call.caller;
        match output {
            dialplan::Output::Answer => self.answer_caller(now, id),
            dialplan::Output::Ring => self.ring_on(id),
            dialplan::Output::AnswerEarly => self.answer_early(now, id),
            dialplan::Output::StartEcho => {
                call.echo = Echo::On;
                self.reroute(id);
            }
            dialplan::Output::StopEcho => {
                call.echo = Echo::Off;
                self.reroute(id);
            }
            dialplan::Output::Play(speech) => {
                let prompts = self.spoken(id, &speech);
                self.hush(caller);
                self.tell(caller, prompts, Purpose::Plan);
            }
            dialplan::Output::StopPlay => self.hush(caller),
            dialplan::Output::SetLanguage(language) => {
                call.nearest = language;
                self.set_language(now, id, language);
            }
            dialplan::Output::WantsInterpreter => self.set_language(now, id, Language::UNKNOWN),
            dialplan::Output::Queue { queue } => self.wait_in(now, id, queue.as_str().into()),
            dialplan::Output::Music(music) => {
                if music.is_some() {
                    call.music.clone_from(&music);
                }
                if call.early.is_none() {
                    self.media(MediaCommand::Music { leg: caller, music });
                }
            }
            dialplan::Output::Divert { to, ring_for } => {
                self.divert(now, id, to.as_str(), ring_for)
            }
            dialplan::Output::End => self.end_call(now, id, EndReason::Released),
        }
    }

    /// The recordings of what the plan says, in the caller's language and true at this instant.
    fn spoken(&self, id: CallId, speech: &[Spoken]) -> Vec<Prompt> {
        let Some(call) = self.calls.get(&id) else { return Vec::new() };
        let place = self.queue.position(id).unwrap_or(1);
        let recordings = &self.settings.recordings;
        let prompts = speech.iter().map(|spoken| spoken.prompt(place));
        prompts.flat_map(|prompt| recordings.or_fallback(prompt, call.nearest)).collect()
    }

    fn set_language(&mut self, now: Instant, id: CallId, language: Language) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.language = language;
        let wants_interpreter = language == Language::UNKNOWN;
        let changed = queue::Input::LanguageChanged { entry: id, language, wants_interpreter };
        self.queue.handle_input(now, changed);
        self.drain_queue(now);
    }

    fn wait_in(&mut self, now: Instant, id: CallId, queue: QueueName) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.enter(now, Stage::Plan { waiting: true });
        call.queue = Some(queue);
        self.notice(Notice::CallWaiting { call: id });
        self.enter_queue(now, id, Place::Back);
    }

    fn enter_queue(&mut self, now: Instant, entry: CallId, place: Place) {
        let Some(call) = self.calls.get(&entry) else { return };
        let Some(queue) = call.queue.clone() else { return };
        let language = call.language;
        let wants_interpreter = language == Language::UNKNOWN;
        let medium = self.medium(entry);
        self.queue.handle_input(
            now,
            queue::Input::CallerWaits { entry, queue, language, wants_interpreter, medium, place },
        );
        self.drain_queue(now);
    }

    /// The dialplan keeps the caller company again, after an advocate or a centre was lost.
    pub(crate) fn back_in_line(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.enter(now, Stage::Plan { waiting: true });
        let caller = call.caller;
        self.hush(caller);
        self.plan_input(now, id, dialplan::Input::Resume);
    }

    pub(crate) fn wait_at_head(&mut self, now: Instant, id: CallId) {
        self.enter_queue(now, id, Place::Head);
    }

    pub(crate) fn call_timeout(&mut self, now: Instant, id: CallId) {
        self.line_timeout(now, id);
        if !self.awaits_line(id) {
            self.plan_input(now, id, dialplan::Input::Timeout);
        }
        self.early_timeout(now, id);
        self.take_over_timeout(now, id);
        self.code_timeout(now, id);
        self.unread_timeout(now, id);
        self.interpretation_timeout(now, id);
    }

    /// Nobody is left on a line that has gone dead: every leg is released in the dialog.
    pub(crate) fn end_all(&mut self, now: Instant) {
        let calls: Vec<CallId> = self.calls.keys().copied().collect();
        for call in calls {
            self.end_call(now, call, EndReason::Released);
        }
        let desks: Vec<LegId> = self.legs.keys().copied().collect();
        for leg in desks {
            self.release(leg);
        }
    }

    /// The caller is gone, or has heard the last word: every leg is freed at once (C11).
    pub(crate) fn end_call(&mut self, now: Instant, id: CallId, reason: EndReason) {
        let Some(call) = self.calls.remove(&id) else { return };
        self.touch(id);
        if let Some(conference) = &call.conference {
            self.leave_room(&conference.extension, id, &call.stage);
        }
        for leg in call.other_legs() {
            self.release(leg);
        }
        self.release(call.caller);
        if let Some(supervisor) = &call.supervisor {
            self.reach(now, supervisor.advocate);
        }
        let advocate = call.talk().map(|talk| talk.advocate);
        let ended = match advocate {
            Some(advocate) => queue::Input::CallEnded { advocate },
            None => queue::Input::CallerLeft { entry: id },
        };
        self.queue.handle_input(now, ended);
        self.drain_queue(now);
        self.notice(Notice::CallEnded { call: id, reason });
    }
}
