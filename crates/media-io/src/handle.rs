//! Starting the shards, and the handle the engine holds.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use media::{Library, Negotiator};
use model::{Chance, MediaCommand, MediaEvent, ShardState};
use os::Wake;
use tokio::net::unix::pipe::Receiver;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;

use crate::control::{Control, Order};
use crate::counters::Tally;
use crate::holdings::Holdings;
use crate::ports::Ports;
use crate::settings::Settings;
use crate::shards::Shards;

/// The engine's way to the media shards.
#[derive(Debug)]
pub struct MediaHandle {
    orders: UnboundedSender<Order>,
    tallies: Vec<Arc<Tally>>,
    legs: Arc<AtomicUsize>,
    control: JoinHandle<()>,
}

/// Why media cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The range holds no even port with the odd one above it.
    #[error("the media port range holds no pair of ports")]
    NoPorts,
    /// The system gave no thread, poller or timer.
    #[error("a media thread cannot be started")]
    System(#[from] io::Error),
}

impl MediaHandle {
    /// Starts the shards' threads and the control task, which runs on the current tokio runtime.
    ///
    /// # Errors
    /// When the ports are of no use, or the system gives no thread.
    pub fn start(
        settings: &Settings,
        library: Arc<Library>,
        mut chance: Chance,
    ) -> Result<(Self, UnboundedReceiver<MediaEvent>), StartError> {
        let ports = Ports::new(settings.ports.clone(), settings.rest, chance.split());
        if ports.len() == 0 {
            return Err(StartError::NoPorts);
        }
        let news = Wake::new()?;
        let shards = Shards::start(settings, ports.len(), news.waker())?;
        let tallies = shards.tallies();
        let (events_to_engine, events) = unbounded_channel();
        let legs = Arc::<AtomicUsize>::default();
        let control = Control {
            negotiator: Negotiator::new(chance, library),
            ports,
            shards,
            holdings: Holdings::default(),
            events: events_to_engine,
            legs: Arc::clone(&legs),
        };
        let (orders, orders_to_control) = unbounded_channel();
        // The runtime only reads it, and an eventfd is read like a pipe.
        let news = Receiver::from_owned_fd_unchecked(news.descriptor()?)?;
        let control = tokio::spawn(control.run(orders_to_control, news));
        Ok((Self { orders, tallies, legs, control }, events))
    }

    /// Hands over a command; never blocks and never drops one.
    pub fn command(&self, command: MediaCommand) {
        self.order(Order::Command(command));
    }

    /// Replaces the recordings for all requests from now on.
    pub fn set_library(&self, library: Arc<Library>) {
        self.order(Order::Library(library));
    }

    /// How each shard stands.
    pub fn shards(&self) -> Vec<ShardState> {
        self.tallies.iter().map(|tally| tally.read()).collect()
    }

    /// How many legs hold sockets now, those being closed included.
    pub fn legs(&self) -> usize {
        self.legs.load(Ordering::Relaxed)
    }

    /// Ends the shards and closes their sockets, whatever still runs.
    pub async fn stop(self) {
        let Self { orders, control, .. } = self;
        drop(orders);
        // It ends by itself, or has panicked, and then there is nothing left to wait for.
        let _ = control.await;
    }

    /// Breaks the shard of `leg` while it serves that.
    #[cfg(test)]
    pub(crate) fn harm(&self, leg: model::LegId, harm: crate::harm::Harm) {
        self.order(Order::Harm(leg, harm));
    }

    fn order(&self, order: Order) {
        // The control task ends only after the last handle.
        let _ = self.orders.send(order);
    }
}
