//! What a datagram socket can do and the standard library does not offer.

use std::io;
use std::os::fd::AsFd;

/// Undoes `connect` on a datagram socket: it hears from everybody again, on the same port.
///
/// The socket must have been bound to its port explicitly; the kernel keeps such a port.
pub fn disconnect(socket: &impl AsFd) -> io::Result<()> {
    Ok(rustix::net::connect_unspec(socket)?)
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

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
