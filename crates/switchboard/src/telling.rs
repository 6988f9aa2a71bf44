//! Telling a leg something: prompts one after the other, each with what follows from having been
//! heard.

use model::{Instant, LegId, MediaCommand, PlayId, Prompt, PromptName};

use crate::Switchboard;
use crate::leg::{Purpose, Role};

impl Switchboard {
    /// Tells `leg` something after what it is being told now.
    pub(crate) fn tell(&mut self, leg: LegId, prompts: Vec<Prompt>, purpose: Purpose) {
        let Some(party) = self.legs.get_mut(&leg) else { return };
        party.to_tell.push_back((prompts, purpose));
        if party.telling.is_none() {
            self.tell_next(leg);
        }
    }

    /// Stops telling; what was cut short or skipped counts as heard, except the dialplan's own.
    pub(crate) fn hush(&mut self, leg: LegId) {
        let Some(party) = self.legs.get_mut(&leg) else { return };
        let cut = party.telling.take().map(|(_, purpose)| purpose);
        let skipped: Vec<_> = party.to_tell.drain(..).map(|(_, purpose)| purpose).collect();
        if cut.is_some() {
            self.media(MediaCommand::StopPlay { leg });
        }
        let owed = cut.into_iter().chain(skipped).filter(|&purpose| purpose != Purpose::Plan);
        self.told.extend(owed.map(|purpose| (leg, purpose)));
    }

    /// Tells the caller of `call` a prompt in her language.
    pub(crate) fn tell_caller(&mut self, call: model::CallId, name: &str, purpose: Purpose) {
        let Some(call) = self.calls.get(&call) else { return };
        let (leg, language, nearest) = (call.caller, call.language, call.nearest);
        let name = PromptName::from(name);
        let prompts = self.settings.recordings.for_caller(&name, language, nearest);
        self.tell(leg, prompts, purpose);
    }

    /// Tells an advocate or interpreter a prompt in English.
    pub(crate) fn tell_staff(&mut self, leg: LegId, name: &str, purpose: Purpose) {
        let prompts = self.settings.recordings.for_staff(name);
        self.tell(leg, prompts, purpose);
    }

    pub(crate) fn play_ended(&mut self, leg: LegId, play: PlayId) {
        let Some(party) = self.legs.get_mut(&leg) else { return };
        let Some((_, purpose)) = party.telling.take_if(|(telling, _)| *telling == play) else {
            return;
        };
        self.told.push_back((leg, purpose));
        self.tell_next(leg);
    }

    /// What follows from having told a leg something.
    pub(crate) fn was_told(&mut self, now: Instant, leg: LegId, purpose: Purpose) {
        let Some(role) = self.legs.get(&leg).map(|leg| leg.role) else { return };
        match (purpose, role) {
            (Purpose::Plan, Role::Caller(call)) => self.plan_heard(now, call),
            (Purpose::Farewell, Role::Caller(call)) => {
                self.end_call(now, call, model::EndReason::Released);
            }
            (Purpose::Farewell, _) => self.release(leg),
            (Purpose::JoinTold, Role::Caller(call)) => drop(self.open_way(call)),
            (Purpose::SupervisorTold, Role::Advocate(call, _)) => self.advocate_knows(call),
            (Purpose::SupervisorTold, Role::Caller(call)) => _ = self.caller_knows(call),
            (Purpose::LanguageTold, Role::Advocate(call, _)) => self.begin_search(now, call),
            _ => {}
        }
        if let Some(call) = role.call() {
            self.touch(call);
        }
    }

    /// Begins with what a leg was to be told as soon as it is up.
    pub(crate) fn start_telling(&mut self, leg: LegId) {
        if self.legs.get(&leg).is_some_and(|party| party.telling.is_none()) {
            self.tell_next(leg);
        }
    }

    fn tell_next(&mut self, leg: LegId) {
        let play = PlayId(self.chance.next_u64());
        let Some(party) = self.legs.get_mut(&leg) else { return };
        let Some((prompts, purpose)) = party.to_tell.pop_front() else { return };
        if prompts.is_empty() {
            self.told.push_back((leg, purpose));
            return self.tell_next(leg);
        }
        party.telling = Some((play, purpose));
        self.media(MediaCommand::Play { leg, play, prompts });
    }
}
