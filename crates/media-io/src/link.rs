//! The two rings between the control task and one shard's thread.
//!
//! Neither side ever waits for the other, and nothing is dropped: what the control task cannot
//! send now waits in its own queue, and what the shard cannot send now stays in the shard.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering, fence};
use std::time::Duration;

use model::Instant;
use os::{Wake, Waker};
use rtrb::{Consumer, Producer, RingBuffer};

/// The control task's end.
pub(crate) struct Link<Down, Up> {
    ring: Producer<Down>,
    waiting: VecDeque<Down>,
    full: FullSince,
    waker: Waker,
    wakes_at: Arc<AtomicU64>,
    from_shard: Consumer<Up>,
}

/// The shard's end.
pub(crate) struct ShardLink<Down, Up> {
    pub(crate) from_control: Consumer<Down>,
    to_control: Producer<Up>,
    full: FullSince,
    told: bool,
    waker: Waker,
    /// When the shard will look at the ring again, whatever happens, in nanoseconds; the time that
    /// has passed is there while it is awake.
    wakes_at: Arc<AtomicU64>,
}

/// Both ends, and what the shard's thread sleeps on.
pub(crate) struct Ends<Down, Up> {
    pub(crate) control: Link<Down, Up>,
    pub(crate) shard: ShardLink<Down, Up>,
    pub(crate) wake: Wake,
}

/// Since when a ring has been full; says once per episode that it lasts too long.
#[derive(Default)]
struct FullSince {
    since: Option<Instant>,
    reported: bool,
}

/// A link whose rings hold `capacity` messages each; news wake `control_waker`.
pub(crate) fn link<Down, Up>(capacity: usize, control_waker: Waker) -> io::Result<Ends<Down, Up>> {
    let (ring, from_control) = RingBuffer::new(capacity);
    let (to_control, from_shard) = RingBuffer::new(capacity);
    let (wake, wakes_at) = (Wake::new()?, Arc::<AtomicU64>::default());
    let control = Link {
        ring,
        waiting: VecDeque::new(),
        full: FullSince::default(),
        waker: wake.waker(),
        wakes_at: Arc::clone(&wakes_at),
        from_shard,
    };
    let shard = ShardLink {
        from_control,
        to_control,
        full: FullSince::default(),
        told: true,
        waker: control_waker,
        wakes_at,
    };
    Ok(Ends { control, shard, wake })
}

impl<Down, Up> Link<Down, Up> {
    /// Sends `message` now, or as soon as the ring has room: see [`Link::flush`].
    pub(crate) fn send(&mut self, message: Down) {
        self.waiting.push_back(message);
    }

    /// Moves what waits into the ring, and wakes the shard unless it wakes soon by itself: waking
    /// costs more than most messages do. Returns `true` once per episode, when the ring has been
    /// full for too long: the shard is stalled.
    pub(crate) fn flush(&mut self, now: Instant) -> bool {
        let before = self.waiting.len();
        while !self.ring.is_full()
            && let Some(message) = self.waiting.pop_front()
        {
            // Room was seen, and only this end fills the ring.
            let pushed = self.ring.push(message);
            debug_assert!(pushed.is_ok(), "one producer");
        }
        if self.waiting.len() < before && !self.wakes_by(now + SOON) {
            self.waker.wake();
        }
        self.full.note(now, self.waiting.is_empty())
    }

    /// Whether the shard finds by then what is in the ring now. Either this sees until when it
    /// sleeps, or it sees the ring before it does: see [`ShardLink::sleeps`].
    fn wakes_by(&self, instant: Instant) -> bool {
        fence(Ordering::SeqCst);
        self.wakes_at.load(Ordering::Relaxed) <= instant.as_nanos()
    }

    /// Whether something waits for room.
    pub(crate) fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// The oldest message of the shard.
    pub(crate) fn receive(&mut self) -> Option<Up> {
        self.from_shard.pop().ok()
    }
}

impl<Down, Up> ShardLink<Down, Up> {
    /// The shard wants to sleep until `until`; whether it may, as nothing has come for it.
    pub(crate) fn sleeps(&self, until: Instant) -> bool {
        self.wakes_at.store(until.as_nanos(), Ordering::Relaxed);
        fence(Ordering::SeqCst);
        self.from_control.is_empty()
    }

    /// Sends messages of `next` while the ring has room; one that is no news wakes nobody, unless
    /// many wait already. No heap, no lock.
    pub(crate) fn send_all(
        &mut self,
        is_news: impl Fn(&Up) -> bool,
        mut next: impl FnMut() -> Option<Up>,
    ) {
        while !self.to_control.is_full()
            && let Some(message) = next()
        {
            self.told &= !is_news(&message);
            let pushed = self.to_control.push(message);
            debug_assert!(pushed.is_ok(), "one producer");
        }
        self.told &= self.to_control.slots() > self.to_control.buffer().capacity() / 2;
    }

    /// Wakes the control task if there is news for it. Returns `true` once per episode, when the
    /// ring has been full for too long.
    pub(crate) fn flush(&mut self, now: Instant) -> bool {
        if !self.told {
            self.waker.wake();
            self.told = true;
        }
        self.full.note(now, !self.to_control.is_full())
    }

    /// Whether the ring has no room, so that messages may wait in the shard.
    pub(crate) fn is_full(&self) -> bool {
        self.to_control.is_full()
    }
}

impl FullSince {
    /// Notes at `now` whether the ring has room.
    fn note(&mut self, now: Instant, roomy: bool) -> bool {
        if roomy {
            *self = Self::default();
            return false;
        }
        let since = *self.since.get_or_insert(now);
        let stalled = !self.reported && now.since(since) >= STALLED_AFTER;
        self.reported |= stalled;
        stalled
    }
}

