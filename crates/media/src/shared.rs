//! A room in which everyone hears all others: one way through each voice, one sum, one instant.
//!
//! A turn of the room takes a frame of every voice and sums them once. Each listener then gets the
//! sum less its own voice; those who say nothing get the very same frame, encoded once for each
//! coding. The turn comes when the talkers' packets are in hand, if they are few, else by the
//! clock; listeners leave spread over the next 4 ms, always in the same order, so that hundreds of
//! packets do not meet and each stream is even.
//!
//! Turns cost O(members), joining O(1), leaving O(members). The members are a list through their
//! legs, so that the room needs no memory for them.
//!
//! # Assumptions
//! - A voice that leaves is cut off, not faded: its packets have ended before.

use std::ops::Range;
use std::time::Duration;

use mixer::Sum;
use model::{Gain, Instant, LegId, Route, SampleRate};

use crate::clock::{Clock, FRAME};
use crate::common::Common;
use crate::edition::Edition;
use crate::leg::{Company, Leg};
use crate::legs::Legs;
use crate::loudness::Loudness;
use crate::mix::Talkers;
use crate::outlet::{Outlet, Workbench};

/// The state of a shared room.
pub(crate) struct Shared {
    rate: SampleRate,
    /// From the first turn on.
    clock: Option<Clock>,
    /// The first member's seat; each leg knows the next one's.
    first: Option<usize>,
    members: usize,
    next: Next,
    /// All voices of this turn.
    sum: Sum,
    common: Common,
    talkers: Seats,
    /// In order of their listeners.
    exceptions: Vec<Exception>,
}

/// What it does next.
#[derive(Clone, Copy)]
enum Next {
    /// A turn, from its beginning.
    Turn,
    /// What is left of a turn that a panic cut short: the voices from the one on this seat on. Those
    /// before it are summed, and have nothing more to say in this turn.
    Voices(Option<usize>),
    /// The frame of the listener on this seat, at that instant.
    Listener(usize, Instant),
}

/// A pair that is heard otherwise.
struct Exception {
    listener: LegId,
    speaker: LegId,
    loudness: Loudness,
}

/// The seats of those who talked at the last turn.
#[derive(Default)]
struct Seats {
    seats: [usize; Talkers::MAX],
    count: usize,
}

impl Shared {
    /// A room without members, with space for `leaving` exceptions of the one before. Allocates;
    /// nothing later does.
    pub(crate) fn new(except: &[Route], leaving: usize, rate: SampleRate) -> Self {
        let mut exceptions = Vec::with_capacity(except.len() + leaving);
        exceptions.extend(except.iter().map(Exception::new));
        exceptions.sort_by_key(Exception::names);
        exceptions.dedup_by_key(|exception| exception.names());
        Self {
            rate,
            clock: None,
            first: None,
            members: 0,
            next: Next::Turn,
            sum: Sum::new(0),
            common: Common::new(rate),
            talkers: Seats::default(),
            exceptions,
        }
    }

    /// Goes on where `before` stands: its members and their turn; pairs that are heard otherwise
    /// no longer, or only now, change within a frame.
    pub(crate) fn take_over(&mut self, before: &mut Self) {
        (self.rate, self.clock) = (before.rate, before.clock);
        (self.first, self.members, self.next) = (before.first, before.members, before.next);
        std::mem::swap(&mut self.sum, &mut before.sum);
        std::mem::swap(&mut self.common, &mut before.common);
        std::mem::swap(&mut self.talkers, &mut before.talkers);
        for held in before.exceptions.drain(..) {
            let is_known = |one: &&mut Exception| one.names() == held.names();
            if let Some(known) = self.exceptions.iter_mut().find(is_known) {
                known.loudness.take_over(&held.loudness);
            } else if self.exceptions.len() < self.exceptions.capacity() {
                let (listener, speaker) = held.names();
                let ordinary = Route::new(listener, speaker, ordinary(listener, speaker));
                let mut loudness = Loudness::new(&ordinary, ordinary.gain);
                loudness.take_over(&held.loudness);
                self.exceptions.push(Exception { listener, speaker, loudness });
            }
        }
        self.exceptions.sort_unstable_by_key(Exception::names);
    }

