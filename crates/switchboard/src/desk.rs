//! An advocate dials a star code outside a call: ready, away, wrap-up done; a supervisor dials into
//! a colleague's call.

use model::{AdvocateId, Instant, LegId, OwnAddress, Pii, SessionDescription};

use crate::Switchboard;
use crate::act::{Act, Outcome};
use crate::leg::{Purpose, Role};
use crate::supervising::{Attendance, Whose};

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
        if let Some((whose, attendance)) = self.dialled_supervision(dialled.reveal()) {
            let wanted = (advocate, whose, attendance);
            let refused = self.supervise_by_phone(now, leg, wanted, offer, own);
            if let Err((outcome, offer)) = refused {
                let allowed = outcome != Outcome::NotAllowed;
                let said = if allowed { "adv-not-now" } else { "adv-not-allowed" };
                self.answer_desk(now, leg, (advocate, &[said]), offer, own);
            }
            return;
        }
        let said: &[&str] = match dialled_act(dialled.reveal()) {
            Some((act, said)) => {
                self.act(now, advocate, act);
                &[said]
            }
            None => &["adv-wrong-code", "adv-idle-help"],
        };
        self.answer_desk(now, leg, (advocate, said), offer, own);
    }

    /// Takes the call of a desk, which hears `said` and is released.
    fn answer_desk(
        &mut self,
        now: Instant,
        leg: LegId,
        (advocate, said): (AdvocateId, &[&str]),
        offer: Option<SessionDescription>,
        own: OwnAddress,
    ) {
        let room = self.new_room();
        self.take(now, leg, room, Role::Desk(advocate), offer, own);
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

    /// `*4`, `*5` or `*6` and a colleague, by name or by her place in the configuration.
    fn dialled_supervision(&self, dialled: &str) -> Option<(Whose, Attendance)> {
        let attendance = match dialled.get(..2)? {
            "*4" => Attendance::Listening,
            "*5" => Attendance::Coaching,
            "*6" => Attendance::Joining,
            _ => return None,
        };
        let whom = dialled.get(2..)?;
        let people = &self.settings.queue.advocates;
        let at_place = || people.get(whom.parse::<usize>().ok()?.checked_sub(1)?);
        let named = self.settings.names.get(whom).copied();
        let colleague = named.or_else(|| at_place().map(|person| person.id))?;
        Some((Whose::Advocate(colleague), attendance))
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
