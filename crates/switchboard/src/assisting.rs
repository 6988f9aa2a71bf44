//! An interpreter for a call: asked for, sought, announced, joined, lost, replaced, let go.
//!
//! Caller and advocate keep talking all the while (A3). The vendor's menus and codes stay out of
//! the caller's ear (I10), and no interpreter is ever alone with the caller (I9); both follow from
//! `hearing::routes`.

use std::sync::Arc;
use std::time::Duration;

use interpreting::{Output as Found, Progress, RouteFailure, Search};
use model::{
    CallId, Digit, EndReason, Instant, Language, LegCommand, LegId, MediaCommand, Prompt, VendorId,
};

use crate::act::{Outcome, Wanted};
use crate::call::{Interpretation, Stage};
use crate::hearing::Presence;
use crate::leg::{DIALLING, Dial, DigitsBy, Purpose, Role};
use crate::{Notice, Switchboard};

impl Switchboard {
    /// The language is spoken back, then the search begins. Asked for again, it only is spoken back.
    pub(crate) fn request_interpreter(
        &mut self,
        now: Instant,
        id: CallId,
        advocate: LegId,
        wanted: Wanted,
    ) -> Outcome {
        let catalogue = &self.settings.catalogue;
        let known = match wanted {
            Wanted::Number(number) => catalogue.by_number(number),
            Wanted::Tag(tag) => catalogue.by_tag(tag),
        };
        let Some(language) = known.map(|entry| entry.language) else {
            return Outcome::UnknownLanguage;
        };
        let running = self.calls.get(&id).and_then(|call| call.interpretation.as_ref());
        if running.is_none_or(|interpretation| interpretation.language != language) {
            self.begin_interpretation(now, id, language);
        }
        let spoken = self.language_prompt(language);
        self.tell(advocate, spoken, Purpose::LanguageTold);
        Outcome::Done
    }

    fn begin_interpretation(&mut self, now: Instant, id: CallId, language: Language) {
        self.dismiss_interpreter(now, id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.language = language;
        // C7: what she is told from now on, by the plan too.
        call.runner.handle_input(now, dialplan::Input::Speaks(language));
        call.nearest = call.runner.language();
        call.interpretation = Some(Interpretation::new(language, now));
        self.note_stillness(now, id);
        self.reroute(id);
    }

    pub(crate) fn begin_search(&mut self, now: Instant, id: CallId) {
        let vendors = self.settings.vendors.iter();
        let routes: Vec<_> = vendors.map(|vendor| Arc::clone(&vendor.route)).collect();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(interpretation) = &mut call.interpretation else { return };
        if interpretation.search.is_some() {
            return;
        }
        interpretation.search = Some(Search::new(now, interpretation.language, &routes));
        self.drain_search(now, id);
        let seeks = self.calls.get(&id).is_some_and(|call| call.interpretation.is_some());
        if seeks {
            self.tell_progress(now, id, "interpreter-search");
        }
    }

    /// The advocate hears a person on the vendor's line: join now.
    pub(crate) fn person_here(&mut self, now: Instant, id: CallId) -> Outcome {
        let joined = |board: &Self| board.calls.get(&id).is_some_and(|c| c.interpreter().is_some());
        if joined(self) {
            return Outcome::Already;
        }
        self.steer_line(now, id, interpreting::Input::PersonHere);
        if joined(self) { Outcome::Done } else { Outcome::NotNow }
    }

    /// The vendor answered; what speaks at that moment may have begun before.
    pub(crate) fn line_up(&mut self, now: Instant, id: CallId) {
        self.steer_line(now, id, interpreting::Input::Answered);
        self.repeat_speech(now, id);
    }

    /// The vendor's line is heard before it answers: by the advocate, and by its access script.
    pub(crate) fn line_early(&mut self, now: Instant, id: CallId) {
        self.steer_line(now, id, interpreting::Input::Early);
        self.repeat_speech(now, id);
    }

    fn repeat_speech(&mut self, now: Instant, id: CallId) {
        let line = self.line(id).and_then(|leg| self.legs.get(&leg));
        if line.is_some_and(|line| line.speaking) {
            self.steer_line(now, id, interpreting::Input::Speech { speaking: true });
        }
    }

    pub(crate) fn digits_sent(&mut self, now: Instant, leg: LegId) {
        if let Some(Role::Vendor(call, _)) = self.legs.get(&leg).map(|leg| leg.role) {
            self.steer_line(now, call, interpreting::Input::DigitsSent);
        }
    }

    pub(crate) fn line_gone(
        &mut self,
        now: Instant,
        id: CallId,
        vendor: VendorId,
        leg: LegId,
        reason: EndReason,
    ) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.leaving.retain(|&other| other != leg);
        let Some(interpretation) = call.interpretation.as_mut() else { return };
        if interpretation.line.take_if(|line| line.0 == leg).is_none() {
            return;
        }
        if std::mem::replace(&mut interpretation.presence, Presence::Line) == Presence::Line {
            return self.steer_line(now, id, interpreting::Input::Failed(reason));
        }
        interpretation.noticed = false;
        let advocate = call.advocate_leg();
        self.notice(Notice::InterpreterLost { call: id, vendor });
        self.reroute(id);
        self.tell_caller(id, "interpreter-lost", Purpose::Tell);
        if let Some(advocate) = advocate {
            self.tell_staff(advocate, "adv-interpreter-lost", Purpose::Tell);
        }
        self.steer_line(now, id, interpreting::Input::LegLost);
        self.tell_later(now, id);
    }

