//! Which of our addresses the kernel sends from.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// The address the kernel would use towards `remote`, `None` if there is no way: a connected socket
/// knows it, and nothing is sent.
pub fn own_address_towards(remote: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match remote {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((remote, ANY_PORT)).ok()?;
    socket.local_addr().ok().map(|own| own.ip())
}

/// Ports do not choose routes.
const ANY_PORT: u16 = 9;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_reaches_itself_from_itself() {
        for own in [IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST)] {
            assert_eq!(own_address_towards(own), Some(own));
        }
    }
}
