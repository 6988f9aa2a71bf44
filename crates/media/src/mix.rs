//! What one listener hears of its room, and when its next frame should leave.

use std::time::Duration;

use mixer::Sum;
use model::{Instant, LegId};

use crate::clock::shortest_arc_end;
use crate::leg::SAMPLES;
use crate::legs::Legs;
use crate::room::{Cell, Room};

/// Mixes the next frame of `listener`. Returns it with the instant by which the active talkers'
/// packets have typically arrived, and how long to wait for late ones.
pub(crate) fn mix(
    now: Instant,
    room: Option<&mut Room>,
    legs: &Legs,
    listener: LegId,
) -> (Sum, Option<(Instant, Duration)>) {
    let mut sum = Sum::new(SAMPLES);
    let mut talkers = Talkers::default();
    for cell in room.into_iter().flat_map(|room| room.heard_by(listener)) {
        let speaker = legs.find(cell.speaker).map(|leg| &leg.inbound);
        cell.add_to(now, &mut sum, speaker.map(|inbound| &inbound.reception));
        if let Some(speaker) = speaker.filter(|speaker| speaker.is_active() && cell.is_audible()) {
            let arrivals = speaker.reception.arrivals();
            talkers.add(arrivals.next_arrival(now), arrivals.jitter());
        }
    }
    (sum, talkers.arrivals())
}

/// Whether every active talker's next frame is in hand for `listener`.
pub(crate) fn is_ready(room: &Room, legs: &Legs, listener: LegId) -> bool {
    let is_awaited = |cell: &&Cell| cell.listener == listener && cell.is_audible();
    room.cells.iter().filter(is_awaited).all(|cell| match legs.find(cell.speaker) {
        Some(speaker) if speaker.inbound.is_active() => {
            cell.playout.is_ready(&speaker.inbound.reception, SAMPLES)
        }
        _ => true,
    })
}

/// When the active talkers' packets arrive.
struct Talkers {
    arrivals: [Instant; Self::MAX],
    count: usize,
    jitter: Duration,
}

impl Talkers {
    /// Talkers whose phases count; more than that talk past each other anyway.
    const MAX: usize = 5;

    fn add(&mut self, arrival: Option<Instant>, jitter: Duration) {
        if let (Some(arrival), Some(free)) = (arrival, self.arrivals.get_mut(self.count)) {
            *free = arrival;
            self.count += 1;
            self.jitter = self.jitter.max(jitter);
        }
    }

    fn arrivals(mut self) -> Option<(Instant, Duration)> {
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