    /// Interpreter and supervisor may hear the caller.
    pub(crate) fn open_way_by_hand(&mut self, id: CallId, advocate: LegId) -> Outcome {
        let has_supervisor = self.caller_knows(id);
        if has_supervisor {
            self.tell_staff(advocate, "adv-supervisor-hears", Purpose::Tell);
        }
        if self.open_way(id) {
            self.tell_staff(advocate, "adv-way-open", Purpose::Tell);
            return Outcome::Done;
        }
        if has_supervisor {
            return Outcome::Done;
        }
        let interpretation = self.calls.get(&id).and_then(|call| call.interpretation.as_ref());
        match interpretation.map(|interpretation| interpretation.presence) {
            Some(Presence::Joined) => Outcome::Already,
            _ => Outcome::NotNow,
        }
    }

    /// The caller knows who joins: from now on the interpreter hears her (C22).
    pub(crate) fn open_way(&mut self, id: CallId) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let Some(interpretation) = &mut call.interpretation else { return false };
        if interpretation.presence != Presence::Announced {
            return false;
        }
        interpretation.presence = Presence::Joined;
        self.reroute(id);
        true
    }

    /// No interpreter any more, and no search for one.
    pub(crate) fn cancel_interpreter(
        &mut self,
        now: Instant,
        id: CallId,
        advocate: LegId,
    ) -> Outcome {
        let Some(call) = self.calls.get(&id) else { return Outcome::NoCall };
        let said = match (&call.interpretation, call.interpreter()) {
            (None, _) => return Outcome::Already,
            (Some(_), None) => "adv-search-cancelled",
            (Some(_), Some(_)) => "adv-interpreter-left",
        };
        let had_joined = call.interpreter().is_some();
        self.dismiss_interpreter(now, id);
        self.reroute(id);
        self.tell_staff(advocate, said, Purpose::Tell);
        if had_joined {
            self.tell_caller(id, "interpreter-left", Purpose::Tell);
        }
        Outcome::Done
    }

    /// Another interpreter, another route; nobody else leaves (I4).
    pub(crate) fn another_interpreter(
        &mut self,
        now: Instant,
        id: CallId,
        input: interpreting::Input,
    ) -> Outcome {
        if self.search(id).is_none() {
            return Outcome::NotNow;
        }
        let line = self.leave_line(id);
        self.reroute(id);
        self.steer_line(now, id, input);
        if line {
            self.tell_progress(now, id, "interpreter-search");
        }
        Outcome::Done
    }

    /// Lets interpreter and search go; a person on the line hears a goodbye first.
    pub(crate) fn dismiss_interpreter(&mut self, now: Instant, id: CallId) {
        self.leave_line(id);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(interpretation) = call.interpretation.take() else { return };
        if let Some((line, _)) = interpretation.line {
            self.release(line);
        }
        if let Some(mut search) = interpretation.search {
            search.handle_input(now, interpreting::Input::Cancel);
        }
    }

    /// A person on the vendor's line is thanked and leaves; a machine stays for the search to
    /// release. Says whether it was a person.
    fn leave_line(&mut self, id: CallId) -> bool {
        let Some(call) = self.calls.get_mut(&id) else { return false };
        let Some(interpretation) = &mut call.interpretation else { return false };
        if interpretation.presence == Presence::Line {
            return false;
        }
        interpretation.presence = Presence::Line;
        interpretation.noticed = false;
        interpretation.held_until = None;
        let Some((line, _)) = interpretation.line.take() else { return false };
        call.leaving.push(line);
        self.media(MediaCommand::Music { leg: line, music: None });
        self.hush(line);
        self.tell_staff(line, "int-goodbye", Purpose::Farewell);
        true
    }

    /// The advocate was lost: the interpreter is told, and held for the next one (I9).
    pub(crate) fn hold_interpreter(&mut self, now: Instant, id: CallId) {
        let until = now + self.settings.interpreter_held_for;
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (music, person) = (call.music.clone(), call.interpreter());
        let Some(interpretation) = &mut call.interpretation else { return };
        let Some((line, _)) = person else { return };
        interpretation.held_until = Some(until);
        self.media(MediaCommand::Music { leg: line, music });
        self.tell_staff(line, "int-advocate-lost", Purpose::Tell);
    }

    /// The next advocate or a centre is here: the same interpreter goes on (I9).
    pub(crate) fn resume_interpreter(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (Some((line, _)), Some(host)) = (call.interpreter(), call.host()) else { return };
        let Some(interpretation) = &mut call.interpretation else { return };
        interpretation.held_until = None;
        let waits = interpretation.presence == Presence::Announced;
        self.media(MediaCommand::Music { leg: line, music: None });
        self.hush(line);
        self.tell_staff(host, "adv-interpreter-joined", Purpose::Tell);
        if waits {
            self.announce(id, host);
        }
    }

    /// Search, progress and patience of this call's interpreter.
    pub(crate) fn interpretation_timeout(&mut self, now: Instant, id: CallId) {
        self.steer_line(now, id, interpreting::Input::Timeout);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(interpretation) = &mut call.interpretation else { return };
        if interpretation.held_until.is_some_and(|until| until <= now) {
            return self.dismiss_interpreter(now, id);
        }
        if interpretation.tell_at.is_some_and(|at| at <= now) {
            let pause = interpretation.still_since.map(|since| since + PAUSE);
            match pause {
                Some(until) if until <= now => {
                    self.tell_progress(now, id, "interpreter-still-searching");
                }
                // Someone speaks, or has just stopped: look again later.
                other => interpretation.tell_at = Some(other.unwrap_or(now + PAUSE)),
            }
        }
    }

    /// Speech on a leg: the script listens to the vendor's line; a progress message to the caller
    /// stops as soon as anyone speaks (I1).
    pub(crate) fn speech(&mut self, now: Instant, leg: LegId, speaking: bool) {
        let Some(party) = self.legs.get_mut(&leg) else { return };
        party.speaking = speaking;
        party.sound.speaks(speaking);
        match party.role {
            Role::Vendor(call, _) => {
                let on_line = self.calls.get(&call).and_then(|c| c.interpretation.as_ref());
                if on_line.is_some_and(|i| i.line.is_some_and(|line| line.0 == leg)) {
                    self.steer_line(now, call, interpreting::Input::Speech { speaking });
                }
            }
            Role::Caller(call) | Role::Advocate(call, _) => self.conversation(now, call, speaking),
            Role::Diversion(call) => self.early_sound(now, call, leg, speaking),
            Role::Supervisor(..) | Role::Desk(_) => {}
        }
    }

    fn conversation(&mut self, now: Instant, id: CallId, speaking: bool) {
        self.note_stillness(now, id);
        let Some(caller) = self.calls.get(&id).map(|call| call.caller) else { return };
        let telling = self.legs.get(&caller).and_then(|leg| leg.telling);
        if speaking && telling.is_some_and(|(_, purpose)| purpose == Purpose::SearchProgress) {
            self.hush(caller);
        }
    }

    /// Notes since when neither caller nor advocate speaks.
    fn note_stillness(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let talkers = [Some(call.caller), call.advocate_leg()];
        let silent = |leg: &LegId| self.legs.get(leg).is_none_or(|leg| !leg.speaking);
        let still = talkers.iter().flatten().all(silent);
        if let Some(interpretation) = &mut call.interpretation {
            interpretation.still_since = still.then_some(now);
        }
    }

    /// Tells the caller how the search stands, and notes when she is told next.
    fn tell_progress(&mut self, now: Instant, id: CallId, name: &str) {
        self.tell_caller(id, name, Purpose::SearchProgress);
        self.tell_later(now, id);
    }

    fn tell_later(&mut self, now: Instant, id: CallId) {
        let interpretation = self.calls.get_mut(&id).and_then(|c| c.interpretation.as_mut());
        if let Some(interpretation) = interpretation {
            interpretation.tell_at = Some(now + TELL_EVERY);
        }
    }

    fn search(&mut self, id: CallId) -> Option<&mut Search> {
        self.calls.get_mut(&id)?.interpretation.as_mut()?.search.as_mut()
    }

    fn steer_line(&mut self, now: Instant, id: CallId, input: interpreting::Input) {
        if let Some(search) = self.search(id) {
            search.handle_input(now, input);
            self.drain_search(now, id);
        }
    }

    fn drain_search(&mut self, now: Instant, id: CallId) {
        self.touch(id);
        while let Some(output) = self.search(id).and_then(Search::poll_output) {
            self.found(now, id, output);
        }
    }

    fn found(&mut self, now: Instant, id: CallId, output: Found) {
        match output {
            Found::Dial { vendor } => self.dial_line(now, id, vendor),
            Found::SendDigits(digits) => {
                if let Some(leg) = self.line(id) {
                    self.send_digits(now, id, leg, digits);
                }
            }
            Found::Release => self.release_line(id),
            Found::Progress(progress) => self.progress(id, progress),
            Found::Joined => self.joined(now, id),
            Found::Usage(usage) => self.notice(Notice::VendorUsed { usage }),
            Found::NoRoute => self.give_up(id, "adv-no-route"),
            Found::Exhausted => {
                self.give_up(id, "adv-no-more-routes");
                self.tell_caller(id, "interpreter-none", Purpose::Tell);
            }
        }
    }

    fn send_digits(&mut self, now: Instant, id: CallId, leg: LegId, digits: Vec<Digit>) {
        if self.legs.get(&leg).is_none_or(|party| party.digits != DigitsBy::Info) {
            return self.media(MediaCommand::SendDigits { leg, digits });
        }
        for digit in digits {
            self.leg(LegCommand::SendDigit { leg, digit });
        }
        self.steer_line(now, id, interpreting::Input::DigitsSent);
    }

    fn dial_line(&mut self, now: Instant, id: CallId, vendor: VendorId) {
        let target = self.settings.vendors.iter().find(|v| v.route.vendor == vendor);
        let Some(target) = target.map(|vendor| vendor.target.clone()) else { return };
        let Some(room) = self.calls.get(&id).map(|call| call.room) else { return };
        // I8: nothing about the caller or the hotline goes out.
        let dial = Dial { target, display: String::new(), rings_for: DIALLING };
        let leg = self.dial(now, room, Role::Vendor(id, vendor), dial);
        let interpretation = self.calls.get_mut(&id).and_then(|c| c.interpretation.as_mut());
        if let Some(interpretation) = interpretation {
            interpretation.line = Some((leg, vendor));
            interpretation.presence = Presence::Line;
        }
        self.reroute(id);
    }

    fn line(&self, id: CallId) -> Option<LegId> {
        Some(self.calls.get(&id)?.interpretation.as_ref()?.line?.0)
    }

    fn release_line(&mut self, id: CallId) {
        let Some(leg) = self.line(id) else { return };
        if let Some(i) = self.calls.get_mut(&id).and_then(|call| call.interpretation.as_mut()) {
            i.line = None;
            i.presence = Presence::Line;
        }
        self.release(leg);
        self.reroute(id);
    }

    /// The advocate hears at once how it stands (A2).
    fn progress(&mut self, id: CallId, progress: Progress) {
        let said = progress_prompt(&progress);
        if let Some(i) = self.calls.get_mut(&id).and_then(|call| call.interpretation.as_mut()) {
            i.progress = Some(progress);
        }
        self.notice(Notice::Interpreter { call: id, progress });
        let advocate = self.calls.get(&id).and_then(|call| call.advocate_leg());
        if let (Some(advocate), Some(said)) = (advocate, said) {
            self.tell_staff(advocate, said, Purpose::Tell);
        }
    }

    fn joined(&mut self, now: Instant, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(interpretation) = &mut call.interpretation else { return };
        interpretation.presence = Presence::Announced;
        interpretation.tell_at = None;
        let host = call.host();
        self.reroute(id);
        match host {
            Some(host) => {
                self.tell_staff(host, "adv-interpreter-joined", Purpose::Tell);
                self.announce(id, host);
            }
            None => self.hold_interpreter(now, id),
        }
    }

    /// C22: the caller is told before anyone new hears her; without words in her language, the
    /// advocate opens the way once she has heard the interpreter.
    fn announce(&mut self, id: CallId, host: LegId) {
        let Some(call) = self.calls.get(&id) else { return };
        let (caller, language) = (call.caller, call.language);
        let in_her_language = Prompt::spoken(language, "interpreter-joining");
        let purpose = if self.settings.recordings.has(&in_her_language) {
            Purpose::JoinTold
        } else {
            self.tell_staff(host, "adv-open-way", Purpose::Tell);
            Purpose::Tell
        };
        self.hush(caller);
        self.tell_caller(id, "interpreter-joining", purpose);
    }

    /// Nobody could be found: the advocate knows at once (I12), the caller stays.
    fn give_up(&mut self, id: CallId, said: &str) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        self.waits.not_found += u64::from(call.end_of_wait().is_some());
        call.interpretation = None;
        let advocate = match &call.stage {
            Stage::Talking(talk) => Some(talk.leg),
            _ => None,
        };
        self.notice(Notice::NoInterpreter { call: id });
        self.reroute(id);
        if let Some(advocate) = advocate {
            self.tell_staff(advocate, said, Purpose::Tell);
        }
    }
}

fn progress_prompt(progress: &Progress) -> Option<&'static str> {
    Some(match progress {
        Progress::Dialling { .. } => "adv-calling-interpreter",
        Progress::VendorAnswered => "adv-vendor-answered",
        Progress::OnHold => "adv-vendor-hold",
        Progress::Menu | Progress::Interpreter | Progress::InterpreterLost => return None,
        Progress::RouteFailed { why, .. } => match why {
            RouteFailure::Busy => "adv-route-busy",
            RouteFailure::NoAnswer => "adv-route-no-answer",
            RouteFailure::Failed => "adv-route-failed",
            RouteFailure::Script => "adv-route-script",
            RouteFailure::Timeout | RouteFailure::Hold => "adv-route-timeout",
            RouteFailure::Skipped => "adv-next-route",
        },
    })
}

/// I1: at least every 20 s while she waits, in a pause of 3 s.
const TELL_EVERY: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_secs(3);
