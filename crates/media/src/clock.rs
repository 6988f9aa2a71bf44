//! When a leg's next frame is due: every 20 ms by our clock, at the phase that suits those whom it
//! hears.
//!
//! The phase follows the arrivals of the active talkers, within 14 ms of where the leg's own clock
//! would stand, so that timestamps stay those of real time; beyond that it leaps by one frame,
//! which the playouts are told of and make up for by time-stretch. While nobody talks it goes back
//! to its own place, so that the next talker's first frame need not wait.

use std::time::Duration;

use model::Instant;

/// One leg's output clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
    ticks: u64,
    shift_nanos: i64,
    /// From when on the next frame may leave, if all it waits for has come.
    opens: Instant,
}

/// How far a frame leaves from where the leg's own clock stands, before or after.
pub(crate) const MAX_SHIFT: Duration = Duration::from_millis(14);
/// One frame of 20 ms.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

impl Clock {
    /// A clock whose first frame is due at `first`.
    pub(crate) const fn new(first: Instant) -> Self {
        Self { origin: first, ticks: 0, shift_nanos: 0, opens: first }
    }

    /// When the next frame is due at the latest.
    pub(crate) fn due(&self) -> Instant {
        self.shifted(self.shift_nanos)
    }

    /// Whether the next frame may leave already.
    pub(crate) fn is_open(&self, now: Instant) -> bool {
        now >= self.opens
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

    /// Plans the next frame, after one has left at `now`: for when the talkers' next packets will
    /// typically have arrived, and `slack` later at most. Returns by how many frames it leaps to
    /// stay near real time.
    pub(crate) fn follow(&mut self, now: Instant, arrivals: Option<(Instant, Duration)>) -> i64 {
        let Some((arrival, slack)) = arrivals else {
            self.rest(now);
            return 0;
        };
        let error = difference(arrival + slack, self.due());
        let leap = if wrap(error).abs() < HYSTERESIS_NANOS { 0 } else { self.shift(error) };
        let early = if slack > MAX_EARLY { 0 } else { slack.as_nanos() as i64 + HYSTERESIS_NANOS };
        self.opens = self.shifted(self.shift_nanos - early);
        leap
    }

    /// Takes its instant from someone else's clock: the next frame is due now. Whole frames by which
    /// that is too late are skipped.
    pub(crate) fn align(&mut self, now: Instant) {
        let behind = difference(now, self.shifted(0));
        let skipped = (behind / FRAME_NANOS).max(0);
        self.ticks += skipped.unsigned_abs();
        self.shift_nanos = behind - skipped * FRAME_NANOS;
    }

    /// Nobody talks: whoever begins is sent at once, if that is not too far from real time.
    fn rest(&mut self, now: Instant) {
        self.shift_nanos -= self.shift_nanos.clamp(-RETURN_NANOS, RETURN_NANOS);
        self.opens = self.shifted(-MAX_SHIFT_NANOS).max(now + SHORTEST);
    }

    /// Moves by `error`, but for the whole frames that are returned.
    fn shift(&mut self, error: i64) -> i64 {
        let wanted = self.shift_nanos + error;
        let beyond = wanted - wanted.clamp(-MAX_SHIFT_NANOS, MAX_SHIFT_NANOS);
        let frames = beyond.abs().div_euclid(FRAME_NANOS) + i64::from(beyond % FRAME_NANOS != 0);
        let leap = -beyond.signum() * frames;
        self.shift_nanos = wanted + leap * FRAME_NANOS;
        leap
    }

    fn shifted(&self, nanos: i64) -> Instant {
        let nominal = self.origin + Duration::from_nanos(self.ticks * FRAME_NANOS as u64);
        Instant::from_nanos(nominal.as_nanos().saturating_add_signed(nanos))
    }
}

/// The end of the shortest arc of the frame's circle that holds all `instants`: the one before
/// which all the others come soonest. `None` without any.
#[inline]
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

fn difference(one: Instant, other: Instant) -> i64 {
    one.as_nanos().cast_signed().wrapping_sub(other.as_nanos().cast_signed())
}

const FRAME_NANOS: i64 = FRAME.as_nanos() as i64;
const HYSTERESIS_NANOS: i64 = 1_000_000;
/// More than half a frame each way, so that one leap is far from the next.
const MAX_SHIFT_NANOS: i64 = MAX_SHIFT.as_nanos() as i64;
const MAX_EARLY: Duration = Duration::from_millis(10);
/// By how much a frame goes back to the clock's own place: 50 packets in a second all the same.
const RETURN_NANOS: i64 = 200_000;
/// Between two frames at least.
const SHORTEST: Duration = Duration::from_millis(2);

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
        for drift_nanos in [2_000, -2_000] {
            let (mut clock, mut leaps) = (Clock::new(at(100)), 0);
            for frame in 0..100_000_u64 {
                // A talker whose clock is off by 100 ppm.
                let interval = 20_000_000_u64.saturating_add_signed(drift_nanos);
                let due = clock.due();
                assert_eq!(clock.take(due), frame);
                let arrival = 3_000_000 + interval * (due.as_nanos() / interval + 1);
                let arrival = Instant::from_nanos(arrival);
                leaps += clock.follow(due, Some((arrival, Duration::from_millis(2))));
                let error = wrap(difference(clock.due(), arrival + Duration::from_millis(2)));
                assert!(error.abs() <= HYSTERESIS_NANOS);
                let nominal = at(100) + FRAME * (frame + 1) as u32;
                assert!(difference(clock.due(), nominal).abs() <= MAX_SHIFT_NANOS);
            }
            assert!((9..=11).contains(&(leaps * -drift_nanos.signum())), "{leaps} leaps in 200 ms");
        }
    }

    #[test]
    fn while_nobody_talks_it_goes_home_and_the_next_talker_is_sent_at_once() {
        let mut clock = Clock::new(at(100));
        clock.take(at(100));
        clock.follow(at(100), Some((at(108), Duration::from_millis(2))));
        assert_eq!(
            (clock.due(), clock.is_open(at(106)), clock.is_open(at(107))),
            (at(110), false, true)
        );
        for frame in 1..100 {
            clock.take(clock.due());
            clock.follow(at(100 + 20 * frame), None);
        }
        assert_eq!(clock.due(), at(100 + 20 * 100));
        assert!(!clock.is_open(at(2085)) && clock.is_open(at(2086)));
    }

    #[test]
    fn a_late_clock_skips_and_never_bursts() {
        let mut clock = Clock::new(at(100));
        assert_eq!(clock.take(at(119)), 0);
        assert_eq!(clock.take(at(185)), 4);
        assert_eq!(clock.due(), at(200));
    }
}
