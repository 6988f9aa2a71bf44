//! The control task: owns the negotiator and the ports, feeds the shards, and looks after them.
//!
//! Everything that allocates, frees, binds or closes happens here, off the shards' threads. A leg
//! that a shard has lost, and every leg of a shard that hangs, is served anew with the same sockets.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use media::{Leg, Library, Loss, Negotiator, Output, Reports, ShardCommand, TextLine};
use model::{LegId, MediaCommand, MediaEvent, RoomId};
use os::clock;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::MissedTickBehavior;

use crate::counters::Count;
use crate::holdings::{Holdings, Unused};
use crate::ports::Ports;
use crate::shards::Shards;
use crate::sockets::Bound;
use crate::station::{FromShard, ToShard};

/// What a [`crate::MediaHandle`] asks for.
pub(crate) enum Order {
    /// The switchboard's command.
    Command(MediaCommand),
    /// New recordings.
    Library(Arc<Library>),
    /// A test's own way to break a shard while it serves a leg.
    #[cfg(test)]
    Harm(LegId, crate::harm::Harm),
}

/// The control task's state.
pub(crate) struct Control {
    pub(crate) negotiator: Negotiator,
    pub(crate) ports: Ports,
    pub(crate) shards: Shards,
    pub(crate) holdings: Holdings,
    pub(crate) events: UnboundedSender<MediaEvent>,
    /// Legs that hold sockets, readable by the handle.
    pub(crate) legs: Arc<AtomicUsize>,
}

/// What was bound for one command and is not in use yet.
#[derive(Default)]
struct New {
    sound: Option<Arc<Bound>>,
    text: Option<Arc<Bound>>,
}

impl New {
    fn ports(&self) -> media::Bound {
        let port = |bound: &Option<Arc<Bound>>| bound.as_ref().map(|bound| bound.pair.rtp());
        media::Bound { audio: port(&self.sound), text: port(&self.text) }
    }
}

