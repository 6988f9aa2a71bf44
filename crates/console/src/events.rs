//! What happened, by sequence number: a bounded ring with one writer and many readers.
//!
//! The writer never waits for a reader; a reader that falls behind the ring is told so. Numbers begin
//! at the wall clock's microsecond, so that those of an engine started later are greater: a reader who
//! comes back after a restart sees a gap, and never another life's events for its own.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use model::{AdvocateId, CallId, WallTime};
use switchboard::Notice;
use tokio::sync::watch;

use crate::event::{Happened, Parts};

/// The ring.
#[derive(Debug)]
pub struct Events {
    log: Mutex<Log>,
    newest: watch::Sender<u64>,
}

#[derive(Debug)]
struct Log {
    kept: VecDeque<Arc<Happened>>,
    next: u64,
    /// Who is in which call, as far as the notices said.
    talks: BTreeMap<CallId, AdvocateId>,
}

/// What a reader gets at once.
#[derive(Debug)]
pub(crate) struct Batch {
    /// The first number there is, when the reader has missed some.
    pub(crate) gap: Option<u64>,
    /// In order.
    pub(crate) events: Vec<Arc<Happened>>,
    /// Where the reader is now.
    pub(crate) read: u64,
}

impl Events {
    /// An empty ring of an engine that starts so long after 1970.
    pub fn new(started: Duration) -> Self {
        let next = u64::try_from(started.as_micros()).unwrap_or_default() + 1;
        let log = Log { kept: VecDeque::with_capacity(KEPT), next, talks: BTreeMap::new() };
        Self { log: Mutex::new(log), newest: watch::Sender::new(next - 1) }
    }

    /// Writes one; the oldest makes room.
    pub fn push(&self, time: WallTime, notice: Notice) {
        let number = self.log().push(time, notice);
        self.newest.send_replace(number);
    }

    /// Is changed with every event; its value is the newest number.
    pub(crate) fn newest(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    /// The next events after the number `read`.
    pub(crate) fn after(&self, read: u64) -> Batch {
        self.log().after(read)
    }

    /// A panic while writing leaves at worst one event out.
    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn push(&mut self, time: WallTime, notice: Notice) -> u64 {
        let number = self.next;
        self.next += 1;
        let hers = self.whose(&notice);
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Arc::new(Happened { number, time: time.0, notice, hers }));
        number
    }

    /// Who is in the call it is about, up to the notice that she is not any more.
    fn whose(&mut self, notice: &Notice) -> Option<AdvocateId> {
        match *notice {
            Notice::Connected { call, advocate } => {
                self.talks.insert(call, advocate);
                Some(advocate)
            }
            Notice::AdvocateLost { call, .. }
            | Notice::HandedOn { call, .. }
            | Notice::CallEnded { call, .. } => self.talks.remove(&call),
            _ => Parts::of(notice).call.and_then(|call| self.talks.get(&call).copied()),
        }
    }

    fn after(&self, read: u64) -> Batch {
        let first = self.next - self.kept.len() as u64;
        let missed = read >= self.next || read + 1 < first;
        let from = if missed { first } else { read + 1 };
        let skip = usize::try_from(from - first).unwrap_or(usize::MAX);
        let events: Vec<_> = self.kept.iter().skip(skip).take(AT_ONCE).cloned().collect();
        let read = events.last().map_or(from - 1, |event| event.number);
        Batch { gap: missed.then_some(from), events, read }
    }
}

/// Some minutes of the busiest hotline.
const KEPT: usize = 4096;
const AT_ONCE: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Names, Who};

    const START: WallTime = WallTime(1_800_000_000);
    const LIFE: Duration = Duration::from_secs(1_800_000_000);
    const FIRST: u64 = 1_800_000_000_000_001;

    fn arrived(n: u64) -> Notice {
        Notice::CallArrived { call: CallId(n) }
    }

    fn numbers(batch: &Batch) -> Vec<u64> {
        batch.events.iter().map(|event| event.number - FIRST).collect()
    }

    #[test]
    fn a_reader_goes_on_where_it_was() {
        let events = Events::new(LIFE);
        (0..3).for_each(|n| events.push(START, arrived(n)));
        let batch = events.after(FIRST);
        assert_eq!((numbers(&batch), batch.gap), (vec![1, 2], None));
        assert!(events.after(batch.read).events.is_empty());
        events.push(START, arrived(3));
        assert_eq!(numbers(&events.after(batch.read)), [3]);
    }

    #[test]
    fn a_reader_that_fell_behind_is_told_where_it_goes_on() {
        let events = Events::new(LIFE);
        (0..KEPT as u64 + 10).for_each(|n| events.push(START, arrived(n)));
        let batch = events.after(FIRST + 3);
        assert_eq!(batch.gap, Some(FIRST + 10));
        assert_eq!(batch.events[0].number, FIRST + 10);
        assert_eq!(events.after(FIRST + 9).gap, None);
    }

    #[test]
    fn a_number_of_another_life_is_a_gap() {
        for after in [Duration::from_millis(1), Duration::from_secs(1)] {
            let later = Events::new(LIFE + after);
            later.push(START, arrived(0));
            assert!(later.after(FIRST + 5).gap.is_some(), "{after:?}");
        }
        assert!(Events::new(LIFE).after(FIRST + 2_000_000).gap.is_some());
    }

    #[test]
    fn o09_calls_are_for_supervisors_and_the_advocate_who_is_in_them() {
        let events = Events::new(LIFE);
        let (call, advocate) = (CallId(7), AdvocateId(0));
        let notices = [
            arrived(7),
            Notice::Connected { call, advocate },
            Notice::NoInterpreter { call },
            Notice::CallEnded { call, reason: model::EndReason::HungUp },
            Notice::LongWait { call },
        ];
        notices.into_iter().for_each(|notice| events.push(START, notice));
        let seen = |who| {
            let batch = events.after(FIRST - 1);
            let names = Names::default();
            let seen = batch.events.iter().filter_map(|event| event.seen_by(who, &names));
            seen.map(|event| (event.number - FIRST, event.call.is_some())).collect::<Vec<_>>()
        };
        let all = [(0, true), (1, true), (2, true), (3, true), (4, true)];
        assert_eq!(seen(Who::Supervisor(None)), all);
        assert_eq!(seen(Who::Advocate(advocate)), [(1, true), (2, true), (3, true)]);
        assert_eq!(seen(Who::Advocate(AdvocateId(1))), []);
        assert_eq!(seen(Who::Operator), [(2, false), (4, false)]);
        assert_eq!(seen(Who::Monitor), [(2, false), (4, false)]);
    }
}
