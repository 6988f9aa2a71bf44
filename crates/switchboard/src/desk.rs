//! An advocate dials a star code outside a call: ready, away, wrap-up done.

use model::{AdvocateId, Instant, LegId, Pii, SessionDescription};

use crate::Switchboard;
use crate::leg::{Purpose, Role};

/// What an advocate asks for by dialling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DeskCode {
    /// `*1`
    Ready,
    /// `*2`
    Away,
    /// `*3`
    WrapUpDone,
    /// Anything else.
    Unknown,
}

impl DeskCode {
    fn from_dialled(dialled: &str) -> Self {
        match dialled {
            "*1" => Self::Ready,
            "*2" => Self::Away,
            "*3" => Self::WrapUpDone,
            _ => Self::Unknown,
        }
    }
}

impl Switchboard {
    pub(crate) fn desk_called(
        &mut self,
        now: Instant,
        leg: LegId,
        advocate: AdvocateId,
        dialled: &Pii<String>,
        offer: Option<SessionDescription>,
    ) {
        let code = DeskCode::from_dialled(dialled.reveal());
        let room = self.new_room();
        self.take(now, leg, room, Role::Desk(advocate), offer);
        self.desk_code(now, advocate, code);
        let said = match code {
            DeskCode::Ready => "adv-ready",
            DeskCode::Away => "adv-away",
            DeskCode::WrapUpDone => "adv-wrapup-done",
            DeskCode::Unknown => "adv-wrong-code",
        };
        let mut prompts = self.settings.recordings.for_staff(said);
        if code == DeskCode::Unknown {
            prompts.extend(self.settings.recordings.for_staff("adv-idle-help"));
        }
        if let Some(party) = self.legs.get_mut(&leg) {
            party.to_tell.push_back((prompts, Purpose::Farewell));
        }
    }

    /// The phone is connected: it hears the confirmation, and is released.
    pub(crate) fn desk_up(&mut self, leg: LegId) {
        self.start_telling(leg);
    }

    fn desk_code(&mut self, now: Instant, advocate: AdvocateId, code: DeskCode) {
        let input = match code {
            DeskCode::Ready => queue::Input::Ready { advocate },
            DeskCode::Away => queue::Input::Away { advocate },
            DeskCode::WrapUpDone => queue::Input::WrapUpDone { advocate },
            DeskCode::Unknown => return,
        };
        self.queue.handle_input(now, input);
        self.drain_queue(now);
    }
}
