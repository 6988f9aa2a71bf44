//! One listener's way through a source: a frame whenever the listener mixes, whatever arrived.
//!
//! The delay adapts by what is left in hand after each frame, its *surplus*. Nearly always (99 of
//! 100 frames) the surplus should just not be negative: more is delay for nothing and is shed by
//! time-stretch, less is a late packet and is made up for. So jitter, drift, odd packet times and
//! a listener that changed its instant all end in the same place.
//!
//! # Assumptions
//! - A frame that was concealed counts as late only if its packet arrives after all; lost packets
//!   never add delay.

use std::num::NonZeroI64;

use audio::Concealment;
use model::Instant;

use super::Reception;
use super::effort::Effort;
use super::reception::retuned;
use super::stretch;
use super::surplus::Surplus;

/// One listener's place in one source's stream.
///
/// What is looked at with every frame is two cache lines long, and what is looked at by everyone who
/// asks whether it is ready comes last: a pair's gain lies beside it (`media`).
#[derive(Clone)]
#[repr(C)]
pub struct Playout {
    /// Looked at only while and after something is lost.
    concealment: Box<Concealment>,
    surplus: Surplus,
    /// The end of the sound that the concealment was not told of, in media time: where nothing was
    /// lost it need not be, for what was played is held by the reception.
    untold: Option<NonZeroI64>,
    /// Whether the concealment still knows a sound.
    is_sounding: bool,
    place: Option<Place>,
}

/// What a frame consists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// What the source sent.
    Sent,
    /// At least in part what it may have sent.
    Concealed,
    /// Nothing: the source is silent and its last sound has faded.
    Nothing,
}

#[derive(Clone, Copy)]
struct Place {
    epoch: u32,
    /// Frames in a row that found nothing in hand.
    dry: u8,
    /// Frames since the last stretch, or since one was last thought of.
    rested: u8,
    /// Media time of the next frame.
    next: i64,
    /// The end of the stream when the last frame was taken.
    seen: i64,
    /// A frame that was concealed and may only be late: its last sample's time, and by how much
    /// it was missed.
    missed: Option<(i64, i64)>,
    /// Whether the stream has run dry and is over, unless it goes on.
    over: bool,
}

impl Playout {
    /// Delay that jitter may add at most, in milliseconds.
    pub const MAX_DELAY_MS: u32 = 200;

