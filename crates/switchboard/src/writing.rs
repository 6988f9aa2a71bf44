//! Real-time text of a call, on its way between its phones and the advocate's screen. It is passed on
//! as it comes, and nothing of it is kept here (C20).
//!
//! Who reads whom on phones is the shard's matrix. A screen is the ear of its advocate: it reads
//! whom her phone may hear, whether that phone has text or not, and what she writes at it is read by
//! whoever may hear her.

use model::{
    AdvocateId, CallId, Gain, LegId, MediaCommand, MediaPolicy, Party, Pii, TextPolicy, Typed,
};

use crate::leg::Role;
use crate::{Outcome, Output, Switchboard};

/// What an advocate reads at her screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Who reads it.
    pub advocate: AdvocateId,
    /// In which call.
    pub call: CallId,
    /// Who wrote it.
    pub from: Party,
    /// A few characters.
    pub text: Typed,
}

impl Switchboard {
    /// The media of a leg in `role`, with what its text needs: an advocate's phone is offered text
    /// where her caller has it, and a phone that has none is not bothered otherwise.
    pub(crate) fn with_text(&self, role: Role, policy: MediaPolicy) -> MediaPolicy {
        let is_wanted = matches!(role, Role::Advocate(call, _) if self.caller_has_text(call));
        let text = match policy.text {
            TextPolicy::Accepted if is_wanted => TextPolicy::Offered,
            other => other,
        };
        MediaPolicy { text, author: role.party(), ..policy }
    }

    /// The party on `leg` wrote: the advocate reads it at her screen if she may hear it.
    pub(crate) fn wrote(&mut self, leg: LegId, text: Typed) {
        let Some(role) = self.legs.get(&leg).map(|leg| leg.role) else { return };
        let Some(id) = role.call() else { return };
        let Some(talk) = self.calls.get(&id).and_then(|call| call.talk()) else { return };
        let advocate = talk.advocate;
        if self.hears(id, talk.leg, leg) {
            self.read(Passage { advocate, call: id, from: role.party(), text });
        }
    }

    /// The advocate on `leg` of call `id` wrote at her screen, to the call `meant`.
    pub(crate) fn write(
        &mut self,
        id: CallId,
        leg: LegId,
        meant: CallId,
        text: Pii<String>,
    ) -> Outcome {
        if meant != id {
            return Outcome::NoCall;
        }
        let mut readers = self.legs.values().filter(|reader| reader.text);
        if !readers.any(|reader| self.hears(id, reader.id, leg)) {
            return Outcome::NotNow;
        }
        self.media(MediaCommand::SendText { leg, text });
        Outcome::Done
    }

    fn caller_has_text(&self, call: CallId) -> bool {
        let caller = self.calls.get(&call).and_then(|call| self.legs.get(&call.caller));
        caller.is_some_and(|caller| caller.text)
    }

    /// Whether `listener` may hear `speaker` by the call's matrix.
    fn hears(&self, call: CallId, listener: LegId, speaker: LegId) -> bool {
        let routes = self.calls.get(&call).map_or(&[][..], |call| &call.routes);
        let mut pairs = routes.iter().filter(|route| route.gain > Gain::SILENT);
        pairs.any(|route| (route.listener, route.speaker) == (listener, speaker))
    }

    fn read(&mut self, passage: Passage) {
        self.out(Output::Read(passage));
    }
}
