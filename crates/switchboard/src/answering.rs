//! Before the answer: the plan says whether a caller's INVITE rings, is heard early, is answered or is
//! refused.

use std::sync::Arc;
use std::time::Duration;

use dialplan::Purpose;
use model::{
    CallId, Codec, Codecs, Instant, Language, LegCommand, LegId, MediaCommand, MediaPolicy, Noise,
    OwnAddress, Peer, Pii, SampleRate, SessionDescription, Treatment,
};

use crate::call::Call;
use crate::leg::{Leg, LegState, OPENING, Owed, Role, SETTLING, Then};
use crate::{Notice, Switchboard};

impl Switchboard {
    /// A caller's INVITE: whoever sends it, with whatever caller ID, is treated alike (C10).
    pub(crate) fn caller_arrived(
        &mut self,
        now: Instant,
        leg: LegId,
        from: Peer,
        dialled: &Pii<String>,
        offer: Option<SessionDescription>,
        own: OwnAddress,
    ) {
        let Some((plan, entry)) = self.plans.of(dialled.reveal()) else {
            self.notice(Notice::CallRefused);
            return self.leg(LegCommand::Refuse { leg, status: 404, retry_after: None });
        };
        let plan = Arc::clone(plan);
        let id = CallId(self.chance.next_u64());
        let mut call = Call::new(id, leg, plan, &entry, Language::ENGLISH, now);
        if let Some(conference) = entry.room {
            call.room = self.join_room(id, &conference);
            call.conference = Some(conference);
        }
        self.calls.insert(id, call);
        let policy = self.settings.media.of_peer(from);
        let arrived = Leg::unanswered(leg, Role::Caller(id), (offer, own, policy), now);
        self.legs.insert(leg, arrived);
        self.touch_leg(leg);
        self.notice(Notice::CallArrived { call: id });
        self.plan_input(now, id, dialplan::Input::Arrive);
    }

    /// 180 and nothing else.
    pub(crate) fn ring_on(&mut self, id: CallId) {
        if let Some(leg) = self.calls.get(&id).map(|call| call.caller) {
            self.leg(LegCommand::Ring { leg });
        }
    }

    /// 200, as soon as there is a description for it.
    pub(crate) fn answer_caller(&mut self, now: Instant, id: CallId) {
        let Some(leg) = self.caller_leg(id) else { return };
        let caller = leg.id;
        match &mut leg.state {
            // No 180 first: the 200 follows within milliseconds, and where it does not, the signalling
            // says 100 by itself.
            LegState::Unanswered { .. } => self.open_caller(now, id, Then::Answer),
            LegState::Opening { then, .. } => *then = Then::Answer,
            LegState::Early { ours, .. } => {
                let answer = ours.clone();
                leg.state = LegState::Accepted { until: now + SETTLING };
                self.leg(LegCommand::Answer { leg: caller, answer });
            }
            _ => {}
        }
        self.touch_leg(caller);
    }

    /// 183 with a description: she hears us and is not yet answered.
    pub(crate) fn answer_early(&mut self, now: Instant, id: CallId) {
        let unanswered = |leg: &&mut Leg| matches!(leg.state, LegState::Unanswered { .. });
        if self.caller_leg(id).filter(unanswered).is_some() {
            self.open_caller(now, id, Then::Progress);
        }
    }

    /// Gives a caller's leg a port in her room.
    fn open_caller(&mut self, now: Instant, id: CallId, then: Then) {
        let Some(call) = self.calls.get(&id) else { return };
        let (room, conference, plan) = (call.room, call.conference.clone(), Arc::clone(&call.plan));
        let Some(leg) = self.caller_leg(id) else { return };
        let (caller, opening) = (leg.id, LegState::Opening { then, until: now + OPENING });
        let before = std::mem::replace(&mut leg.state, opening);
        let LegState::Unanswered { offer, own, policy, .. } = before else { return };
        leg.owed.push_back(Owed::Port);
        let least_rate = conference.as_ref().map_or_else(Default::default, |one| one.least_rate);
        let (policy, quiet_after) = match plan.purpose() {
            Purpose::Hotline { .. } => (policy, Role::Caller(id).patience().0),
            Purpose::Lab { .. } => (measured(policy, least_rate), LAB_PATIENCE),
        };
        let policy = self.first_offer(caller, policy);
        self.media(MediaCommand::Open { leg: caller, room, offer, own, policy, quiet_after });
        if let Some(conference) = conference {
            self.opened_in_room(&conference.extension);
        }
        self.touch_leg(caller);
    }

    fn caller_leg(&mut self, id: CallId) -> Option<&mut Leg> {
        let caller = self.calls.get(&id)?.caller;
        self.legs.get_mut(&caller)
    }
}

/// Every codec, and nothing done to the sound: what is measured must be what was sent.
fn measured(policy: MediaPolicy, least_rate: SampleRate) -> MediaPolicy {
    let (treatment, noise) = (Treatment::AsSent, Noise::Kept);
    MediaPolicy { codecs: Codecs::new(Codec::ALL), treatment, noise, least_rate, ..policy }
}

/// How long whoever measures may be silent until she is asked whether she is there: who measures
/// nothing but set-up sends no packet, and her tool may know no OPTIONS.
const LAB_PATIENCE: Duration = Duration::from_secs(60);
