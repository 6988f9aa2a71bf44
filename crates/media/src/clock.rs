//! When a leg's next frame is due: every 20 ms by our clock, at the phase that suits those whom it
//! hears.
//!
//! The phase follows the arrivals of the active talkers, within 12 ms of where the leg's own clock
//! would stand, so that timestamps stay those of real time; beyond that it leaps by one frame,
//! which a playout absorbs.

use std::time::Duration;

use model::Instant;

/// One leg's output clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
    ticks: u64,
    shift_nanos: i64,
    /// How long before it is due a frame may leave, if all it waits for has come.
    early: Duration,
}

/// One frame of 20 ms.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

impl Clock {
    /// A clock whose first frame is due at `first`.
    pub(crate) const fn new(first: Instant) -> Self {
        Self { origin: first, ticks: 0, shift_nanos: 0, early: Duration::ZERO }
    }

    /// When the next frame is due at the latest.
    pub(crate) fn due(&self) -> Instant {
        let nominal = self.origin + Duration::from_nanos(self.ticks * FRAME_NANOS as u64);
        Instant::from_nanos(nominal.as_nanos().saturating_add_signed(self.shift_nanos))
    }

    /// Whether the next frame may leave already.
    pub(crate) fn is_open(&self, now: Instant) -> bool {
        now + self.early >= self.due()
    }

    /// Whole frames by which it is late, and which it will skip.
    pub(crate) fn late_frames(&self, now: Instant) -> u64 {
        now.since(self.due()).as_nanos() as u64 / FRAME_NANOS as u64
    }

    /// Takes the frame that is due: the number of frames since the first. A clock that is late by
    /// whole frames skips them.
    pub(crate) fn take(&mut self, now: Instant) -> u64 {
        let frame = self.ticks + self.late_frames(now);
        self.ticks = frame + 1;
        frame
    }

    /// Moves to the instants at which the talkers' packets typically have arrived, and `slack`
    /// later at most; without talkers the phase stays.
    pub(crate) fn follow(&mut self, arrivals: Option<(Instant, Duration)>) {
        let Some((arrival, slack)) = arrivals else {
            self.early = Duration::ZERO;
            return;
        };
        let wanted = phase(arrival + slack);
        let error = wrap(wanted - phase(self.due()));
        if error.abs() >= HYSTERESIS_NANOS {
            self.shift_nanos += error;
            if self.shift_nanos.abs() > MAX_SHIFT_NANOS {
                self.shift_nanos -= self.shift_nanos.signum() * FRAME_NANOS;
            }
        }
        let tolerance = Duration::from_nanos(HYSTERESIS_NANOS as u64);
        self.early = if slack > MAX_EARLY { Duration::ZERO } else { slack + tolerance };
    }
}

/// The end of the shortest arc of the frame's circle that holds all `instants`: the one before
/// which all the others come soonest. `None` without any.
pub(crate) fn shortest_arc_end(instants: &mut [Instant]) -> Option<Instant> {
    instants.sort_unstable_by_key(|&instant| phase(instant));
    let gap_after = |at: usize| {
        let next = instants[(at + 1) % instants.len()];
        let gap = (phase(next) - phase(instants[at])).rem_euclid(FRAME_NANOS);
        if instants.len() == 1 { FRAME_NANOS } else { gap }
    };
    let end = (0..instants.len()).max_by_key(|&at| gap_after(at))?;
    Some(instants[end])
}

/// Where in its frame an instant lies, in nanoseconds.
fn phase(instant: Instant) -> i64 {
    (instant.as_nanos() % FRAME_NANOS as u64) as i64
}

/// The nearest way round, between −10 and 10 ms.
fn wrap(nanos: i64) -> i64 {
    (nanos + FRAME_NANOS / 2).rem_euclid(FRAME_NANOS) - FRAME_NANOS / 2
}

const FRAME_NANOS: i64 = FRAME.as_nanos() as i64;
const HYSTERESIS_NANOS: i64 = 1_000_000;
const MAX_SHIFT_NANOS: i64 = 12_000_000;
const MAX_EARLY: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    fn check(arrivals: &[u64], end: u64) {
        let mut instants: Vec<_> = arrivals.iter().map(|&millis| at(millis)).collect();
        let found = shortest_arc_end(&mut instants).map(phase);
        assert_eq!(found, Some(phase(at(end))), "{arrivals:?}");
    }

    #[test]
    fn a_frame_waits_for_the_end_of_the_shortest_arc() {
        check(&[7], 7);
        check(&[3, 9], 9);
        check(&[2, 19], 2);
        check(&[1, 7, 15], 7);
        check(&[18, 1, 4], 4);
        check(&[5, 5, 5], 5);
        check(&[0, 41, 63], 63);
        assert_eq!(shortest_arc_end(&mut []), None);
    }

    #[test]
    fn the_clock_follows_arrivals_but_stays_near_real_time() {
        let mut clock = Clock::new(at(100));
        for frame in 0..100_000_u64 {
            // A talker whose clock is slow by 100 ppm.
            let arrival = Instant::from_nanos(frame * 20_002_000 + 3_000_000);
            let due = clock.due();
            assert_eq!(clock.take(due), frame);
            clock.follow(Some((arrival, Duration::from_millis(2))));
            let error = wrap(phase(clock.due()) - phase(arrival) - 2_000_000);
            assert!(error.abs() <= HYSTERESIS_NANOS);
            let nominal = at(100) + FRAME * (frame + 1) as u32;
            assert!(clock.due().since(nominal) <= Duration::from_millis(13));
            assert!(nominal.since(clock.due()) <= Duration::from_millis(13));
        }
    }

    #[test]
    fn a_late_clock_skips_and_never_bursts() {
        let mut clock = Clock::new(at(100));
        assert_eq!(clock.take(at(119)), 0);
        assert_eq!(clock.take(at(185)), 4);
        assert_eq!(clock.due(), at(200));
    }
}
