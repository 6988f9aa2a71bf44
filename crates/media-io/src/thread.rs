//! A shard's thread: sleeps until something is ready or due, and lets the [`Station`] do it.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use model::Instant;
use os::scheduling;
use os::{Poller, Ready, Wake, clock};

use crate::claim::{Claim, Wish};
use crate::counters::{Count, Tally};
use crate::legs::Token;
use crate::link::ShardLink;
use crate::pace::Pace;
use crate::place::Place;
use crate::station::{AHEAD, Course, FromShard, READY_AT_ONCE, Station, ToShard};

/// What a shard's thread is made of.
pub(crate) struct Plan {
    pub(crate) place: Place,
    pub(crate) legs: usize,
    pub(crate) link: ShardLink<ToShard, FromShard>,
    pub(crate) wake: Wake,
    pub(crate) tally: Arc<Tally>,
}

/// The thread's own state around the station.
struct Turns {
    station: Station,
    ready: Ready,
    wake: Wake,
    pace: Pace,
    claim: Claim,
    tally: Arc<Tally>,
}

impl Plan {
    /// Starts the thread, named after its shard.
    pub(crate) fn start(self) -> io::Result<JoinHandle<()>> {
        let poller = Poller::new()?;
        poller.add(&self.wake, Token::Wake.to_number())?;
        let name = format!("shard-{}", self.place.index);
        std::thread::Builder::new().name(name).spawn(move || self.run(poller))
    }

    fn run(self, poller: Poller) {
        let scheduling = self.place.take();
        tracing::info!(shard = self.place.index, %scheduling, "media shard runs");
        self.tally.set_scheduling(scheduling);
        let mut turns = Turns {
            station: Station::new(self.legs, poller, self.link, Arc::clone(&self.tally)),
            ready: Ready::with_capacity(READY_AT_ONCE),
            wake: self.wake,
            pace: Pace::new(clock::now()),
            claim: Claim::new(scheduling),
            tally: self.tally,
        };
        while turns.turn() == Course::Running {}
    }
}

impl Turns {
    /// One wake-up: everything that is ready, and everything that is due.
    fn turn(&mut self) -> Course {
        // Fails only on descriptors of our own that were closed: then there is nothing left to
        // serve.
        if self.sleep().is_err() {
            return Course::Stopped;
        }
        self.tally.add(Count::Turns, 1);
        if self.station.is_abandoned() {
            return Course::Stopped;
        }
        let now = clock::now();
        if let Some(load) = self.pace.woke(now, clock::thread_used) {
            self.tally.set_load(load);
            self.adapt(load);
        }
        if self.station.handle_commands(now) == Course::Stopped {
            return Course::Stopped;
        }
        self.serve_all(now);
        let now = clock::now();
        self.station.handle_timeout(now);
        self.station.flush(now);
        Course::Running
    }

    /// Until something is ready or due, or the load is to be said again. A busy thread sleeps its
    /// time out whatever arrives, or not at all if its turn took longer.
    fn sleep(&mut self) -> io::Result<()> {
        let mut now = clock::now();
        let measured = self.pace.window_end();
        let due = self.station.deadline(now).map_or(measured, |due| due.min(measured));
        if let Some(until) = self.pace.rest(now) {
            std::thread::sleep(until.since(now));
            now = clock::now();
        }
        let limit = if self.station.sleeps(due) { due.since(now) } else { Duration::ZERO };
        self.look(limit)
    }

    fn look(&mut self, limit: Duration) -> io::Result<()> {
        self.station.poller().wait(&mut self.ready, Some(limit))
    }

    /// Serves what is ready. What has piled up meanwhile, behind a long list or a rationed sleep,
    /// is read before any frame is mixed: a frame that waits in a socket would be concealed, which
    /// costs more than it does, and a flood on one port would push the legal packets out of the
    /// kernel's buffer.
    fn serve_all(&mut self, mut now: Instant) {
        self.pace.found(self.ready.len());
        for _ in 0..BACKLOG_ROUNDS {
            let is_more_likely = self.pace.is_busy() || self.ready.len() == READY_AT_ONCE;
            let has_more = is_more_likely && !self.ready.is_empty();
            self.serve(now);
            if !has_more || self.look(Duration::ZERO).is_err() || self.ready.is_empty() {
                break;
            }
            now = clock::now();
        }
    }

    /// Serves each ready descriptor once.
    fn serve(&mut self, now: Instant) {
        self.station.begin(now);
        for (index, number) in self.ready.tokens().enumerate() {
            let ahead = self.ready.token(index + AHEAD).map(Token::from_number);
            if let Some(Token::Socket(slot, _)) = ahead {
                self.station.expect(slot);
            }
            match Token::from_number(number) {
                // What it is about was found at the beginning of the turn, or will be at the next.
                Token::Wake => self.wake.clear(),
                Token::Socket(slot, channel) => self.station.receive(slot, channel),
            }
        }
        self.station.take_in(now);
    }

    /// Has the priority that suits the load.
    fn adapt(&mut self, load: u8) {
        let has = match self.claim.note(load) {
            Some(Wish::GiveBack) => scheduling::give_back_fifo(),
            Some(Wish::Ask) => scheduling::ask(),
            None => return,
        };
        self.claim.has(has);
        self.tally.set_scheduling(has);
    }
}

/// How often a thread looks again before it does what is due: enough for three packets of each of
/// five thousand legs.
const BACKLOG_ROUNDS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::{Ends, link};
    use crate::settings::{Cores, Priority};

    #[test]
    fn a_thread_that_was_busy_is_quiet_again_when_nothing_comes() {
        let news = Wake::new().expect("an eventfd");
        let Ends { mut control, shard: link, wake } = link(8, news.waker()).expect("an eventfd");
        let (waker, tally) = (wake.waker(), Arc::<Tally>::default());
        let place = Place { index: 0, priority: Priority::Ordinary, cores: Cores::Any };
        let plan = Plan { place, legs: 1, link, wake, tally: Arc::clone(&tally) };
        let thread = plan.start().expect("a thread");
        for _ in 0..500 {
            waker.wake();
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_millis(100));
        let before = tally.turns();
        std::thread::sleep(Duration::from_millis(400));
        let turns = tally.turns() - before;
        assert!(turns < 100, "{turns} turns in 0.4 s with nothing to do");
        control.send(ToShard::Stop);
        control.flush(clock::now());
        thread.join().expect("it ends");
    }
}