    /// A listener that has heard nothing, at `rate_hz` samples a second. Allocates; nothing later
    /// does.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            concealment: Box::new(Concealment::new(rate_hz)),
            surplus: Surplus::new(),
            untold: None,
            is_sounding: false,
            place: None,
        }
    }

    /// Goes on in step with a source that is now held at another rate ([`Reception::retune`]).
    pub fn retune(&mut self, rate_hz: u32) {
        let before = self.concealment.rate_hz();
        let retuned = |time| retuned(time, before, rate_hz);
        if let Some(place) = &mut self.place {
            place.next = retuned(place.next);
            place.seen = retuned(place.seen);
            place.missed = place.missed.map(|(time, by)| (retuned(time), retuned(by)));
        }
        self.surplus.retune(retuned);
        self.concealment.retune(rate_hz);
        self.untold = None;
        self.is_sounding = false;
    }

    /// Takes the next frame into `out`, full scale ±32 767, with searches as far as `effort` allows
    /// them. O(n) without one, no heap.
    pub fn frame(
        &mut self,
        now: Instant,
        from: &Reception,
        effort: &mut Effort,
        out: &mut [i16],
    ) -> Heard {
        let may_search = || effort.take(now);
        let Some(mut place) = self.arrive(now, from, out.len() as i64) else {
            self.tell(from);
            self.concealment.lost_within(out, may_search);
            return Heard::Nothing;
        };
        let length = out.len() as i64;
        place.resolve_missed(from, &mut self.surplus);
        place.go_back_for_late_packets(from, &mut self.surplus, length);
        let heard = self.take(&mut place, from, may_search, out);
        self.place = Some(place);
        heard
    }

    /// The source is about to go: keeps what [`Self::fade`] needs of it. O(1), no heap.
    pub fn part(&mut self, from: &Reception) {
        self.tell(from);
    }

    /// Takes a frame of a source that is gone: its last sound fades, if it was parted from. O(n),
    /// no heap.
    pub fn fade(&mut self, out: &mut [i16]) {
        self.place = None;
        self.lose_track();
        self.concealment.lost(out);
    }

    /// Forgets its place and all it heard: a listener that comes back hears what is new then, and
    /// nothing from before.
    pub fn rest(&mut self) {
        (self.place, self.untold) = (None, None);
        if std::mem::take(&mut self.is_sounding) {
            self.concealment.forget();
        }
    }

    /// Whether a frame of `length` samples is in hand, so that waiting longer gains nothing.
    pub fn is_ready(&self, from: &Reception, length: usize) -> bool {
        let Some((epoch, newest)) = from.newest() else { return false };
        match self.place {
            Some(place) if place.epoch == epoch && !place.over => {
                newest.end >= place.next + length as i64
            }
            Some(place) if place.epoch == epoch => newest.end > place.seen,
            _ => true,
        }
    }

    /// The samples it will take next, as far as they lie in one piece: for who wants that memory near
    /// before.
    pub fn next_place<'r>(&self, from: &'r Reception) -> &'r [i16] {
        self.place.map_or(&[], |place| from.place(place.next))
    }

    /// The listener's instant has leapt by `samples`, later or (negative) earlier: what was in hand
    /// after each of the last frames would have been that many more.
    pub fn leap(&mut self, samples: i64) {
        self.surplus.shift(samples);
    }

    /// Samples in hand beyond the next frame of `length`: the delay that jitter costs now.
    pub fn surplus(&self, from: &Reception, length: usize) -> i64 {
        match (self.place, from.newest()) {
            (Some(place), Some((_, newest))) => (newest.end - place.next - length as i64).max(0),
            _ => 0,
        }
    }

    /// The place to take the frame from; `None` while the source is silent.
    fn arrive(&mut self, now: Instant, from: &Reception, length: i64) -> Option<Place> {
        let (epoch, newest) = from.newest()?;
        match self.place {
            Some(place) if place.epoch == epoch && !place.over => Some(place),
            Some(place) if place.epoch == epoch && newest.end <= place.seen => None,
            Some(place) if place.epoch != epoch => {
                self.lose_track();
                self.surplus.clear();
                Some(Place::start(epoch, &newest, reserve(from), length))
            }
            None if !from.is_fresh(now) => None,
            _ => Some(Place::start(epoch, &newest, reserve(from), length)),
        }
    }

    fn take(
        &mut self,
        place: &mut Place,
        from: &Reception,
        mut may_search: impl FnMut() -> bool,
        out: &mut [i16],
    ) -> Heard {
        let length = out.len() as i64;
        self.is_sounding = true;
        place.rested = (place.rested + 1) % RESTED_FRAMES;
        let (_, newest) = from.newest().expect("a place is in a stream");
        let surplus = newest.end - place.next - length;
        if surplus >= 0 {
            place.dry = 0;
            self.surplus.record(surplus);
            if self.stretch(place, from, &mut may_search, out) {
                return Heard::Sent;
            }
        } else {
            place.dry += 1;
            place.missed = place.missed.or(Some((place.next + length - 1, surplus)));
        }
        let whole = self.copy(place.next, from, may_search, out);
        place.next += length;
        place.seen = newest.end;
        // The concealment has long faded; a source that comes back starts anew.
        place.over = place.dry >= DRY_FRAMES;
        if whole { Heard::Sent } else { Heard::Concealed }
    }

    /// Plays what arrived from `time` on and conceals the rest; whether all had arrived.
    fn copy(
        &mut self,
        time: i64,
        from: &Reception,
        mut may_search: impl FnMut() -> bool,
        out: &mut [i16],
    ) -> bool {
        let (mut at, mut whole) = (0, true);
        while at < out.len() {
            let (is_filled, length) = from.run(time + at as i64, out.len() - at);
            let part = &mut out[at..at + length];
            if is_filled {
                from.copy(time + at as i64, part);
                self.play(part, time + (at + length) as i64);
            } else {
                self.tell(from);
                self.concealment.lost_within(part, &mut may_search);
            }
            whole &= is_filled;
            at += length;
        }
        whole
    }

    /// Passes sound that ends at `end` to the concealment, unless it can be told of it later.
    fn play(&mut self, part: &mut [i16], end: i64) {
        // Once settled it stays so until it is told: it need not be looked at.
        if self.untold.is_some() || self.concealment.is_settled() {
            self.untold = NonZeroI64::new(end); // media times are far from 0
        } else {
            self.concealment.good(part);
        }
    }

    /// Tells the concealment of what it was not told, before a loss.
    fn tell(&mut self, from: &Reception) {
        if let Some(end) = self.untold.take().map(NonZeroI64::get) {
            self.concealment.remind(|history| from.copy_known(end - history.len() as i64, history));
        }
    }

    /// What the concealment was not told is held no more.
    fn lose_track(&mut self) {
        if self.untold.take().is_some() {
            self.concealment.forget();
        }
    }

    /// Plays the next frame faster or slower where the delay should change and the sound allows.
    fn stretch(
        &mut self,
        place: &mut Place,
        from: &Reception,
        may_search: impl FnMut() -> bool,
        out: &mut [i16],
    ) -> bool {
        let length = out.len() as i64;
        let Some(step) = self.step(place, from, may_search, length) else { return false };
        place.rested = 0;
        place.next += step;
        self.surplus.shift(-step);
        let can_fade = [place.next - step, place.next]
            .into_iter()
            .all(|time| from.is_whole(time..time + length));
        if !can_fade {
            // Only where too much was in hand: the leap is heard as one more loss.
            return false;
        }
        stretch::cross_fade(from, place.next - step, step, out);
        place.next += length;
        self.play(out, place.next);
        place.seen = from.newest().map_or(place.seen, |(_, newest)| newest.end);
        true
    }

    /// By how much to leap ahead or back in this frame, if at all.
    fn step(
        &self,
        place: &Place,
        from: &Reception,
        mut may_search: impl FnMut() -> bool,
        length: i64,
    ) -> Option<i64> {
        if let Some(excess) = place.excess(from, length) {
            return Some(excess);
        }
        let wanted = if place.rested > 0 { 0 } else { self.surplus.typical(jitter(from)) };
        let is_worth_it = wanted < 0 || wanted >= stretch::shortest(length);
        if !is_worth_it {
            return stretch::trickle(from, place.next, length, wanted);
        }
        if !may_search() {
            // A thread that is short of time is so the longer, the more is in hand: a frame is left
            // out, if it and the next one are there to fade from one into the other.
            let is_plenty = wanted >= length && from.is_whole(place.next..place.next + 2 * length);
            return is_plenty.then_some(length);
        }
        stretch::best_step(from, place.next, length, wanted)
    }
}

