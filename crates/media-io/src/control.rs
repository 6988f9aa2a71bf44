//! The control task: owns the negotiator and the ports, and feeds the shards.
//!
//! Everything that allocates, frees, binds or closes happens here, off the shards' threads.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use media::{Leg, Library, Negotiator, Output, ShardCommand};
use model::{LegId, MediaCommand, MediaEvent, RoomId};
use os::clock;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::MissedTickBehavior;

use crate::counters::{Count, Tally};
use crate::link::Link;
use crate::ports::Ports;
use crate::sockets::LegSockets;
use crate::station::{FromShard, ToShard};

/// What a [`crate::MediaHandle`] asks for.
pub(crate) enum Order {
    /// The switchboard's command.
    Command(MediaCommand),
    /// New recordings.
    Library(Arc<Library>),
}

/// One shard as the control task sees it.
pub(crate) struct ShardEnd {
    pub(crate) link: Link<ToShard, FromShard>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) thread: JoinHandle<()>,
}

/// The control task's state.
pub(crate) struct Control {
    pub(crate) negotiator: Negotiator,
    pub(crate) ports: Ports,
    pub(crate) shards: Vec<ShardEnd>,
    pub(crate) events: UnboundedSender<MediaEvent>,
    /// Legs that hold sockets, readable by the handle.
    pub(crate) legs: Arc<AtomicUsize>,
}

impl Control {
    /// Runs until every handle is gone, then ends the shards.
    pub(crate) async fn run(mut self, mut orders: UnboundedReceiver<Order>, news: Receiver) {
        let mut looks = tokio::time::interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let waiting = self.shards.iter().any(|shard| shard.link.is_waiting());
            tokio::select! {
                order = orders.recv() => match order {
                    Some(order) => self.obey(order),
                    None => break,
                },
                ready = news.readable() => if ready.is_ok() {
                    // Before the rings are read: news after that wakes us again.
                    let _ = news.try_read(&mut [0; 8]);
                    self.read_shards();
                },
                _ = looks.tick() => self.look(),
                () = tokio::time::sleep(RETRY), if waiting => {}
            }
            self.flush();
        }
        self.stop().await;
    }

    /// Says how the shards stand.
    fn look(&self) {
        let shards = self.shards.iter().map(|shard| shard.tally.read()).collect();
        drop(self.events.send(MediaEvent::Shards(shards)));
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Library(library) => self.negotiator.set_library(library),
            Order::Command(command) => self.command(command),
        }
    }

    fn command(&mut self, command: MediaCommand) {
        let mut sockets = match &command {
            MediaCommand::Open { own, .. } => self.bind(own.local),
            _ => None,
        };
        let port = sockets.as_ref().map(|sockets| sockets.pair.rtp());
        let leg = leg_of(&command);
        let negotiator = &mut self.negotiator;
        let handled = catch_unwind(AssertUnwindSafe(|| {
            negotiator.handle_command(clock::now(), command, port);
        }));
        if handled.is_err() {
            self.forget(leg);
        }
        while let Some(output) = self.negotiator.poll_output() {
            self.act(output, &mut sockets);
        }
        if let Some(unused) = sockets {
            self.ports.give_back_unused(unused.pair);
        }
    }

    /// After a panic: the leg concerned is removed, all others go on.
    fn forget(&mut self, leg: Option<LegId>) {
        tracing::error!("the handling of a media command panicked");
        if let Some(leg) = leg {
            self.negotiator.forget(leg);
        }
    }

    fn act(&mut self, output: Output, sockets: &mut Option<Box<LegSockets>>) {
        match output {
            // The engine is gone only when the whole process ends.
            Output::Event(event) => drop(self.events.send(event)),
            Output::Shard { room, command: ShardCommand::Open(leg) } => {
                if let Some(sockets) = sockets.take() {
                    self.legs.fetch_add(1, Ordering::Relaxed);
                    self.send(room, ToShard::Open(leg, sockets));
                }
            }
            Output::Shard { room, command } => self.send(room, ToShard::Command(command)),
        }
    }

    /// Two sockets at `address` on a free pair of ports; a pair that some other program holds is
    /// left to rest.
    fn bind(&mut self, address: IpAddr) -> Option<Box<LegSockets>> {
        let now = clock::now();
        for _ in 0..BIND_TRIES {
            let pair = self.ports.take(now)?;
            match LegSockets::bind(address, pair) {
                Ok(sockets) => return Some(Box::new(sockets)),
                Err(_) => self.ports.give_back(now, pair),
            }
        }
        None
    }

    fn send(&mut self, room: RoomId, message: ToShard) {
        let index = room.0 % self.shards.len().max(1) as u64;
        if let Some(shard) = self.shards.get_mut(index as usize) {
            shard.link.send(message);
        }
    }

    fn flush(&mut self) {
        let now = clock::now();
        for (index, shard) in self.shards.iter_mut().enumerate() {
            if shard.link.flush(now) {
                shard.tally.add(Count::Stalled, 1);
                tracing::error!(shard = index, "media shard is stalled");
            }
        }
    }

    fn read_shards(&mut self) {
        for index in 0..self.shards.len() {
            while let Some(message) = self.shards[index].link.receive() {
                self.hear(message);
            }
        }
    }

    /// Passes an event on; frees what a shard has done with.
    fn hear(&mut self, message: FromShard) {
        match message {
            FromShard::Event(event) => drop(self.events.send(event)),
            FromShard::Leg(leg, sockets) => self.free(leg, sockets),
            FromShard::Retired(retired) => drop(retired),
        }
    }

    fn free(&mut self, leg: Box<Leg>, sockets: Option<Box<LegSockets>>) {
        drop(leg);
        if let Some(sockets) = sockets {
            let pair = sockets.pair;
            drop(sockets);
            self.legs.fetch_sub(1, Ordering::Relaxed);
            self.ports.give_back(clock::now(), pair);
        }
    }

    async fn stop(mut self) {
        for shard in &mut self.shards {
            shard.link.send(ToShard::Stop);
        }
        while self.shards.iter().any(|shard| !shard.thread.is_finished()) {
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
        | MediaCommand::Close { leg } => Some(*leg),
        MediaCommand::Route { .. } | MediaCommand::Confer { .. } => None,
    }
}

/// How many pairs are tried for one leg, in case other programs hold some.
const BIND_TRIES: usize = 64;
/// How often the shards are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// How soon a full ring is tried again.
const RETRY: Duration = Duration::from_millis(1);
