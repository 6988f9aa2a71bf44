//! Opening the sockets.

use std::fmt;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;

use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::net::TcpListener;

use crate::datagrams::Datagrams;
use crate::{Counters, Limits, Resolver};

/// Signalling on sockets.
#[derive(Debug)]
pub struct SipIo;

/// Open sockets, not yet served.
pub struct Bound {
    pub(crate) addresses: Vec<SocketAddr>,
    pub(crate) sockets: Vec<(Datagrams, TcpListener)>,
    pub(crate) limits: Limits,
    pub(crate) counters: Arc<Counters>,
    pub(crate) resolver: Option<Resolver>,
}

/// A listener's sockets cannot be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on the listener at position {position}")]
pub struct BindError {
    /// Its position in the list.
    pub position: usize,
    /// Why.
    #[source]
    pub source: io::Error,
}

impl SipIo {
    /// Opens UDP and TCP on each address; port 0 takes one that is free for both. The position of
    /// an address is its [`sip::ListenerId`].
    pub async fn bind(addresses: &[SocketAddr]) -> Result<Bound, BindError> {
        Self::bind_with(addresses, Limits::default()).await
    }

    /// The same with limits other than the default ones.
    #[expect(clippy::unused_async, reason = "the sockets need the runtime of their caller")]
    pub async fn bind_with(addresses: &[SocketAddr], limits: Limits) -> Result<Bound, BindError> {
        let open = |(position, &address)| {
            open_both(address).map_err(|source| BindError { position, source })
        };
        let sockets: Vec<_> = addresses.iter().enumerate().map(open).collect::<Result<_, _>>()?;
        let local = |(position, (udp, _)): (usize, &(Datagrams, TcpListener))| {
            udp.local_addr().map_err(|source| BindError { position, source })
        };
        let addresses = sockets.iter().enumerate().map(local).collect::<Result<_, _>>()?;
        Ok(Bound { addresses, sockets, limits, counters: Arc::default(), resolver: None })
    }
}

impl Bound {
    /// The real addresses, in the order they were asked for.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// The same, with names looked up by `resolver` instead of the system's.
    #[must_use]
    pub fn asking(self, resolver: Resolver) -> Self {
        Self { resolver: Some(resolver), ..self }
    }

    /// What is dropped or refused while it runs.
    pub fn counters(&self) -> Arc<Counters> {
        Arc::clone(&self.counters)
    }
}

impl fmt::Debug for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bound({})", self.addresses.len())
    }
}

/// Opens UDP, then TCP on the same port; a free port of UDP may be taken for TCP.
fn open_both(address: SocketAddr) -> io::Result<(Datagrams, TcpListener)> {
    let mut tries = if address.port() == 0 { PORT_TRIES } else { 1 };
    loop {
        let udp = Datagrams::new(open_udp(address)?)?;
        tries -= 1;
        match open_tcp(udp.local_addr()?) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries > 0 => {}
            tcp => return Ok((udp, tcp?)),
        }
    }
}

fn open_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = open(address, Type::DGRAM, Protocol::UDP)?;
    // As much as the system allows of it: a burst of calls must not drown in the default 200 kB.
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}

fn open_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = open(address, Type::STREAM, Protocol::TCP)?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn open(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        // IPv4 has its own listener; else its peers would show up as mapped addresses.
        socket.set_only_v6(true)?;
    }
    mark(&SockRef::from(&socket), address);
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Asks routers to serve signalling before bulk. Best effort: a network that ignores or forbids the
/// mark still carries the call. What a listener accepts has its mark.
pub(crate) fn mark(socket: &SockRef<'_>, address: SocketAddr) {
    if address.is_ipv6() {
        let _ = socket.set_tclass_v6(SIGNALLING);
    } else {
        let _ = socket.set_tos_v4(SIGNALLING);
    }
}

/// DSCP CS3 in the upper six bits of the octet: what carriers and phones take for call signalling,
/// where RFC 4594 §4.1 has CS5.
const SIGNALLING: u32 = 24 << 2;

const PORT_TRIES: usize = 20;
/// In bytes.
const RECEIVE_BUFFER: usize = 4 << 20;
const BACKLOG: i32 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn signalling_is_marked_for_routers() {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let udp = open_udp(any).expect("a socket on loopback");
        assert_eq!(SockRef::from(&udp).tos_v4().expect("read back"), 0x60);
        let tcp = open_tcp(any).expect("a socket on loopback");
        assert_eq!(SockRef::from(&tcp).tos_v4().expect("read back"), 0x60);
        let place = tcp.local_addr().expect("bound");
        let (dialled, accepted) = tokio::join!(tokio::net::TcpStream::connect(place), tcp.accept());
        let (dialled, (accepted, _)) = (dialled.expect("it listens"), accepted.expect("it came"));
        assert_eq!(SockRef::from(&accepted).tos_v4().expect("read back"), 0x60);
        mark(&SockRef::from(&dialled), place);
        assert_eq!(SockRef::from(&dialled).tos_v4().expect("read back"), 0x60);
    }
}
