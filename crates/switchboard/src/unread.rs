//! A caller who has nothing but text, in a conversation in which nobody can read her: the advocate is
//! told in her ear to open her screen, the caller reads how it stands, both again and again until
//! somebody can. Nobody is told that a person is there before one could know what she writes.
//!
//! # Assumptions
//! - Who can read is the advocate whose phone has text, or whose screen shows the text of this call,
//!   and a supervisor whose phone has text and may hear the caller.
//! - A screen that is open has a moment to show the text, and one that closes a moment to open again.
//! - While the caller is set aside nobody is told anything: she hears why nobody is there.
//! - An advocate who hangs up and never could read her has not decided anything about her: she is
//!   first in line then. `*0` ends the call as ever.

use std::time::Duration;

use model::{CallId, Instant};

use crate::Switchboard;
use crate::hearing::Aside;
use crate::leg::Purpose;
use crate::reading::Screen;

/// A caller whom nobody can read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unread {
    /// When the advocate is told next.
    pub(crate) remind_at: Instant,
    /// When the caller is.
    tell_at: Instant,
    /// What the caller is told as soon as somebody can.
    owed: Option<&'static str>,
}

impl Switchboard {
    /// An advocate has the caller, who is told that a person is there; one who writes not before
    /// somebody could read her.
    pub(crate) fn greet(&mut self, now: Instant, id: CallId) {
        let is_read = self.is_read(id);
        let Some(talk) = self.calls.get_mut(&id).and_then(|call| call.talk_mut()) else { return };
        if is_read {
            talk.was_read = true;
            return self.tell_caller(id, "connecting", Purpose::Tell);
        }
        let open = self.reading.screen(talk.advocate) != Screen::Closed;
        let at = if open { now + MOMENT } else { now };
        talk.unread = Some(Unread { remind_at: at, tell_at: at, owed: Some("connecting") });
        self.touch(id);
    }

    /// Somebody in a call may be able to read the caller now, or not any more.
    pub(crate) fn weigh_unread(&mut self, now: Instant, id: CallId) {
        let is_read = self.is_read(id);
        let Some(talk) = self.calls.get_mut(&id).and_then(|call| call.talk_mut()) else { return };
        match (talk.unread, is_read) {
            (None, true) if talk.was_read => return,
            (None, true) => talk.was_read = true,
            (None, false) => {
                let at = now + MOMENT;
                talk.unread = Some(Unread { remind_at: at, tell_at: at, owed: None });
            }
            (Some(_), false) => return,
            (Some(_), true) if talk.aside != Aside::None => return,
            (Some(Unread { owed, .. }), true) => {
                (talk.unread, talk.was_read) = (None, true);
                if let Some(owed) = owed {
                    self.cut_short(id);
                    self.tell_caller(id, owed, Purpose::Tell);
                }
            }
        }
        self.touch(id);
    }

    /// It is time to tell both again.
    pub(crate) fn unread_timeout(&mut self, now: Instant, id: CallId) {
        let unread = |talk: &crate::call::Talk| talk.unread.filter(|one| one.remind_at <= now);
        let due = |board: &Self| board.calls.get(&id)?.talk().and_then(unread);
        if due(self).is_none() {
            return;
        }
        // A supervisor may have come who can.
        self.weigh_unread(now, id);
        if due(self).is_some() {
            self.tell_unread(now, id);
        }
    }

    fn tell_unread(&mut self, now: Instant, id: CallId) {
        let Some(talk) = self.calls.get_mut(&id).and_then(|call| call.talk_mut()) else { return };
        let (leg, is_aside) = (talk.leg, talk.aside != Aside::None);
        let Some(unread) = &mut talk.unread else { return };
        unread.remind_at = now + if is_aside { MOMENT } else { REMIND_EVERY };
        let tells_caller = !is_aside && unread.tell_at <= now;
        if tells_caller {
            (unread.tell_at, unread.owed) = (now + TELL_EVERY, Some("text-read"));
            self.tell_caller(id, "text-unread", Purpose::Tell);
        }
        if !is_aside {
            self.tell_staff(leg, "adv-open-screen", Purpose::Tell);
        }
        self.touch(id);
    }

    /// Whether somebody in the conversation could know what the caller says or writes.
    fn is_read(&self, id: CallId) -> bool {
        if !self.only_writes(id) {
            return true;
        }
        let Some(call) = self.calls.get(&id) else { return false };
        let has_text = |leg| self.legs.get(&leg).is_some_and(|leg| leg.text);
        let supervisor = call.supervisor.as_ref().and_then(|supervisor| supervisor.leg);
        let at_screen = |advocate| self.reading.screen(advocate) == Screen::Reads(id);
        call.talk().is_some_and(|talk| has_text(talk.leg) || at_screen(talk.advocate))
            || supervisor.is_some_and(|leg| has_text(leg) && self.hears(id, leg, call.caller))
    }

    /// Cuts short what the caller is told without consequence: what comes now is newer.
    fn cut_short(&mut self, id: CallId) {
        let Some(caller) = self.calls.get(&id).map(|call| call.caller) else { return };
        let of_no_consequence = self.legs.get(&caller).is_some_and(|leg| {
            matches!(leg.telling, Some((_, Purpose::Tell))) && leg.to_tell.is_empty()
        });
        if of_no_consequence {
            self.hush(caller);
        }
    }
}

/// In which a program shows the text of a call it has heard of, or a stream that broke begins again.
const MOMENT: Duration = Duration::from_secs(3);
/// How often the advocate is told.
const REMIND_EVERY: Duration = Duration::from_secs(15);
/// How often the caller is (C17).
const TELL_EVERY: Duration = Duration::from_secs(30);
