//! One TCP connection: its stream cut into messages, and what is sent on it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sip::Flow;
use sip::wire::{Frame, Framer};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until, timeout};

use crate::Counters;
use crate::bind::mark;
use crate::connections::Place;
use crate::run::Arrival;

/// What a connection's task needs beside its stream.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) arrivals: mpsc::Sender<Arrival>,
    /// Where the listeners are.
    pub(crate) addresses: Arc<[SocketAddr]>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) idle: Duration,
    pub(crate) keep_alive: Duration,
}

impl Context {
    /// Serves a stream until either side closes it, and tells if that is news.
    pub(crate) async fn serve(self, stream: TcpStream, mut place: Place) {
        let mut connection = Connection { context: &self, flow: place.flow };
        // A connection that breaks or is reset is a connection that ends.
        let _ = connection.run(stream, &mut place).await;
        self.tell_end(place).await;
    }

    /// Connects to the flow's peer and serves the stream.
    pub(crate) async fn connect(self, place: Place) {
        match timeout(CONNECT_TIME, self.open(place.flow)).await {
            Ok(Ok(stream)) => self.serve(stream, place).await,
            Ok(Err(_)) | Err(_) => self.tell_end(place).await,
        }
    }

    /// From the address of the flow's listener, by which the peer knows us, on any port.
    async fn open(&self, flow: Flow) -> io::Result<TcpStream> {
        let socket = match flow.remote {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        mark(&SockRef::from(&socket), flow.remote);
        // A wildcard leaves the choice to the kernel.
        if let Some(own) = self.addresses.get(usize::from(flow.listener.0))
            && own.is_ipv4() == flow.remote.is_ipv4()
        {
            socket.bind(SocketAddr::new(own.ip(), 0))?;
        }
        socket.connect(flow.remote).await
    }

    async fn tell_end(self, place: Place) {
        let flow = place.flow;
        if place.leave() {
            // The receiver is gone only when the whole of it stops.
            let _ = self.arrivals.send(Arrival::Closed(flow)).await;
        }
    }
}

struct Connection<'a> {
    context: &'a Context,
    flow: Flow,
}

impl Connection<'_> {
    async fn run(&mut self, stream: TcpStream, place: &mut Place) -> io::Result<()> {
        let _ = stream.set_nodelay(true);
        let _ = socket2::SockRef::from(&stream).set_tcp_user_timeout(Some(SEND_TIME));
        let (mut reader, mut writer) = stream.into_split();
        let mut framer = Framer::default();
        let mut buffer = vec![0; READ];
        let mut idle_at = Instant::now() + self.context.idle;
        let mut silent_at = Instant::now() + self.context.keep_alive;
        loop {
            tokio::select! {
                message = place.queue.recv() => match message {
                    Some(bytes) => {
                        self.send(&mut writer, &bytes).await?;
                        silent_at = Instant::now() + self.context.keep_alive;
                    }
                    None => return writer.shutdown().await,
                },
                read = reader.read(&mut buffer) => match read? {
                    0 => return Ok(()),
                    length => {
                        framer.feed(&buffer[..length]);
                        buffer[..length].fill(0);
                        if self.take_frames(&mut framer, &mut writer).await? {
                            idle_at = Instant::now() + self.context.idle;
                        }
                    }
                },
                // Keeps NATs open, and finds out whether the peer is still there: what it does
                // not acknowledge ends the connection. Line ends between messages mean nothing
                // (RFC 3261 §7.5).
                () = sleep_until(silent_at) => {
                    self.send(&mut writer, Frame::PONG).await?;
                    silent_at = Instant::now() + self.context.keep_alive;
                }
                () = sleep_until(idle_at) => {
                    self.arrive(Arrival::Idle(self.flow)).await?;
                    idle_at = Instant::now() + self.context.idle;
                }
            }
        }
    }

    /// Hands on what is complete; says whether a message was among it.
    async fn take_frames(
        &self,
        framer: &mut Framer,
        writer: &mut OwnedWriteHalf,
    ) -> io::Result<bool> {
        let mut brought_message = false;
        while let Some(frame) = framer.next() {
            match frame {
                Ok(Frame::Message(bytes)) => {
                    brought_message = true;
                    self.arrive(Arrival::Message(self.flow, bytes)).await?;
                }
                Ok(Frame::Ping) => self.send(writer, Frame::PONG).await?,
                Err(_) => {
                    self.context.counters.broken_streams.count();
                    return Err(io::ErrorKind::InvalidData.into());
                }
            }
        }
        Ok(brought_message)
    }

    async fn send(&self, writer: &mut OwnedWriteHalf, bytes: &[u8]) -> io::Result<()> {
        let sent = timeout(SEND_TIME, writer.write_all(bytes)).await;
        sent.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).inspect_err(|_| {
            self.context.counters.unsent.count();
        })
    }

    async fn arrive(&self, arrival: Arrival) -> io::Result<()> {
        let sent = self.context.arrivals.send(arrival).await;
        sent.map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long a peer may read nothing.
const SEND_TIME: Duration = Duration::from_secs(10);
const READ: usize = 16 * 1024;