    /// Goes on at another rate.
    pub(crate) fn retune(&mut self, rate: SampleRate, legs: &mut Legs, workbench: &mut Workbench) {
        self.part(legs, workbench);
        self.rate = rate;
        self.sum.clear(rate.frame());
        self.common.retune(rate);
    }

    /// Goes on with other editions of its common frame; what is over is left in `editions`.
    pub(crate) fn share(&mut self, editions: &mut Vec<Edition>) {
        self.common.share(editions);
    }

    /// All its listeners go their own ways.
    pub(crate) fn part(&mut self, legs: &mut Legs, workbench: &mut Workbench) {
        self.common.turn_page();
        let mut next = self.first;
        while let Some(leg) = next.and_then(|seat| legs.get_mut(seat)) {
            next = leg.next_member;
            leg.part_with_all(&self.common, workbench);
        }
    }

    /// Takes in the leg on `seat`.
    pub(crate) fn join(&mut self, now: Instant, seat: usize, legs: &mut Legs) {
        let Some(leg) = legs.get_mut(seat) else { return };
        leg.next_member = self.first.replace(seat);
        leg.voice.rest();
        self.members += 1;
        self.clock.get_or_insert_with(|| Clock::new(now + FRAME));
        if let Some(next) = leg.next_member {
            self.wake_member(next, legs);
        }
        self.wake(legs);
    }

    /// Lets the leg on `seat` go.
    pub(crate) fn leave(&mut self, seat: usize, legs: &mut Legs) {
        let next = legs.get_mut(seat).and_then(|leg| leg.next_member.take());
        self.next = match self.next {
            Next::Voices(Some(voice)) if voice == seat => Next::Voices(next),
            Next::Listener(listener, at) if listener == seat => Next::listener(next, at),
            others => others,
        };
        let mut place = self.first;
        if self.first == Some(seat) {
            self.first = next;
        }
        while let Some(leg) = place.and_then(|at| legs.get_mut(at)) {
            if leg.next_member == Some(seat) {
                leg.next_member = next;
                break;
            }
            place = leg.next_member;
        }
        self.members = self.members.saturating_sub(1);
        legs.set_wake(seat, None);
        self.wake(legs);
    }

    /// The first member's seat.
    pub(crate) const fn first(&self) -> Option<usize> {
        self.first
    }

    /// Whether `listener` may hear `speaker`.
    pub(crate) fn hears(&self, listener: LegId, speaker: LegId) -> bool {
        let exceptions = &self.exceptions[self.exceptions_of(listener)];
        let exception = exceptions.iter().find(|one| one.speaker == speaker);
        exception.map_or(listener != speaker, |one| one.loudness.is_audible())
    }

    /// Sets when it wants something, as a wish of its first member.
    pub(crate) fn wake(&self, legs: &mut Legs) {
        if let Some(first) = self.first {
            self.wake_member(first, legs);
        }
    }

    /// Sets when the member on `seat` wants something: a packet of its own to leave, and for the
    /// first one what the room wants.
    pub(crate) fn wake_member(&self, seat: usize, legs: &mut Legs) {
        let rooms = self.deadline().filter(|_| self.first == Some(seat));
        let paced = legs.get(seat).and_then(Leg::paced);
        legs.set_wake(seat, rooms.into_iter().chain(paced).min());
    }

    /// New sound of the member on `seat`: the turn comes if that was all it waited for.
    pub(crate) fn hear(&mut self, now: Instant, seat: usize, legs: &mut Legs, outlet: &mut Outlet) {
        let open = self.clock.filter(|clock| clock.is_open(now)).map(|clock| clock.due());
        let is_leaving = matches!(self.next, Next::Listener(..));
        let Some(due) = open.filter(|_| !is_leaving) else { return };
        if self.talkers.are_ready((due, self.rate), seat, legs) {
            self.turn(now, legs, outlet);
            self.handle_timeout(now, legs, outlet);
        }
    }