impl Control {
    /// Runs until every handle is gone, then ends the shards.
    pub(crate) async fn run(mut self, mut orders: UnboundedReceiver<Order>, news: Receiver) {
        let mut looks = tokio::time::interval(LOOK);
        let mut sweeps = tokio::time::interval(SWEEP);
        for ticks in [&mut looks, &mut sweeps] {
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            let waiting = self.shards.ends.iter().any(|shard| shard.link.is_waiting());
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => break,
                },
                ready = news.readable() => if ready.is_ok() {
                    // Until there is none: the runtime sleeps only then. And before the rings are
                    // read: news after that wakes us again.
                    while news.try_read(&mut [0; 8]).is_ok() {}
                },
                _ = looks.tick() => self.look(),
                // Legs that are over wake nobody; they are freed now at the latest (C11).
                _ = sweeps.tick() => {}
                () = tokio::time::sleep(RETRY), if waiting => {}
            }
            self.read_shards();
            self.flush();
        }
        self.stop().await;
    }

    /// Puts another thread in the place of one that hangs, and says how the shards stand.
    fn look(&mut self) {
        self.read_shards();
        for index in self.shards.hanging() {
            tracing::error!(shard = index, "media shard hangs: another takes its place");
            match self.shards.replace(index) {
                Ok(()) => self.take_up(index),
                // It is tried again at the next look.
                Err(error) => tracing::error!(%error, "a media thread cannot be started"),
            }
        }
        drop(self.events.send(MediaEvent::Shards(self.shards.states())));
    }

    /// Serves the legs of a shard whose thread was left behind with all it had.
    fn take_up(&mut self, shard: usize) {
        let (now, legs) = (clock::now(), self.holdings.of_shard(shard));
        let (revived, over): (Vec<LegId>, Vec<LegId>) =
            legs.into_iter().partition(|&leg| self.holdings.revive(now, leg));
        for leg in over {
            self.free(leg);
            drop(self.events.send(MediaEvent::Lost { leg }));
        }
        self.revive(&revived, Loss::Shard);
    }

    fn revive(&mut self, legs: &[LegId], loss: Loss) {
        let negotiator = &mut self.negotiator;
        if catch_unwind(AssertUnwindSafe(|| negotiator.revive(legs, loss))).is_err() {
            tracing::error!("legs could not be served anew");
        }
        self.act_all(&mut New::default());
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Library(library) => self.negotiator.set_library(library),
            Order::Command(command) => self.command(command),
            #[cfg(test)]
            Order::Harm(leg, harm) => {
                let serves = |&shard: &usize| self.holdings.of_shard(shard).contains(&leg);
                let shard = (0..self.shards.ends.len()).find(serves).expect("a shard has it");
                self.shards.send(shard, ToShard::Harm(leg, harm));
            }
        }
    }

    fn command(&mut self, command: MediaCommand) {
        let sound = match &command {
            MediaCommand::Open { own, .. } => self.bind(own.local, Negotiator::reports(&command)),
            _ => None,
        };
        let text =
            self.negotiator.text_place(&command).and_then(|place| self.bind(place, Reports::Apart));
        let mut new = New { sound, text };
        let ports = new.ports();
        let leg = leg_of(&command);
        let negotiator = &mut self.negotiator;
        let handled = catch_unwind(AssertUnwindSafe(|| {
            negotiator.handle_command(clock::now(), command, ports);
        }));
        if handled.is_err() {
            self.forget(leg);
        }
        self.act_all(&mut new);
        for unused in [new.sound, new.text].into_iter().flatten() {
            self.ports.give_back_unused(unused.pair);
        }
    }

    fn act_all(&mut self, new: &mut New) {
        while let Some(output) = self.negotiator.poll_output() {
            self.act(output, new);
        }
    }

    /// After a panic: the leg concerned is removed, all others go on.
    fn forget(&mut self, leg: Option<LegId>) {
        tracing::error!("the handling of a media command panicked");
        if let Some(leg) = leg {
            self.negotiator.forget(leg);
        }
    }

    /// Does one thing; what is opened for the first time takes the `new` sockets.
    fn act(&mut self, output: Output, new: &mut New) {
        match output {
            // The engine is gone only when the whole process ends.
            Output::Event(event) => drop(self.events.send(event)),
            Output::Shard { room, command } => {
                let Some(shard) = self.holdings.place(room, || self.shards.states()) else {
                    return;
                };
                match command {
                    ShardCommand::Open(leg) => self.open((room, shard), leg, new.sound.take()),
                    ShardCommand::OpenText { leg, line } => {
                        self.open_text(shard, leg, line, new.text.take());
                    }
                    ShardCommand::Close { leg } => self.close(shard, leg),
                    ShardCommand::Settle { leg, ref terms, .. } => {
                        if !terms.agreed.is_muxed() {
                            self.open_rtcp(shard, leg);
                        }
                        self.shards.send(shard, ToShard::Command(command));
                    }
                    command => self.shards.send(shard, ToShard::Command(command)),
                }
            }
        }
    }

    /// Sends a leg to its shard, with the sockets that it has already or that are `new`.
    fn open(&mut self, (room, shard): (RoomId, usize), leg: Box<Leg>, new: Option<Arc<Bound>>) {
        let bound = match new {
            Some(bound) => {
                self.holdings.open(leg.id(), room, shard, Arc::clone(&bound));
                self.legs.store(self.holdings.len(), Ordering::Relaxed);
                bound
            }
            None => {
                let Some(bound) = self.holdings.sockets(leg.id()) else { return };
                bound.disconnect();
                bound
            }
        };
        self.shards.send(shard, ToShard::Open(leg, bound));
    }

    /// Sends a leg's line of text to its shard, in the same way.
    fn open_text(
        &mut self,
        shard: usize,
        leg: LegId,
        line: Box<TextLine>,
        new: Option<Arc<Bound>>,
    ) {
        let bound = match new {
            Some(bound) => match self.holdings.open_text(leg, Arc::clone(&bound)) {
                Ok(()) => bound,
                Err(unused) => return self.ports.give_back_unused(unused.pair),
            },
            None => {
                let Some(bound) = self.holdings.text_sockets(leg) else { return };
                bound
            }
        };
        self.shards.send(shard, ToShard::OpenText(leg, line, bound));
    }

    /// Gives a leg's RTCP a socket of its own. Where some other program holds its port, which by now
    /// is promised to the peer, the leg hears no reports, and its voice goes on.
    fn open_rtcp(&mut self, shard: usize, leg: LegId) {
        let opened = self.holdings.sockets(leg).map(|bound| bound.open_rtcp());
        match opened {
            Some(Ok(())) => self.shards.send(shard, ToShard::OpenRtcp(leg)),
            Some(Err(error)) => tracing::warn!(%leg, %error, "no socket for a leg's RTCP"),
            None => {}
        }
    }

    fn close(&mut self, shard: usize, leg: LegId) {
        self.shards.send(shard, ToShard::Command(ShardCommand::Close { leg }));
        let unused = self.holdings.close(leg);
        self.rest(unused);
    }

    /// A free pair of ports at `address`, the odd one included if reports go apart. Pairs of which
    /// some other program holds a port are left to rest; where there is none else, sound without
    /// reports is better than none.
    fn bind(&mut self, address: IpAddr, reports: Reports) -> Option<Arc<Bound>> {
        let (now, mut halves) = (clock::now(), Vec::new());
        let mut whole = None;
        for _ in 0..BIND_TRIES {
            let Some(pair) = self.ports.take(now) else { break };
            match Bound::new(address, pair) {
                Err(_) => self.ports.give_back(now, pair),
                Ok(half) if reports == Reports::Apart && half.open_rtcp().is_err() => {
                    halves.push(half);
                }
                Ok(bound) => {
                    whole = Some(bound);
                    break;
                }
            }
        }
        let bound = whole.or_else(|| halves.pop());
        halves.into_iter().for_each(|half| self.ports.give_back(now, half.pair));
        bound.map(Arc::new)
    }

    fn flush(&mut self) {
        let now = clock::now();
        for (index, shard) in self.shards.ends.iter_mut().enumerate() {
            if shard.link.flush(now) {
                shard.tally.add(Count::Stalled, 1);
                tracing::error!(shard = index, "media shard is stalled");
            }
        }
    }

    fn read_shards(&mut self) {
        for index in 0..self.shards.ends.len() {
            while let Some(message) = self.shards.ends[index].link.receive() {
                self.hear(message);
            }
        }
    }

    /// Passes an event on; frees what a shard has done with.
    fn hear(&mut self, message: FromShard) {
        match message {
            // The leg itself has come before.
            FromShard::Event(MediaEvent::Lost { leg }) => self.lost(leg),
            FromShard::Event(event) => {
                self.negotiator.note_event(&event);
                drop(self.events.send(event));
            }
            FromShard::Leg(leg, sockets) => {
                let id = leg.id();
                drop((leg, sockets));
                self.free(id);
            }
            FromShard::Line(line, sockets) => drop((line, sockets)),
            FromShard::Retired(retired) => drop(retired),
        }
    }

    /// A panic has taken the leg from its shard, which goes on.
    fn lost(&mut self, leg: LegId) {
        if self.holdings.revive(clock::now(), leg) {
            tracing::error!("a panic took a media leg, which is served anew");
            self.revive(&[leg], Loss::Leg);
        } else {
            drop(self.events.send(MediaEvent::Lost { leg }));
        }
    }

    /// No shard has the leg any more.
    fn free(&mut self, leg: LegId) {
        let unused = self.holdings.returned(leg);
        self.rest(unused);
    }

    /// Closes sockets, and lets their ports rest.
    fn rest(&mut self, unused: Option<Unused>) {
        if let Some(unused) = unused {
            for bound in unused.into_iter().flatten() {
                let pair = bound.pair;
                drop(bound);
                self.ports.give_back(clock::now(), pair);
            }
            self.legs.store(self.holdings.len(), Ordering::Relaxed);
        }
    }

    async fn stop(mut self) {
        for shard in &mut self.shards.ends {
            shard.link.send(ToShard::Stop);
        }
        while self.shards.ends.iter().any(|shard| !shard.thread.is_finished()) {
            self.flush();
            self.read_shards();
            tokio::time::sleep(RETRY).await;
        }
    }
}

fn leg_of(command: &MediaCommand) -> Option<LegId> {
    match command {
        MediaCommand::Open { leg, .. }
        | MediaCommand::Answer { leg, .. }
        | MediaCommand::Reoffer { leg, .. }
        | MediaCommand::Abandon { leg }
        | MediaCommand::Play { leg, .. }
        | MediaCommand::StopPlay { leg }
        | MediaCommand::Music { leg, .. }
        | MediaCommand::SendDigits { leg, .. }
        | MediaCommand::SendText { leg, .. }
        | MediaCommand::Close { leg } => Some(*leg),
        MediaCommand::Route { .. } | MediaCommand::Confer { .. } => None,
    }
}

/// How many pairs are tried for one leg, in case other programs hold some.
const BIND_TRIES: usize = 64;
/// How often the shards are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How often what the shards are done with is collected, if nothing else makes the task look.
const SWEEP: Duration = Duration::from_millis(200);
/// How soon a full ring is tried again.
const RETRY: Duration = Duration::from_millis(1);
