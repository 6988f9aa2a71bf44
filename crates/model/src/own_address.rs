//! The address of ours by which one peer reaches us.

use std::fmt;
use std::net::IpAddr;

/// Our side of the way to one peer: signalling finds it out, media uses it too.
///
/// It tells which network a peer is in, so it prints as `<redacted>`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct OwnAddress {
    /// This machine's address towards the peer: where sockets are bound.
    pub local: IpAddr,
    /// What the peer is told: the public address, where a NAT is between, else the same.
    pub told: IpAddr,
}

impl OwnAddress {
    /// Without a NAT between.
    pub const fn direct(local: IpAddr) -> Self {
        Self { local, told: local }
    }
}

impl fmt::Debug for OwnAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnAddress(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_an_own_address_never_prints() {
        let own = OwnAddress::direct(IpAddr::from([192, 0, 2, 1]));
        assert_eq!(format!("{own:?}"), "OwnAddress(<redacted>)");
    }
}
