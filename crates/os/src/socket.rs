//! What a socket can do and the standard library does not offer.

use std::io;
use std::os::fd::AsFd;
use std::time::Duration;

/// Undoes `connect` on a datagram socket: it hears from everybody again, on the same port.
///
/// The socket must have been bound to its port explicitly; the kernel keeps such a port.
pub fn disconnect(socket: &impl AsFd) -> io::Result<()> {
    Ok(rustix::net::connect_unspec(socket)?)
}

/// Gives a TCP connection up when its peer has acknowledged nothing that was sent for so long
/// (RFC 5482).
pub fn give_up_after(socket: &impl AsFd, time: Duration) -> io::Result<()> {
    let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    Ok(rustix::net::sockopt::set_tcp_user_timeout(socket, millis)?)
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream, UdpSocket};

    use super::*;

    #[test]
    fn a_connection_keeps_how_long_it_waits_for_an_acknowledgement() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        give_up_after(&stream, Duration::from_secs(20)).unwrap();
        assert_eq!(rustix::net::sockopt::tcp_user_timeout(&stream).unwrap(), 20_000);
    }

    #[test]
    fn a_disconnected_socket_hears_a_stranger_again_on_its_old_port() {
        let [friend, stranger] = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        let socket = (30_000..31_000).find_map(|port| UdpSocket::bind(("127.0.0.1", port)).ok());
        let socket = socket.expect("one of a thousand ports is free");
        let address = socket.local_addr().unwrap();
        socket.set_nonblocking(true).unwrap();
        socket.connect(friend.local_addr().unwrap()).unwrap();
        stranger.send_to(b"x", address).unwrap();
        assert!(socket.recv(&mut [0; 8]).is_err());

        disconnect(&socket).unwrap();
        assert_eq!(socket.local_addr().unwrap(), address);
        stranger.send_to(b"y", address).unwrap();
        assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 1);
    }
}
