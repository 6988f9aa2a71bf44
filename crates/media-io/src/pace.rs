//! How often a shard's thread wakes, and how loaded it is.
//!
//! A quiet shard wakes for each packet, so that nothing waits. A busy one, which has work often or
//! all the time, wakes at most once per millisecond and finds several packets each time: waking is
//! what costs. Where it finds few all the same, it waits a little longer for more.

use std::time::Duration;

use model::Instant;

/// The wake-ups of late, and the work of the current window of time.
pub(crate) struct Pace {
    window_start: Instant,
    /// What the thread had used of its core when the window began.
    used: Duration,
    woke_at: Instant,
    /// When the last turn was over.
    done_at: Instant,
    /// By how much the wake-ups run ahead of one after each [`BUSY_EACH`] of leisure.
    ahead: Duration,
    busy: bool,
    /// What a wake-up finds of late, in sixteenths of a packet: one that finds few by chance is
    /// followed by no longer rest, since the next one's many would then be late.
    found: usize,
}

impl Pace {
    /// A thread that begins at `now`.
    pub(crate) const fn new(now: Instant) -> Self {
        let (used, ahead) = (Duration::ZERO, Duration::ZERO);
        Self { window_start: now, used, woke_at: now, done_at: now, ahead, busy: false, found: 0 }
    }

    /// Notes a wake-up. Once per window, says how many percent of the last one were work: by what
    /// the thread has `used` of its core, since waiting behind others is not its own load.
    pub(crate) fn woke(&mut self, now: Instant, used: impl FnOnce() -> Duration) -> Option<u8> {
        self.ahead = self.ahead.saturating_sub(now.since(self.done_at)) + BUSY_EACH;
        if self.ahead >= MOST_AHEAD {
            (self.ahead, self.busy) = (MOST_AHEAD, true);
        } else if self.ahead <= BUSY_EACH {
            self.busy = false;
        }
        self.woke_at = now;
        let ended = now.since(self.window_start) >= WINDOW;
        ended.then(|| self.close_window(now, used()))
    }

    /// Notes how many packets lay ready at the last wake-up.
    pub(crate) const fn found(&mut self, packets: usize) {
        self.found -= self.found / 16;
        self.found += packets;
    }

    /// Notes that a turn is over. When the next wake-up is wanted at the earliest, whatever arrives.
    pub(crate) fn rest(&mut self, now: Instant) -> Option<Instant> {
        self.done_at = now;
        let quantum = if self.found < 16 * FEW { QUANTUM_OF_FEW } else { QUANTUM };
        self.busy.then(|| self.woke_at + quantum).filter(|&until| until > now)
    }

    /// When the load is next to be measured: an idle thread's would get old.
    pub(crate) fn window_end(&self) -> Instant {
        self.window_start + WINDOW
    }

    /// Whether wake-ups are rationed.
    pub(crate) const fn is_busy(&self) -> bool {
        self.busy
    }

    fn close_window(&mut self, now: Instant, used: Duration) -> u8 {
        let worked = used.saturating_sub(self.used);
        let percent = worked.as_nanos() * 100 / now.since(self.window_start).as_nanos().max(1);
        (self.window_start, self.used) = (now, used);
        u8::try_from(percent).unwrap_or(100).min(100)
    }
}

