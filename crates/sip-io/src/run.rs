//! The task that owns the endpoint: one input, all outputs, wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use bytes::Bytes;
use model::{LegCommand, LegEvent, LegId};
use os::clock;
use os::route::own_address_towards;
use sip::{Endpoint, Flow, Found, Input, ListenerId, NextHop, Output, Transport};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bind::Bound;
use crate::bucket::Buckets;
use crate::connection::Context;
use crate::connections::{Connections, Opener};
use crate::datagrams::Datagrams;
use crate::{Alarm, Counters, Limits, LookUpError, Resolver, listen};

/// What the engine wants of the signalling.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Something of a leg.
    Leg(LegCommand),
    /// Take no new calls.
    Drain,
    /// Remove all that is known of a leg, without trusting its state.
    Forget(LegId),
    /// Close everything and return.
    Stop,
}

/// What the tasks of sockets and connections bring.
pub(crate) enum Arrival {
    /// Somebody has connected.
    Connection(Flow, TcpStream),
    Message(Flow, Bytes),
    Closed(Flow),
    /// A connection has brought no message for a while.
    Idle(Flow),
    /// What became of a question for a server's addresses.
    LookedUp(NextHop, Option<Found>),
}

impl Bound {
    /// Serves the sockets until [`Command::Stop`], or until the engine is gone. An engine that does
    /// not take its events holds everything up.
    pub async fn run(
        self,
        endpoint: Endpoint,
        mut commands: mpsc::UnboundedReceiver<Command>,
        events: mpsc::Sender<LegEvent>,
    ) {
        let (arrivals, mut arrived) = mpsc::channel(ARRIVALS);
        let connections = Connections::new(self.limits);
        let Limits { idle, keep_alive, .. } = self.limits;
        let counters = self.counters;
        let addresses = self.addresses.into();
        let context =
            Context { arrivals, addresses, counters: Arc::clone(&counters), idle, keep_alive };
        let mut tasks = JoinSet::new();
        let mut sockets = Vec::new();
        for ((udp, tcp), id) in self.sockets.into_iter().zip((0..).map(ListenerId)) {
            let udp = Arc::new(udp);
            sockets.push(Arc::clone(&udp));
            tasks.spawn(listen::receive(udp, id, context.arrivals.clone()));
            tasks.spawn(listen::accept(tcp, id, context.arrivals.clone()));
        }
        let buckets = Buckets::new(self.limits.stranger, self.limits.known);
        let resolver = self.resolver;
        let mut driver =
            Driver { endpoint, sockets, connections, context, counters, buckets, events, resolver };
        let mut alarm = Alarm::default();
        loop {
            let deadline = driver.endpoint.deadline();
            let goes_on = tokio::select! {
                command = commands.recv() => driver.command(command.unwrap_or(Command::Stop)),
                Some(arrival) = arrived.recv() => {
                    driver.arrival(arrival);
                    true
                }
                () = alarm.wait(deadline) => {
                    driver.input(Input::Timeout);
                    true
                }
            };
            driver.counters.legs.set(driver.endpoint.legs());
            driver.counters.transactions.set(driver.endpoint.transactions());
            if !driver.send_outputs().await || !goes_on {
                break;
            }
        }
        driver.connections.close_all();
    }
}

/// Everything the loop uses.
struct Driver {
    endpoint: Endpoint,
    sockets: Vec<Arc<Datagrams>>,
    connections: Arc<Connections>,
    context: Context,
    counters: Arc<Counters>,
    buckets: Buckets,
    events: mpsc::Sender<LegEvent>,
    /// The system's, once there was a question for it.
    resolver: Option<Resolver>,
}

impl Driver {
    /// Says whether the loop goes on.
    fn command(&mut self, command: Command) -> bool {
        self.input(match command {
            Command::Leg(command) => Input::Command(command),
            Command::Drain => Input::Drain,
            Command::Forget(leg) => Input::Forget(leg),
            Command::Stop => return false,
        });
        true
    }

    fn arrival(&mut self, arrival: Arrival) {
        match arrival {
            Arrival::Message(flow, bytes) if self.may_send(&flow) => {
                self.input(Input::Message { flow, bytes })
            }
            Arrival::Message(..) => self.counters.over_rate.count(),
            Arrival::Connection(flow, stream) if self.may_send(&flow) => self.serve(flow, stream),
            Arrival::Connection(..) => self.counters.refused_connections.count(),
            Arrival::Closed(flow) => self.input(Input::FlowClosed { flow }),
            Arrival::LookedUp(server, found) => self.input(Input::LookedUp { server, found }),
            Arrival::Idle(flow) if self.endpoint.uses_flow(&flow) => {}
            Arrival::Idle(flow) => {
                self.counters.idle_connections.count();
                self.connections.close(&flow);
            }
        }
    }