impl Place {
    /// The newest packet, after the silence that its source's jitter asks for; the end of a first
    /// frame if the packet is shorter than that.
    fn start(epoch: u32, newest: &std::ops::Range<i64>, reserve: i64, length: i64) -> Self {
        Self {
            epoch,
            next: newest.start.min(newest.end - length) - reserve,
            seen: newest.start,
            dry: 0,
            missed: None,
            rested: 0,
            over: false,
        }
    }

    /// A missed frame whose packet has arrived since was late, not lost.
    fn resolve_missed(&mut self, from: &Reception, surplus: &mut Surplus) {
        let Some((time, missed_by)) = self.missed else { return };
        if from.run(time, 1).0 {
            surplus.record(missed_by);
            self.missed = None;
        } else if self.next - time > max_delay(from) {
            self.missed = None;
        }
    }

    /// Nothing was in hand and only late packets came: what they carry is played after all, and
    /// the delay grows by that at once.
    fn go_back_for_late_packets(&mut self, from: &Reception, surplus: &mut Surplus, length: i64) {
        let Some((_, newest)) = from.newest() else { return };
        let came = newest.end > self.seen;
        if self.dry == 0 || !came || newest.end >= self.next + length {
            return;
        }
        let first_new = match from.run(self.seen, (newest.end - self.seen) as usize) {
            (true, _) => self.seen,
            (false, gap) => self.seen + gap as i64,
        };
        let back = (self.next - first_new).clamp(0, max_delay(from));
        surplus.record(-back);
        surplus.shift(back);
        self.next -= back;
        self.missed = None;
    }

    /// What is in hand beyond the greatest delay: all of it is leapt over.
    fn excess(&self, from: &Reception, length: i64) -> Option<i64> {
        let (_, newest) = from.newest()?;
        let behind = newest.end - self.next - length;
        (behind > max_delay(from)).then_some(behind)
    }
}

/// Silence before a source's first sound, so that its jitter, where it is known, does not break
/// the first words.
fn reserve(from: &Reception) -> i64 {
    let jitter = jitter(from);
    if jitter < i64::from(from.rate_hz() / 100) { 0 } else { jitter.min(max_delay(from)) }
}

/// How much later than the earliest nearly all packets arrive at most, in samples.
fn jitter(from: &Reception) -> i64 {
    from.arrivals().jitter().as_micros() as i64 * i64::from(from.rate_hz()) / 1_000_000
}

fn max_delay(from: &Reception) -> i64 {
    i64::from(from.rate_hz() * Playout::MAX_DELAY_MS / 1000)
}

/// Hides what is heard.
impl std::fmt::Debug for Playout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Playout(..)")
    }
}

/// 200 ms.
const DRY_FRAMES: u8 = 10;
/// Frames from one stretch to the next at least.
const RESTED_FRAMES: u8 = 3;

#[cfg(test)]
mod tests;