    /// Does what is due.
    pub(crate) fn handle_timeout(&mut self, now: Instant, legs: &mut Legs, outlet: &mut Outlet) {
        // At most one turn: a clock that is late skips.
        while self.deadline().is_some_and(|due| due <= now) {
            match self.next {
                Next::Listener(seat, _) => self.send_some(now, seat, legs, outlet),
                Next::Turn | Next::Voices(_) => self.turn(now, legs, outlet),
            }
        }
        self.wake(legs);
    }

    fn deadline(&self) -> Option<Instant> {
        self.first?;
        match self.next {
            Next::Listener(_, at) => Some(at),
            Next::Turn | Next::Voices(_) => self.clock.as_ref().map(Clock::due),
        }
    }

    /// Sums what everyone says, and plans the next turn.
    fn turn(&mut self, now: Instant, legs: &mut Legs, outlet: &mut Outlet) {
        let mut talkers = Talkers::default();
        let mut next = self.next_voice();
        while let Some((seat, leg)) = next.and_then(|seat| Some((seat, legs.get_mut(seat)?))) {
            self.next = Next::Voices(next);
            next = leg.next_member;
            bring_near(next, legs, Leg::bring_spoken_near, Leg::bring_voice_near);
            let Some(leg) = legs.get_mut(seat) else { break };
            outlet.serve(leg.id());
            leg.speak(now, &mut self.sum, &mut outlet.scratch.effort);
            if leg.inbound.is_active() {
                talkers.hear(now, leg.inbound.reception.arrivals());
                self.talkers.add(seat);
            }
        }
        self.common.mix(&self.sum);
        self.next = Next::listener(self.first, now);
        let Some(clock) = &mut self.clock else { return };
        let skipped = clock.late_frames(now);
        outlet.skipped += skipped;
        clock.take(now);
        let leap = skipped.cast_signed() + clock.follow(now, talkers.arrivals());
        if leap != 0 {
            self.leap(leap, legs);
        }
    }

    /// Whose voice is taken next: the first one's, with a new sum, or the one at which a panic cut
    /// the turn short.
    fn next_voice(&mut self) -> Option<usize> {
        if let Next::Voices(next) = self.next {
            return next;
        }
        self.sum.clear(self.rate.frame());
        self.talkers.count = 0;
        self.first
    }

    fn leap(&self, frames: i64, legs: &mut Legs) {
        let mut next = self.first;
        while let Some(leg) = next.and_then(|seat| legs.get_mut(seat)) {
            next = leg.next_member;
            leg.voice.playout.leap(frames * self.rate.frame() as i64);
        }
    }

    /// Sends the frames of the next listeners, from the one on `seat` on.
    fn send_some(&mut self, now: Instant, seat: usize, legs: &mut Legs, outlet: &mut Outlet) {
        let mut next = Some(seat);
        for _ in 0..(self.members / PARTS).max(AT_ONCE) {
            let listener = next.and_then(|seat| Some((seat, legs.get_mut(seat)?)));
            let Some((seat, leg)) = listener else { break };
            next = leg.next_member;
            bring_near(next, legs, Leg::bring_sent_near, |after| {
                after.bring_way_out_near();
                after.bring_voice_near();
            });
            // After a panic it goes on here: nobody is sent a frame twice.
            self.next = Next::Listener(seat, now);
            let Some(leg) = legs.get_mut(seat) else { break };
            outlet.serve(leg.id());
            leg.handle_timeout(now, outlet);
            self.send(now, seat, legs, outlet);
            if legs.get(seat).is_some_and(Leg::is_paced) {
                self.wake_member(seat, legs);
            }
        }
        self.next = Next::listener(next, now + PAUSE);
    }