/// A message may wait so long for a shard that wakes then in any case.
const SOON: Duration = Duration::from_millis(4);
/// A ring full for so long marks the shard as stalled.
const STALLED_AFTER: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use os::{Poller, Ready};

    use super::*;

    fn ends<Down, Up>(capacity: usize) -> Ends<Down, Up> {
        let waker = Wake::new().expect("an eventfd").waker();
        link(capacity, waker).expect("an eventfd")
    }

    const MESSAGES: u32 = 20_000;

    const fn at(millis: u64) -> Instant {
        Instant::from_nanos(millis * 1_000_000)
    }

    #[test]
    fn nothing_is_dropped_and_the_order_kept_when_the_ring_is_full() {
        let Ends { mut control, mut shard, .. } = ends::<u32, ()>(2);
        (0..10).for_each(|number| control.send(number));
        let mut received = Vec::new();
        for round in 0..10 {
            control.flush(at(round));
            received.extend(shard.from_control.pop());
        }
        assert_eq!(received, (0..10).collect::<Vec<_>>());
        assert!(!control.is_waiting());
    }

    #[test]
    fn a_ring_full_for_100_ms_is_reported_once_per_episode() {
        let Ends { mut control, mut shard, .. } = ends::<u32, ()>(1);
        control.send(1);
        control.send(2);
        let stalled: Vec<bool> =
            [0, 50, 99, 100, 101, 300].into_iter().map(|ms| control.flush(at(ms))).collect();
        assert_eq!(stalled, [false, false, false, true, false, false]);
        assert_eq!(shard.from_control.pop(), Ok(1));
        assert!(!control.flush(at(301)));
        control.send(3);
        assert!(!control.flush(at(302)) && control.flush(at(402)));
    }

    #[test]
    fn a_shard_is_woken_unless_it_wakes_soon_by_itself() {
        let Ends { mut control, mut shard, wake } = ends::<u32, ()>(4);
        let (poller, mut ready) = (Poller::new().expect("a poller"), Ready::with_capacity(1));
        poller.add(&wake, 0).expect("an eventfd");
        let mut is_woken = |until: Instant| {
            assert!(shard.sleeps(until));
            control.send(1);
            control.flush(at(100));
            poller.wait(&mut ready, Some(Duration::ZERO)).expect("a poller");
            wake.clear();
            assert!(!shard.sleeps(until), "there is something to do");
            assert_eq!(shard.from_control.pop(), Ok(1));
            !ready.is_empty()
        };
        let soon = at(100) + SOON;
        assert!(!is_woken(at(0)), "it is awake");
        assert!(!is_woken(at(101)) && !is_woken(soon), "it wakes soon");
        assert!(is_woken(soon + Duration::from_nanos(1)) && is_woken(at(10_000)));
    }

    #[test]
    fn nothing_is_slept_over_however_both_sides_meet() {
        let Ends { mut control, mut shard, wake } = ends::<u32, ()>(4);
        let poller = Poller::new().expect("a poller");
        poller.add(&wake, 0).expect("an eventfd");
        let sleeper = std::thread::spawn(move || {
            let mut ready = Ready::with_capacity(1);
            for expected in 0..MESSAGES {
                while shard.from_control.is_empty() {
                    let far = Instant::from_nanos(u64::MAX);
                    if shard.sleeps(far) {
                        poller.wait(&mut ready, Some(Duration::from_secs(20))).expect("a poller");
                        assert!(!ready.is_empty(), "slept over message {expected}");
                        wake.clear();
                    }
                }
                assert_eq!(shard.from_control.pop(), Ok(expected));
            }
        });
        for message in 0..MESSAGES {
            control.send(message);
            while control.is_waiting() {
                control.flush(at(0));
            }
        }
        sleeper.join().expect("it hears them all");
    }

    #[test]
    fn the_shard_keeps_what_the_ring_has_no_room_for() {
        let Ends { mut control, mut shard, .. } = ends::<(), u32>(2);
        let mut news = 0..5;
        shard.send_all(|_| true, || news.next());
        assert!(shard.is_full() && !shard.flush(at(0)) && shard.flush(at(100)));
        assert_eq!((control.receive(), news.len()), (Some(0), 3));
    }

    #[test]
    fn what_is_no_news_wakes_the_control_task_only_when_half_the_ring_is_taken() {
        let (wake, poller) = (Wake::new().expect("an eventfd"), Poller::new().expect("a poller"));
        poller.add(&wake, 0).expect("an eventfd");
        let mut ready = Ready::with_capacity(1);
        let ends = link::<(), u32>(8, wake.waker()).expect("an eventfd");
        let (mut shard, mut control) = (ends.shard, ends.control);
        let mut wakes = |messages: std::ops::Range<u32>| {
            let mut messages = messages;
            shard.send_all(|&message| message >= 100, || messages.next());
            shard.flush(at(0));
            poller.wait(&mut ready, Some(Duration::ZERO)).expect("a poller");
            wake.clear();
            !ready.is_empty()
        };
        assert!(!wakes(0..3), "it can wait");
        assert!(wakes(100..101), "it is news, and half are taken");
        while control.receive().is_some() {}
        assert!(!wakes(0..3) && wakes(3..4) && wakes(4..4), "half are taken until they are read");
        while control.receive().is_some() {}
        assert!(!wakes(4..4) && wakes(100..101), "nothing, and news");
    }
}
