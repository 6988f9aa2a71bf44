//! The one owner of all calls of a hotline: inputs in, outputs out, nothing else.
//!
//! This file holds the tables and the way an input finds its call; what is decided lives in the
//! files named for it: `answering`, `caller`, `offering`, `talking`, `assisting`, `diverting`,
//! `transferring`, `reading`, `supervising`, `taking_over`, `act`, `desk`.

use model::{
    AdvocateId, Agenda, CallId, Chance, Contact, Instant, LegCommand, LegEvent, LegId,
    MediaCommand, MediaEvent, RoomId,
};
use queue::Queue;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::call::Call;
use crate::capacity::Gauge;
use crate::leg::{DigitsBy, Leg, Purpose, Way};
use crate::reading::Reading;
use crate::rooms::Rooms;
use crate::sentinel::Sentinel;
use crate::{Input, InterpreterWaits, Notice, Output, Plans, Settings};

/// All calls, legs, advocates and waiting callers of one node.
#[derive(Debug)]
pub struct Switchboard {
    pub(crate) settings: Settings,
    pub(crate) plans: Plans,
    pub(crate) queue: Queue,
    pub(crate) calls: BTreeMap<CallId, Call>,
    pub(crate) legs: BTreeMap<LegId, Leg>,
    /// Rooms that several calls share.
    pub(crate) rooms: Rooms,
    pub(crate) contacts: BTreeMap<AdvocateId, Vec<Contact>>,
    /// Who could read a caller.
    pub(crate) reading: Reading,
    /// Since when each advocate is what she is.
    pub(crate) standing_since: BTreeMap<AdvocateId, Instant>,
    pub(crate) chance: Chance,
    pub(crate) told: VecDeque<(LegId, Purpose)>,
    touched: BTreeSet<Key>,
    agenda: Agenda<Key>,
    outputs: VecDeque<Output>,
    draining: bool,
    in_hand: Option<CallId>,
    pub(crate) sentinel: Sentinel,
    pub(crate) gauge: Gauge,
    pub(crate) waits: InterpreterWaits,
}

/// Whose deadline it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Call(CallId),
    Leg(LegId),
    Queue,
    Sentinel,
}

/// Counts for boards, tests and drills: never a row about one caller (O9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Board {
    /// Calls that exist.
    pub calls: usize,
    /// Legs that exist.
    pub legs: usize,
    /// Callers who wait for an advocate.
    pub waiting: usize,
    /// States that had no owner or deadline any more and were healed: none, or there is a defect.
    pub healed: u64,
}

impl Switchboard {
    /// A hotline with no calls.
    pub fn new(settings: Settings, plans: Plans, chance: Chance) -> Self {
        let queue = Queue::new(settings.queue.clone());
        Self {
            settings,
            plans,
            queue,
            calls: BTreeMap::new(),
            legs: BTreeMap::new(),
            rooms: Rooms::default(),
            contacts: BTreeMap::new(),
            reading: Reading::default(),
            standing_since: BTreeMap::new(),
            chance,
            told: VecDeque::new(),
            touched: BTreeSet::new(),
            agenda: Agenda::default(),
            outputs: VecDeque::new(),
            draining: false,
            in_hand: None,
            sentinel: Sentinel::default(),
            gauge: Gauge::default(),
            waits: InterpreterWaits::default(),
        }
    }

