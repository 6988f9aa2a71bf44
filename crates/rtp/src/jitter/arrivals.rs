//! When a source's packets arrive: the phase of its clock in ours, and its jitter.

use std::time::Duration;

use model::Instant;

use super::highest::Highest;

/// A packet's arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// When it was taken in.
    pub(crate) taken: Instant,
    /// Whether it has waited for a thread that was behind its time.
    pub(crate) has_waited: bool,
}

impl Arrival {
    /// A packet taken in at `taken` by a thread that was behind its time: when it came to this
    /// machine nobody knows, and nothing is learned from it of its source's jitter.
    pub const fn waited(taken: Instant) -> Self {
        Self { taken, has_waited: true }
    }
}

impl From<Instant> for Arrival {
    /// A packet taken in when it came.
    fn from(taken: Instant) -> Self {
        Self { taken, has_waited: false }
    }
}

/// The lateness of a source's last packets.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Arrivals {
    /// A media time at which a packet began.
    anchor: i64,
    /// The least of the lateness, and what 99 of 100 packets do not pass: found with each packet,
    /// asked for by each listener.
    earliest: i64,
    p99: i64,
    /// Whether nothing has come yet.
    is_empty: bool,
    /// Arrival minus media time, in nanoseconds; only differences mean anything.
    latest: Lateness,
    /// Its negative.
    soonest: Lateness,
}

/// 2.56 s of 20 ms packets.
type Lateness = Highest<i64, 16, 8>;

impl Arrivals {
    /// None yet. Allocates; nothing later does.
    pub(crate) fn new() -> Self {
        let (latest, soonest) = (Lateness::new(), Lateness::new());
        Self { anchor: 0, earliest: 0, p99: 0, is_empty: true, latest, soonest }
    }

    /// Forgets all.
    pub(crate) fn clear(&mut self) {
        self.latest.clear();
        self.soonest.clear();
        (self.anchor, self.earliest, self.p99, self.is_empty) = (0, 0, 0, true);
    }

    /// A packet that begins at `media` nanoseconds of the source's time, and whether it holds a
    /// frame of 20 ms. Of one that has waited nothing is learned, unless nothing is known.
    pub(crate) fn record(&mut self, arrival: Arrival, media: i64, is_frame: bool) {
        if arrival.has_waited && !self.is_empty {
            return;
        }
        let lateness = arrival.taken.as_nanos().cast_signed().wrapping_sub(media);
        if !self.is_empty && lateness.abs_diff(self.p99) > CLOCK_JUMP.as_nanos() as u64 {
            self.clear();
        }
        if self.is_empty || is_frame {
            self.anchor = media;
        }
        self.is_empty = false;
        self.latest.record(lateness);
        self.soonest.record(lateness.saturating_neg());
        let ([first, second], [soonest, _]) = (self.latest.two(), self.soonest.two());
        self.p99 = if self.latest.known() < 100 { first } else { second };
        self.earliest = soonest.saturating_neg();
    }

    /// The first instant from `from` on at which a frame may typically have arrived; `None` before
    /// the first packet. O(1).
    pub fn next_arrival(&self, from: Instant) -> Option<Instant> {
        if self.is_empty {
            return None;
        }
        let typical = self.anchor.wrapping_add(self.earliest);
        let wait = typical.wrapping_sub(from.as_nanos().cast_signed()).rem_euclid(FRAME_NANOS);
        Some(from + Duration::from_nanos(wait.unsigned_abs()))
    }

    /// How much later than the earliest 99 of 100 packets arrive at most. O(1).
    pub fn jitter(&self) -> Duration {
        if self.is_empty {
            return Duration::ZERO;
        }
        Duration::from_nanos(self.p99.saturating_sub(self.earliest).unsigned_abs())
    }
}

const FRAME: Duration = Duration::from_millis(20);
const FRAME_NANOS: i64 = FRAME.as_nanos() as i64;
/// No jitter, but a source whose clock was set.
const CLOCK_JUMP: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phase_and_jitter_follow_the_packets() {
        let mut arrivals = Arrivals::new();
        assert_eq!(arrivals.next_arrival(Instant::ZERO), None);
        for index in 0..300_u64 {
            let jitter = if index % 50 == 7 { 30 } else { index % 5 };
            let now = Instant::ZERO + Duration::from_millis(1003 + index * 20 + jitter);
            arrivals.record(now.into(), index.cast_signed() * 20_000_000, true);
        }
        let next = arrivals.next_arrival(Instant::ZERO + Duration::from_secs(9));
        assert_eq!(next, Some(Instant::ZERO + Duration::from_millis(9003)));
        assert_eq!(arrivals.jitter(), Duration::from_millis(30));
    }

    #[test]
    fn a_packet_that_waited_for_us_says_nothing_of_its_source() {
        let mut arrivals = Arrivals::new();
        let at = |millis| Instant::ZERO + Duration::from_millis(millis);
        arrivals.record(Arrival::waited(at(103)), 0, true);
        assert_eq!(arrivals.next_arrival(at(200)), Some(at(203)), "nothing better is known");
        arrivals.record(at(123).into(), 20_000_000, true);
        arrivals.record(Arrival::waited(at(219)), 40_000_000, true);
        assert_eq!(arrivals.jitter(), Duration::ZERO);
        assert_eq!(arrivals.next_arrival(at(220)), Some(at(223)));
    }
}
