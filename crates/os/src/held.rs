//! A socket that somebody else keeps open too, with its number at hand: whoever has a thousand of
//! them touches no memory of their owners for each packet.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;

use rustix::net::{RecvFlags, SendFlags, recv, send};

/// One socket of an owner who is shared, and who lives as long as this does.
pub struct Held<T> {
    owner: Arc<T>,
    number: RawFd,
}

impl<T> Held<T> {
    /// The socket that `of` finds in `owner`.
    pub fn new(owner: Arc<T>, of: impl for<'o> FnOnce(&'o T) -> BorrowedFd<'o>) -> Self {
        let number = of(&owner).as_raw_fd();
        Self { owner, number }
    }

    /// Whose it is.
    pub const fn owner(&self) -> &Arc<T> {
        &self.owner
    }

    /// Whose it was.
    pub fn into_owner(self) -> Arc<T> {
        self.owner
    }

    /// Receives one datagram, cut to `datagram`'s length, without asking who sent it.
    pub fn receive(&self, datagram: &mut [u8]) -> io::Result<usize> {
        let (length, _) = recv(self, datagram, RecvFlags::empty())?;
        Ok(length)
    }

    /// Sends one datagram to the connected peer.
    pub fn send(&self, datagram: &[u8]) -> io::Result<usize> {
        Ok(send(self, datagram, SendFlags::NOSIGNAL)?)
    }
}

impl<T> AsFd for Held<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        // SAFETY: the owner lent it for as long as it is itself borrowed, and its `Arc`, which only
        // gives up to us what nobody may change, keeps it borrowed as long as `self` is.
        unsafe { BorrowedFd::borrow_raw(self.number) }
    }
}

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn datagrams_pass_while_anybody_holds_the_owner() {
        let [one, other] = [(); 2].map(|()| Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap()));
        one.connect(other.local_addr().unwrap()).unwrap();
        other.connect(one.local_addr().unwrap()).unwrap();
        let held = [one, other].map(|owner| Held::new(owner, |owner| owner.as_fd()));
        let mut datagram = [0; 8];
        assert_eq!(held[0].send(b"xyz").unwrap(), 3);
        assert_eq!(held[1].receive(&mut datagram).unwrap(), 3);
        assert_eq!(&datagram[..3], b"xyz");
        let [one, other] = held.map(Held::into_owner);
        other.set_nonblocking(true).unwrap();
        let other = Held::new(other, |owner| owner.as_fd());
        let empty = other.receive(&mut datagram).unwrap_err();
        assert_eq!(empty.kind(), io::ErrorKind::WouldBlock);
        drop((one, Arc::clone(other.owner())));
        assert!(other.send(b"x").is_ok(), "nobody has closed it");
    }
}