    /// Applies one input at `now`. What names an unknown leg or call changes nothing.
    pub fn handle_input(&mut self, now: Instant, input: Input) {
        match input {
            Input::Leg(event) => self.leg_event(now, event),
            Input::Media(event) => self.media_event(now, event),
            Input::Publish(plans) => self.plans = plans,
            Input::Drain => self.draining = true,
            Input::EndAll => self.end_all(now),
            Input::Advocate { advocate, act } => {
                let outcome = self.act(now, advocate, act);
                self.outputs.push_back(Output::Acted(outcome));
            }
            Input::Screen { advocate, screen } => self.screen_is(now, advocate, screen),
            Input::Timeout => self.timeout(now),
        }
        self.settle(now);
        self.in_hand = None;
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When [`Input::Timeout`] is due.
    pub fn deadline(&self) -> Option<Instant> {
        self.agenda.next()
    }

    /// The plans new calls run on.
    pub const fn plans(&self) -> &Plans {
        &self.plans
    }

    /// Who is in which state, and who waits.
    pub const fn queue(&self) -> &Queue {
        &self.queue
    }

    /// How much there is of everything.
    pub fn board(&self) -> Board {
        Board {
            calls: self.calls.len(),
            legs: self.legs.len(),
            waiting: self.calls.values().filter(|call| call.waits()).count(),
            healed: self.healed(),
        }
    }

    /// The call whose input is being applied, for a driver that caught a panic.
    pub const fn in_hand(&self) -> Option<CallId> {
        self.in_hand
    }

    pub(crate) const fn is_draining(&self) -> bool {
        self.draining
    }

    pub(crate) fn leg(&mut self, command: LegCommand) {
        self.outputs.push_back(Output::Leg(command));
    }

    pub(crate) fn media(&mut self, command: MediaCommand) {
        self.outputs.push_back(Output::Media(command));
    }

    pub(crate) fn notice(&mut self, notice: Notice) {
        self.out(Output::Notice(notice));
    }

    pub(crate) fn out(&mut self, output: Output) {
        self.outputs.push_back(output);
    }

    /// Marks a call whose deadline may have moved.
    pub(crate) fn touch(&mut self, call: CallId) {
        self.touched.insert(Key::Call(call));
    }

    pub(crate) fn touch_leg(&mut self, leg: LegId) {
        self.touched.insert(Key::Leg(leg));
    }

    /// A new even id: a leg that we dial.
    pub(crate) fn new_leg_id(&mut self) -> LegId {
        LegId(self.chance.next_u64() & !1)
    }

    pub(crate) fn new_room(&mut self) -> RoomId {
        RoomId(self.chance.next_u64())
    }

    pub(crate) fn hold_in_hand(&mut self, leg: LegId) {
        self.in_hand = self.legs.get(&leg).and_then(|leg| leg.role.call());
        self.touch_leg(leg);
        if let Some(call) = self.in_hand {
            self.touch(call);
        }
    }

    fn leg_event(&mut self, now: Instant, event: LegEvent) {
        match event {
            LegEvent::Offered { leg, from, dialled, offer, own } => {
                self.offered(now, leg, from, &dialled, offer, own);
            }
            LegEvent::Located { leg, own } => self.located(now, leg, own),
            LegEvent::ContactsChanged { advocate, contacts } => {
                self.contacts_changed(now, advocate, contacts);
            }
            LegEvent::Ringing { .. } => {}
            LegEvent::TransferAsked { leg, target, replaces } => {
                self.transfer_asked(now, leg, &target, replaces);
            }
            LegEvent::TakesInfo { leg } => self.takes_digits(leg, DigitsBy::Info),
            LegEvent::Progress { leg, answer } => self.progressed(leg, answer),
            LegEvent::Answered { leg, answer } => {
                self.hold_in_hand(leg);
                self.answered(now, leg, answer);
            }
            LegEvent::Reoffered { leg, offer } => self.reoffered(leg, offer),
            LegEvent::Reanswered { leg, answer } => {
                self.hold_in_hand(leg);
                self.reanswered(leg, answer);
            }
            LegEvent::Digit { leg, digit } => {
                self.hold_in_hand(leg);
                self.digit(now, leg, Way::Signalling, digit);
            }
            LegEvent::Probed { leg, alive } => {
                self.hold_in_hand(leg);
                self.probed(now, leg, alive);
            }
            LegEvent::Ended { leg, reason } => {
                self.hold_in_hand(leg);
                self.leg_ended(now, leg, reason);
            }
        }
    }

    fn media_event(&mut self, now: Instant, event: MediaEvent) {
        match event {
            MediaEvent::Ready { leg, description, facts } => {
                self.hold_in_hand(leg);
                self.media_ready(now, leg, description, facts);
            }
            MediaEvent::Refused { leg, reason } => {
                self.hold_in_hand(leg);
                self.media_refused(now, leg, reason);
            }
            MediaEvent::Digit { leg, digit } => {
                self.hold_in_hand(leg);
                self.digit(now, leg, Way::Media, digit);
            }
            MediaEvent::Text { leg, text } => self.wrote(now, leg, text),
            MediaEvent::PlayEnded { leg, play } => {
                self.hold_in_hand(leg);
                self.play_ended(leg, play);
            }
            MediaEvent::DigitsSent { leg } => {
                self.hold_in_hand(leg);
                self.digits_sent(now, leg);
            }
            MediaEvent::Routed { room, version } => self.routed(now, room, version),
            MediaEvent::Speech { leg, speaking } => {
                self.hold_in_hand(leg);
                self.speech(now, leg, speaking);
            }
            MediaEvent::Heard { leg } => {
                if let Some(party) = self.legs.get_mut(&leg) {
                    party.sound.arrives();
                }
            }
            MediaEvent::Level { leg, dbov } => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.level_dbov = Some(dbov);
                }
            }
            MediaEvent::Quality { leg, quality } => {
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.quality = quality;
                }
            }
            MediaEvent::Lost { leg } => {
                self.hold_in_hand(leg);
                self.probed(now, leg, false);
            }
            MediaEvent::Quiet { leg, .. } => self.quiet(leg),
            MediaEvent::Revived { leg } => self.revived(leg),
            MediaEvent::Shards(shards) => self.shards_stand(&shards),
        }
    }

    fn timeout(&mut self, now: Instant) {
        while let Some(key) = self.agenda.take_due(now) {
            self.touched.insert(key);
            match key {
                Key::Call(call) => {
                    self.in_hand = Some(call);
                    self.call_timeout(now, call);
                }
                Key::Leg(leg) => {
                    self.hold_in_hand(leg);
                    self.leg_timeout(now, leg);
                }
                Key::Queue => {
                    self.queue.handle_input(now, queue::Input::Timeout);
                    self.drain_queue(now);
                }
                Key::Sentinel => self.inspect(now),
            }
        }
    }

    /// Lets everything that follows from the input happen, then notes the new deadlines.
    pub(crate) fn settle(&mut self, now: Instant) {
        while let Some((leg, purpose)) = self.told.pop_front() {
            self.was_told(now, leg, purpose);
        }
        for key in std::mem::take(&mut self.touched) {
            let deadline = match key {
                Key::Call(call) => self.calls.get(&call).and_then(Call::deadline),
                Key::Leg(leg) => self.legs.get(&leg).and_then(Leg::deadline),
                Key::Queue | Key::Sentinel => None,
            };
            self.agenda.set(key, deadline);
        }
        self.agenda.set(Key::Queue, self.queue.deadline());
        let anything = !self.is_empty();
        self.sentinel.watch(now, anything);
        self.agenda.set(Key::Sentinel, self.sentinel.deadline());
    }
}