/// The least time between two wake-ups of a busy thread.
const QUANTUM: Duration = Duration::from_millis(1);
/// The same where they find less than [`FEW`] packets on average: each of those bears more of what it
/// costs to wake. Short enough for hardly a deadline to be met 2 ms late.
const QUANTUM_OF_FEW: Duration = Duration::from_micros(1_750);
/// What some 600 parties send in a [`QUANTUM`].
const FEW: usize = 32;
/// A thread that has less leisure than this before each wake-up becomes busy; rationed to one
/// wake-up per [`QUANTUM`], it stays so until the traffic falls off.
const BUSY_EACH: Duration = Duration::from_millis(2);
/// So far ahead it is busy: 16 wake-ups at once, or a tenth of a second a little too often.
const MOST_AHEAD: Duration = Duration::from_millis(32);
/// How long one measurement of the load lasts.
const WINDOW: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests {
    use super::*;

    /// Wakes every `each` for two seconds, on the wall for `held` each time and at work for `work`
    /// of it; the last load and the pause wished.
    fn run(each: Duration, held: Duration, work: Duration) -> (u8, Option<Duration>) {
        let mut now = Instant::from_nanos(7);
        let mut pace = Pace::new(now);
        let (mut used, mut load, mut pause) = (Duration::ZERO, 0, None);
        while now < Instant::from_nanos(2_000_000_000) {
            load = pace.woke(now, || used).unwrap_or(load);
            pace.found(FEW);
            used += work;
            pause = pace.rest(now + held).map(|until| until.since(now));
            now += each;
        }
        (load, pause)
    }

    fn run_at_work(each: Duration, work: Duration) -> (u8, Option<Duration>) {
        run(each, work, work)
    }

    #[test]
    fn a_quiet_thread_never_waits() {
        let (load, pause) = run_at_work(Duration::from_millis(10), Duration::from_micros(100));
        assert_eq!((load, pause), (1, None));
    }

    #[test]
    fn a_busy_thread_wakes_once_per_millisecond() {
        let (load, pause) = run_at_work(Duration::from_micros(200), Duration::from_micros(50));
        assert_eq!((load, pause), (25, Some(QUANTUM)));
    }

    #[test]
    fn where_few_packets_come_it_waits_a_little_longer_for_more() {
        let (mut now, mut pace) = (Instant::from_nanos(7), Pace::new(Instant::from_nanos(7)));
        for (found, quantum) in [(0, QUANTUM_OF_FEW), (FEW - 1, QUANTUM_OF_FEW), (2 * FEW, QUANTUM)]
        {
            for _ in 0..1_000 {
                pace.woke(now, || Duration::ZERO);
                pace.found(found);
                now = pace.rest(now).unwrap_or(now + QUANTUM);
            }
            assert!(pace.is_busy(), "rationed, it stays busy");
            pace.woke(now, || Duration::ZERO);
            pace.found(0);
            assert_eq!(pace.rest(now), Some(now + quantum), "{found} packets");
        }
    }

    #[test]
    fn work_longer_than_the_quantum_is_followed_by_no_pause() {
        let (load, pause) = run_at_work(Duration::from_millis(2), Duration::from_millis(2));
        assert!(load >= 99 && pause.is_none());
    }

    #[test]
    fn a_thread_that_is_always_at_work_is_busy_however_seldom_it_wakes() {
        let (mut now, work) = (Instant::from_nanos(7), Duration::from_millis(9));
        let mut pace = Pace::new(now);
        for _ in 0..100 {
            pace.woke(now, || Duration::ZERO);
            now += work;
            assert_eq!(pace.rest(now), None);
        }
        assert!(pace.is_busy());
    }

    #[test]
    fn a_thread_kept_waiting_by_others_is_not_loaded_itself() {
        let [each, work] = [2, 1].map(Duration::from_millis);
        assert_eq!(run(each, each, work).0, 50);
    }

    #[test]
    fn a_flood_is_rationed_at_once_and_its_end_noticed() {
        let mut now = Instant::from_nanos(7);
        let mut pace = Pace::new(now);
        let mut wakes = |pace: &mut Pace, each: Duration, count: usize| {
            (0..count).for_each(|_| {
                now += each;
                pace.woke(now, || Duration::ZERO);
                pace.rest(now);
            });
            pace.is_busy()
        };
        let [often, seldom] = [10, 5_000].map(Duration::from_micros);
        assert!(wakes(&mut pace, often, 17), "within a millisecond");
        assert!(wakes(&mut pace, QUANTUM, 1_000), "rationed, it stays busy");
        assert!(!wakes(&mut pace, seldom, 12), "and quiet within 60 ms");
        assert!(!wakes(&mut pace, seldom, 1_000));
    }
}