    /// Sends the next frame of the listener on `seat`.
    fn send(&mut self, now: Instant, seat: usize, legs: &mut Legs, outlet: &mut Outlet) {
        let Some(leg) = legs.get_mut(seat) else { return };
        if let Some(clock) = leg.clock() {
            clock.align(now);
        }
        let exceptions = self.exceptions_of(leg.id());
        let is_common = exceptions.is_empty() && !leg.voice.is_audible();
        if is_common && leg.hears_just(&self.common) {
            return leg.frame(now, Company::Many(&mut self.common), outlet);
        }
        leg.part(&self.common, &mut outlet.scratch.workbench);
        let sum = &mut outlet.scratch.sum;
        sum.copy(&self.sum);
        if let Some(own) = leg.voice.frame() {
            sum.subtract(own);
        }
        for exception in &mut self.exceptions[exceptions] {
            exception.apply(sum, legs);
        }
        if let Some(leg) = legs.get_mut(seat) {
            leg.frame(now, Company::Nobody, outlet);
        }
    }

    fn exceptions_of(&self, listener: LegId) -> Range<usize> {
        let start = self.exceptions.partition_point(|one| one.listener < listener);
        let length = self.exceptions[start..].iter().take_while(|one| one.listener == listener);
        start..start + length.count()
    }
}

impl Next {
    /// The listener on `seat`, else the next turn.
    fn listener(seat: Option<usize>, at: Instant) -> Self {
        seat.map_or(Self::Turn, |seat| Self::Listener(seat, at))
    }
}

impl Exception {
    fn new(route: &Route) -> Self {
        let (listener, speaker) = (route.listener, route.speaker);
        let loudness = Loudness::new(route, ordinary(listener, speaker));
        Self { listener, speaker, loudness }
    }

    /// Changes a sum in which the pair is heard in the ordinary way.
    fn apply(&mut self, sum: &mut Sum, legs: &Legs) {
        self.loudness.find_seat(legs);
        let gain = self.loudness.step(legs);
        let speaker = legs.position(self.speaker).and_then(|seat| legs.get(seat));
        let Some(frame) = speaker.and_then(|leg| leg.voice.frame()) else { return };
        if ordinary(self.listener, self.speaker) == Gain::UNITY {
            sum.subtract(frame);
        }
        sum.add_ramped(frame, gain);
    }

    const fn names(&self) -> (LegId, LegId) {
        (self.listener, self.speaker)
    }
}

impl Seats {
    fn add(&mut self, seat: usize) {
        if let Some(free) = self.seats.get_mut(self.count) {
            *free = seat;
        }
        self.count += 1;
    }

    /// Whether nobody is waited for once the member on `seat` was heard: everyone's next frame is
    /// in hand, and nobody's next packet should come before the turn is due. Where many talk, the
    /// clock decides.
    fn are_ready(&self, (due, rate): (Instant, SampleRate), seat: usize, legs: &Legs) -> bool {
        let Some(seats) = self.seats.get(..self.count) else { return false };
        let is_ready = |&seat: &usize| legs.get(seat).is_none_or(|leg| leg.has_said(due, rate));
        seats.is_empty() || (seats.contains(&seat) && seats.iter().all(is_ready))
    }
}

/// Hides what is said.
impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Shared({} members)", self.members)
    }
}

/// Two members are served soon, the one on `next` and the one after it: what the first leads to, and
/// the other itself, come near while another is served.
fn bring_near(next: Option<usize>, legs: &Legs, first: impl Fn(&Leg), other: impl Fn(&Leg)) {
    let Some(leg) = next.and_then(|seat| legs.get(seat)) else { return };
    first(leg);
    if let Some(after) = leg.next_member.and_then(|seat| legs.get(seat)) {
        other(after);
    }
}

/// How a pair is heard that is no exception.
fn ordinary(listener: LegId, speaker: LegId) -> Gain {
    if listener == speaker { Gain::SILENT } else { Gain::UNITY }
}

/// Listeners leave in so many parts at most, and in parts of so many at least ..
const PARTS: usize = 8;
const AT_ONCE: usize = 8;
/// .. one after the other at this interval.
const PAUSE: Duration = Duration::from_micros(500);
