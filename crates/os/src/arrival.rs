//! When a datagram reached this machine, by the kernel's stamp: for measuring, since a thread that
//! reads late then still knows when it could have read.
//!
//! Not for a running engine: asking for stamps makes the kernel stamp every packet of the machine.

use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

use model::Instant;
use rustix::time::{ClockId, clock_gettime};

use crate::clock;

/// One datagram received.
#[derive(Clone, Copy)]
pub struct Arrival {
    /// How many bytes of the buffer it fills.
    pub length: usize,
    /// Whence it came.
    pub source: SocketAddr,
    /// When it reached the socket; when it was read, if the kernel gave no stamp.
    pub at: Instant,
}

/// Asks for stamps (`SO_TIMESTAMPNS`) on all datagrams that `socket` receives, from soon on.
pub fn stamp_arrivals(socket: &impl AsFd) -> io::Result<()> {
    let (yes, length) = (1_i32, size_of::<i32>() as libc::socklen_t);
    let fd = socket.as_fd().as_raw_fd();
    // SAFETY: the option's value is an int, which outlives the call and is only read.
    let result = unsafe {
        let value = (&raw const yes).cast();
        libc::setsockopt(fd, libc::SOL_SOCKET, libc::SO_TIMESTAMPNS, value, length)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Receives one datagram, cut to `datagram`'s length, from a socket of [`stamp_arrivals`].
pub fn receive_stamped(socket: &impl AsFd, datagram: &mut [u8]) -> io::Result<Arrival> {
    let mut source = MaybeUninit::<libc::sockaddr_storage>::zeroed();
    let mut control = [0_u64; CONTROL_WORDS];
    let mut part = libc::iovec { iov_base: datagram.as_mut_ptr().cast(), iov_len: datagram.len() };
    // SAFETY: a msghdr of zeros is valid: no address, no parts, no control.
    let mut message: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
    message.msg_name = source.as_mut_ptr().cast();
    message.msg_namelen = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = size_of::<[u64; CONTROL_WORDS]>() as _;
    // SAFETY: every pointer of `message` is valid for the length beside it and outlives the call.
    let received = unsafe { libc::recvmsg(socket.as_fd().as_raw_fd(), &raw mut message, 0) };
    let length = usize::try_from(received).map_err(|_| io::Error::last_os_error())?;
    // SAFETY: zeroed above, and any bytes are a valid sockaddr_storage.
    let source = address(unsafe { source.assume_init_ref() });
    Ok(Arrival { length, source, at: stamp(&message).map_or_else(clock::now, on_our_clock) })
}

/// The stamp among the control messages: calendar time since 1970.
fn stamp(message: &libc::msghdr) -> Option<Duration> {
    // SAFETY: the kernel has filled in `message`, whose control buffer is still alive.
    let mut header = unsafe { libc::CMSG_FIRSTHDR(message) };
    // SAFETY: the CMSG functions stay within the buffer and end with null.
    while let Some(control) = unsafe { header.as_ref() } {
        if (control.cmsg_level, control.cmsg_type) == (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS) {
            // SAFETY: such a message holds one timespec, perhaps not aligned.
            let time: libc::timespec =
                unsafe { libc::CMSG_DATA(header).cast::<libc::timespec>().read_unaligned() };
            return duration(time.tv_sec, time.tv_nsec);
        }
        // SAFETY: as above.
        header = unsafe { libc::CMSG_NXTHDR(message, header) };
    }
    None
}

/// Calendar time as the monotonic clock had it: as long ago as it is now.
fn on_our_clock(stamp: Duration) -> Instant {
    let time = clock_gettime(ClockId::Realtime);
    let age = duration(time.tv_sec, time.tv_nsec).and_then(|now| now.checked_sub(stamp));
    clock::now() - age.unwrap_or_default()
}

fn duration(seconds: i64, nanos: i64) -> Option<Duration> {
    Some(Duration::new(u64::try_from(seconds).ok()?, u32::try_from(nanos).ok()?))
}

fn address(storage: &libc::sockaddr_storage) -> SocketAddr {
    let from = (&raw const *storage).cast::<u8>();
    if i32::from(storage.ss_family) == libc::AF_INET6 {
        // SAFETY: the family says which address it is, and the storage is aligned for all.
        let v6 = unsafe { &*from.cast::<libc::sockaddr_in6>() };
        let ip = IpAddr::V6(Ipv6Addr::from(v6.sin6_addr.s6_addr));
        return SocketAddr::new(ip, u16::from_be(v6.sin6_port));
    }
    // SAFETY: as above; any other family reads as an address of zeros, of which none is a peer's.
    let v4 = unsafe { &*from.cast::<libc::sockaddr_in>() };
    let ip = IpAddr::V4(Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr)));
    SocketAddr::new(ip, u16::from_be(v4.sin_port))
}

/// Hides the address.
impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrival").field("length", &self.length).finish_non_exhaustive()
    }
}

/// Words of eight bytes: one stamp, with room to spare.
const CONTROL_WORDS: usize = 8;

#[cfg(test)]
mod tests {
    use std::net::UdpSocket;

    use super::*;

    #[test]
    fn datagrams_read_late_tell_when_they_came_and_from_whom() {
        for host in ["127.0.0.1:0", "[::1]:0"] {
            let Ok(socket) = UdpSocket::bind(host) else { continue };
            let sender = UdpSocket::bind(host).unwrap();
            stamp_arrivals(&socket).unwrap();
            // The kernel begins to stamp a little later; until then it gives the time of reading,
            // and two that are read at once came at once.
            let were_apart = |_| {
                for _ in 0..2 {
                    sender.send_to(b"xyz", socket.local_addr().unwrap()).unwrap();
                    std::thread::sleep(Duration::from_millis(20));
                }
                let [first, second] =
                    [(); 2].map(|()| receive_stamped(&socket, &mut [0; 16]).unwrap());
                assert_eq!((first.length, first.source), (3, sender.local_addr().unwrap()));
                second.at.since(first.at) > Duration::from_millis(15)
            };
            assert!((0..100).any(were_apart), "no stamps");
        }
    }

    #[test]
    fn an_empty_socket_would_block() {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let error = receive_stamped(&socket, &mut [0; 16]).map(drop).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
    }
}
