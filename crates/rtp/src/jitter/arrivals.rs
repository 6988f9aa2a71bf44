//! When a source's packets arrive: the phase of its clock in ours, and its jitter.

use std::time::Duration;

use model::Instant;

/// The lateness of a source's last packets.
#[derive(Clone, Debug)]
pub struct Arrivals {
    /// Arrival minus media time, in nanoseconds; only differences mean anything.
    lateness: [i64; Self::WINDOW],
    count: usize,
    /// A media time at which a packet began.
    anchor: i64,
    earliest: i64,
    p99: i64,
}

impl Arrivals {
    /// Packets remembered: 2.56 s of 20 ms packets.
    const WINDOW: usize = 128;

    pub(crate) const fn new() -> Self {
        Self { lateness: [0; Self::WINDOW], count: 0, anchor: 0, earliest: 0, p99: 0 }
    }

    /// A packet that begins at `media` nanoseconds of the source's time and holds `length`.
    pub(crate) fn record(&mut self, now: Instant, media: i64, length: Duration) {
        let lateness = now.as_nanos().cast_signed().wrapping_sub(media);
        if self.count > 0 && lateness.abs_diff(self.p99) > CLOCK_JUMP.as_nanos() as u64 {
            *self = Self::new();
        }
        if self.count == 0 || length == FRAME {
            self.anchor = media;
        }
        self.lateness[self.count % Self::WINDOW] = lateness;
        self.count += 1;
        if self.count < Self::WINDOW || self.count.is_multiple_of(8) {
            self.measure();
        }
    }

    /// The first instant from `from` on at which a frame may typically have arrived; `None` before
    /// the first packet.
    pub fn next_arrival(&self, from: Instant) -> Option<Instant> {
        if self.count == 0 {
            return None;
        }
        let frame = FRAME.as_nanos() as i64;
        let typical = self.anchor.wrapping_add(self.earliest);
        let wait = typical.wrapping_sub(from.as_nanos().cast_signed()).rem_euclid(frame);
        Some(from + Duration::from_nanos(wait.unsigned_abs()))
    }

    /// How much later than the earliest 99 of 100 packets arrive at most.
    pub fn jitter(&self) -> Duration {
        Duration::from_nanos(self.p99.saturating_sub(self.earliest).unsigned_abs())
    }

    fn measure(&mut self) {
        let mut sorted = self.lateness;
        let known = &mut sorted[..self.count.min(Self::WINDOW)];
        let above = known.len() / 100;
        let at = known.len() - 1 - above;
        self.p99 = *known.select_nth_unstable(at).1;
        self.earliest = known.iter().copied().min().unwrap_or(self.p99);
    }
}

const FRAME: Duration = Duration::from_millis(20);
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
            arrivals.record(now, index.cast_signed() * 20_000_000, FRAME);
        }
        let next = arrivals.next_arrival(Instant::ZERO + Duration::from_secs(9));
        assert_eq!(next, Some(Instant::ZERO + Duration::from_millis(9003)));
        assert_eq!(arrivals.jitter(), Duration::from_millis(30));
    }
}
