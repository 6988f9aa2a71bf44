//! An advocate dials a star code outside a call: ready, away, wrap-up done.

use model::{AdvocateId, Instant, LegId, OwnAddress, Pii, SessionDescription};

use crate::Switchboard;
use crate::act::Act;
use crate::leg::{Purpose, Role};

impl Switchboard {
    pub(crate) fn desk_called(
        &mut self,
        now: Instant,
        leg: LegId,
        advocate: AdvocateId,
        dialled: &Pii<String>,
        offer: Option<SessionDescription>,
        own: OwnAddress,
    ) {
        let wanted = dialled_act(dialled.reveal());
        let room = self.new_room();
        self.take(now, leg, room, Role::Desk(advocate), offer, own);
        let said: &[&str] = match wanted {
            Some((act, said)) => {
                self.act(now, advocate, act);
                &[said]
            }
            None => &["adv-wrong-code", "adv-idle-help"],
        };
        let recordings = &self.settings.recordings;
        let prompts = said.iter().flat_map(|said| recordings.for_staff(said)).collect();
        if let Some(party) = self.legs.get_mut(&leg) {
            party.to_tell.push_back((prompts, Purpose::Farewell));
        }
    }

    /// The phone is connected: it hears the confirmation, and is released.
    pub(crate) fn desk_up(&mut self, leg: LegId) {
        self.start_telling(leg);
    }
}

/// What a dialled code does, and its confirmation.
fn dialled_act(dialled: &str) -> Option<(Act, &'static str)> {
    Some(match dialled {
        "*1" => (Act::Ready, "adv-ready"),
        "*2" => (Act::Away, "adv-away"),
        "*3" => (Act::WrapUpDone, "adv-wrapup-done"),
        _ => return None,
    })
}
