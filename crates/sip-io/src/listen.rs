//! The tasks that take datagrams and connections from a listener's sockets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sip::{Flow, ListenerId, Transport};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::datagrams::Datagrams;
use crate::run::Arrival;

/// Hands on each datagram until nobody takes them any more.
pub(crate) async fn receive(
    socket: Arc<Datagrams>,
    listener: ListenerId,
    arrivals: mpsc::Sender<Arrival>,
) {
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let Ok((length, remote)) = socket.receive(&mut buffer).await else {
            sleep(AFTER_ERROR).await;
            continue;
        };
        let flow = Flow { listener, transport: Transport::Udp, remote };
        let bytes = Bytes::copy_from_slice(&buffer[..length]);
        // A shorter message would leave the end of this one here for ever (D4).
        buffer[..length].fill(0);
        // Waiting here leaves the rest to the kernel's buffer, which drops what is too much.
        if arrivals.send(Arrival::Message(flow, bytes)).await.is_err() {
            return;
        }
    }
}

/// Hands on each connection until nobody takes them any more.
pub(crate) async fn accept(listener: TcpListener, id: ListenerId, arrivals: mpsc::Sender<Arrival>) {
    loop {
        let Ok((stream, remote)) = listener.accept().await else {
            // No file descriptor left, as a rule: trying again at once would only burn time.
            sleep(AFTER_ERROR).await;
            continue;
        };
        if arrivals.send(Arrival::Connection(tcp_flow(id, remote), stream)).await.is_err() {
            return;
        }
    }
}

const fn tcp_flow(listener: ListenerId, remote: SocketAddr) -> Flow {
    Flow { listener, transport: Transport::Tcp, remote }
}

/// The longest datagram there can be.
const DATAGRAM: usize = 65_536;
const AFTER_ERROR: Duration = Duration::from_millis(20);