    /// Serves a connection that finds a place, and closes any other at once.
    fn serve(&self, flow: Flow, stream: TcpStream) {
        let is_known = self.endpoint.knows_source(flow.remote.ip());
        let opener = if is_known { Opener::Known } else { Opener::Stranger };
        match self.connections.place(flow, opener) {
            Some(place) => drop(tokio::spawn(self.context.clone().serve(stream, place))),
            None => self.counters.refused_connections.count(),
        }
    }

    fn may_send(&mut self, flow: &Flow) -> bool {
        let is_known = |source| self.endpoint.knows_source(source);
        self.buckets.take(clock::now(), flow.remote.ip(), is_known)
    }

    /// Applies one input; a panic in it ends no call but its own.
    fn input(&mut self, input: Input) {
        for peer in self.endpoint.unknown_peers(clock::now(), &input) {
            if let Some(own) = own_address_towards(peer) {
                self.handle(Input::OwnAddress { peer, own });
            }
        }
        self.handle(input);
    }

    fn handle(&mut self, input: Input) {
        let endpoint = AssertUnwindSafe(&mut self.endpoint);
        let handled = catch_unwind(move || { endpoint }.handle_input(clock::now(), input));
        if handled.is_err() {
            self.counters.panics.count();
            tracing::error!("signalling panicked on one input");
        }
    }

    /// Says whether the engine still takes events.
    async fn send_outputs(&mut self) -> bool {
        while let Some(output) = self.endpoint.poll_output() {
            match output {
                Output::Transmit { flow, bytes } => self.send(flow, bytes, Opener::We).await,
                Output::Respond { flow, otherwise, bytes } => {
                    match self.way_back(flow, otherwise) {
                        Some(flow) => self.send(flow, bytes, Opener::Known).await,
                        None => self.counters.unsent.count(),
                    }
                }
                Output::CloseFlow { flow } => self.connections.close(&flow),
                Output::LookUp(server) => self.look_up(server),
                Output::Event(event) => {
                    if self.events.send(event).await.is_err() {
                        return false;
                    }
                }
            }
        }
        true
    }

    /// Asks beside this task, which nobody's name server can hold up.
    fn look_up(&mut self, server: NextHop) {
        if self.resolver.is_none() {
            self.resolver = Resolver::of_system().ok();
        }
        let (resolver, arrivals) = (self.resolver.clone(), self.context.arrivals.clone());
        tokio::spawn(async move {
            let found = match resolver {
                Some(resolver) => resolver.look_up(&server).await,
                None => Err(LookUpError::Setup),
            };
            if let Err(error) = &found {
                tracing::warn!(%error, "the name of a trunk, vendor or diversion is not found");
            }
            // A driver that has ended needs no answer.
            let _ = arrivals.send(Arrival::LookedUp(server, found.ok())).await;
        });
    }

    /// Where a response goes (RFC 3261 §18.2.2).
    fn way_back(&self, flow: Flow, otherwise: Option<Flow>) -> Option<Flow> {
        let is_there = flow.transport == Transport::Udp || self.connections.queue(&flow).is_some();
        if is_there { Some(flow) } else { otherwise }
    }

    /// Sends on the connection that is there, or on a new one in a place of this kind.
    async fn send(&mut self, flow: Flow, bytes: Bytes, opener: Opener) {
        let sent = match flow.transport {
            Transport::Udp => self.send_datagram(flow, &bytes).await,
            Transport::Tcp => self.send_on_connection(flow, bytes, opener),
        };
        if !sent {
            self.counters.unsent.count();
        }
    }

    async fn send_datagram(&self, flow: Flow, bytes: &[u8]) -> bool {
        let Some(socket) = self.sockets.get(usize::from(flow.listener.0)) else { return false };
        socket.send(bytes, flow.remote).await.is_ok()
    }

    /// A peer that lets its queue fill up is not there any more.
    fn send_on_connection(&mut self, flow: Flow, bytes: Bytes, opener: Opener) -> bool {
        let queue = self.connections.queue(&flow).or_else(|| self.connect(flow, opener));
        let sent = queue.is_some_and(|queue| queue.try_send(bytes).is_ok());
        if !sent {
            self.connections.close(&flow);
            self.input(Input::FlowClosed { flow });
        }
        sent
    }

    fn connect(&self, flow: Flow, opener: Opener) -> Option<mpsc::Sender<Bytes>> {
        let place = self.connections.place(flow, opener)?;
        tokio::spawn(self.context.clone().connect(place));
        self.connections.queue(&flow)
    }
}

/// Messages that may wait for the endpoint before the sockets' buffers take over.
const ARRIVALS: usize = 1024;
