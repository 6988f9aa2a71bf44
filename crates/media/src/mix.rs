//! What one listener hears of its room pair by pair, and when its next frame should leave.

use std::time::Duration;

use model::Instant;
use rtp::jitter::Arrivals;

use crate::clock::shortest_arc_end;
use crate::legs::Legs;
use crate::outlet::Scratch;
use crate::pairs::Pairs;

/// Sums the next frame of the listener on `seat`. Returns the instant by which the active talkers'
/// packets have typically arrived, and how long to wait for late ones.
pub(crate) fn mix(
    now: Instant,
    pairs: Option<&mut Pairs>,
    legs: &Legs,
    seat: usize,
    scratch: &mut Scratch,
) -> Option<(Instant, Duration)> {
    let Scratch { sum, frame, effort, .. } = scratch;
    let length = legs.get(seat)?.rate().frame();
    let frame = &mut frame[..length];
    sum.clear(length);
    let mut talkers = Talkers::default();
    let pairs = pairs?;
    let least = pairs.least();
    pairs.for_each_heard_by(seat, |cell, speaker| {
        let speaker = speaker.and_then(|speaker| legs.get(speaker)).map(|leg| &leg.inbound);
        let gain = cell.gain(legs);
        let reception = speaker.map(|inbound| &inbound.reception);
        cell.add_to(now, (sum, gain, least), (effort, frame), reception);
        if let Some(speaker) = speaker.filter(|speaker| speaker.is_active() && cell.is_audible()) {
            talkers.hear(now, speaker.reception.arrivals());
        }
    });
    talkers.arrivals()
}

/// Whether every active talker's next frame is in hand for the listener on `seat`, whose frame is
/// due at `due`, and nobody's next packet should come before that.
pub(crate) fn is_ready(due: Instant, pairs: &Pairs, legs: &Legs, seat: usize) -> bool {
    pairs.all_heard_by(seat, |cell, speaker| match legs.get(speaker) {
        Some(speaker) if speaker.inbound.is_active() => {
            let (reception, length) = (&speaker.inbound.reception, speaker.rate().frame());
            !speaker.is_awaited(due) && cell.playout.is_ready(reception, length)
        }
        _ => true,
    })
}

/// When the active talkers' packets arrive.
pub(crate) struct Talkers {
    arrivals: [Instant; Self::MAX],
    count: usize,
    jitter: Duration,
}

impl Talkers {
    /// Talkers whose phases count; more than that talk past each other anyway.
    pub(crate) const MAX: usize = 5;

    /// Someone talks, and the frame that has just been taken was the last one to have arrived.
    pub(crate) fn hear(&mut self, now: Instant, arrivals: &Arrivals) {
        let next = arrivals.next_arrival(now + PLAYED);
        if let (Some(next), Some(free)) = (next, self.arrivals.get_mut(self.count)) {
            *free = next;
            self.count += 1;
            self.jitter = self.jitter.max(arrivals.jitter());
        }
    }

    /// The instant by which all their next packets typically have arrived, and how long to wait
    /// for late ones.
    pub(crate) fn arrivals(mut self) -> Option<(Instant, Duration)> {
        let last = shortest_arc_end(&mut self.arrivals[..self.count])?;
        Some((last, self.jitter.max(LEAST_SLACK)))
    }
}

impl Default for Talkers {
    fn default() -> Self {
        Self { arrivals: [Instant::ZERO; Self::MAX], count: 0, jitter: Duration::ZERO }
    }
}

const LEAST_SLACK: Duration = Duration::from_millis(2);
/// A packet expected within this time is the one that was just played.
const PLAYED: Duration = Duration::from_millis(2);
