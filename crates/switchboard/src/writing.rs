//! Real-time text of a call, on its way between its phones and the advocate's screen. It is passed on
//! as it comes, and nothing of it is kept here (C20).
//!
//! Who reads whom on phones is the shard's matrix. A screen is the ear of its advocate: it reads
//! whom her phone may hear, whether that phone has text or not, and what she writes at it is read by
//! whoever may hear her.

use model::{
    AdvocateId, CallId, Direction, Gain, Instant, LegId, MediaCommand, MediaPolicy, Party, Pii,
    TextPolicy, Typed,
};

use crate::leg::{Leg, Reoffering, Role};
use crate::sound::Sound;
use crate::{Outcome, Output, Switchboard};

/// What our offers to a peer say of text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextOffers {
    /// As the operator wants it.
    policy: TextPolicy,
    /// In the newest one.
    newest: TextPolicy,
    /// In the last one that was answered, or given up for good.
    answered: TextPolicy,
    /// Whether one was refused while there was no text: it may have been for the text.
    is_refused: bool,
}

impl TextOffers {
    /// Before the first.
    pub(crate) const NONE: Self = Self {
        policy: TextPolicy::Accepted,
        newest: TextPolicy::Accepted,
        answered: TextPolicy::Accepted,
        is_refused: false,
    };
}

impl Leg {
    /// Whether its peer has text, once it has answered an offer of ours with it.
    pub(crate) fn answered_text(&self) -> Option<bool> {
        (self.offers.answered == TextPolicy::Offered).then_some(self.text)
    }

    /// An offer of ours came to its end, being in that state. One that crossed the peer's is as if
    /// it had not been made.
    pub(crate) fn note_text_offer(&mut self, state: Reoffering, is_answered: bool) {
        let offers = &mut self.offers;
        match (state, offers.newest) {
            (_, newest) if is_answered => offers.answered = newest,
            (Reoffering::Open, TextPolicy::Offered) => offers.is_refused |= !self.text,
            (Reoffering::Open, newest) => offers.answered = newest,
            _ => {}
        }
    }
}

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
    /// The media of a new leg that may have what `policy` says, with what its text needs.
    pub(crate) fn first_offer(&mut self, id: LegId, policy: MediaPolicy) -> MediaPolicy {
        let Some(leg) = self.legs.get_mut(&id) else { return policy };
        let author = leg.role.party();
        leg.offers.policy = policy.text;
        let text = self.next_offer(id);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.offers.answered = text;
        }
        MediaPolicy { text, author, ..policy }
    }

    /// What our next offer to a leg says of text.
    pub(crate) fn next_offer(&mut self, id: LegId) -> TextPolicy {
        let Some(leg) = self.legs.get(&id) else { return TextPolicy::Off };
        let text = self.wanted_text(leg);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.offers.newest = text;
        }
        text
    }

    /// An exchange has settled a leg's text, which it had before or not: where a caller's came or
    /// went, so does that of her advocate's phone.
    pub(crate) fn text_settled(&mut self, now: Instant, id: LegId, had_text: bool) {
        let Some(leg) = self.legs.get(&id) else { return };
        match leg.role {
            Role::Caller(call) if leg.text != had_text => {
                let talk = self.calls.get(&call).and_then(|call| call.talk());
                if let Some(phone) = talk.map(|talk| talk.leg) {
                    self.follow_text(phone);
                }
            }
            Role::Advocate(..) => {
                self.note_phone(now, id);
                self.follow_text(id);
            }
            _ => {}
        }
    }

    /// Offers a phone another session if it is to have text and was not offered any, or has text
    /// that nobody can read any more. One on hold is left alone until it is back.
    pub(crate) fn follow_text(&mut self, id: LegId) {
        let Some(leg) = self.legs.get(&id) else { return };
        let is_due = match self.wanted_text(leg) {
            TextPolicy::Offered => !leg.text && leg.offers.answered != TextPolicy::Offered,
            TextPolicy::Off => leg.text,
            TextPolicy::Accepted => false,
        };
        if is_due && leg.direction == Direction::Both {
            self.reoffer(id);
        }
    }

    /// What a leg's next offer is to say of text: an advocate's phone is offered it where her caller
    /// has it, until the phone refuses; what was offered for a caller goes with hers. A phone is not
    /// bothered otherwise, nor is a centre, unless it would hear silence.
    fn wanted_text(&self, leg: &Leg) -> TextPolicy {
        let TextOffers { policy, answered, is_refused, .. } = leg.offers;
        match (policy, leg.role) {
            (TextPolicy::Accepted, Role::Diversion(call)) if self.only_writes(call) => {
                TextPolicy::Offered
            }
            (TextPolicy::Accepted, Role::Advocate(call, _)) if self.caller_has_text(call) => {
                if is_refused {
                    TextPolicy::Accepted
                } else {
                    TextPolicy::Offered
                }
            }
            (TextPolicy::Accepted, Role::Advocate(..))
                if leg.text && answered == TextPolicy::Offered =>
            {
                TextPolicy::Off
            }
            _ => policy,
        }
    }

    /// The party on `leg` wrote: the advocate reads it at her screen if she may hear it. A caller may
    /// have pressed a key in this way.
    pub(crate) fn wrote(&mut self, now: Instant, leg: LegId, text: Typed) {
        let Some(role) = self.legs.get(&leg).map(|leg| leg.role) else { return };
        let Some(id) = role.call() else { return };
        if matches!(role, Role::Caller(_)) {
            self.caller_typed(now, id, &text);
        }
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

    /// Whether the caller has text alone.
    pub(crate) fn only_writes(&self, call: CallId) -> bool {
        let caller = self.calls.get(&call).and_then(|call| self.legs.get(&call.caller));
        caller.is_some_and(|caller| caller.sound == Sound::None)
    }

    fn caller_has_text(&self, call: CallId) -> bool {
        let caller = self.calls.get(&call).and_then(|call| self.legs.get(&call.caller));
        caller.is_some_and(|caller| caller.text)
    }

    /// Whether `listener` may hear `speaker` by the call's matrix.
    pub(crate) fn hears(&self, call: CallId, listener: LegId, speaker: LegId) -> bool {
        let routes = self.calls.get(&call).map_or(&[][..], |call| &call.routes);
        let mut pairs = routes.iter().filter(|route| route.gain > Gain::SILENT);
        pairs.any(|route| (route.listener, route.speaker) == (listener, speaker))
    }

    fn read(&mut self, passage: Passage) {
        self.out(Output::Read(passage));
    }
}
