//! Ranges of addresses a trunk sends from.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of IP addresses in CIDR notation; an address alone is a range of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// Why a text is no range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a range is an address such as `192.0.2.7`, or one with a prefix such as `192.0.2.0/24`")]
pub struct NetworkError;

impl Network {
    /// Whether `address` is in the range. An IPv4 address seen through an IPv6 socket counts as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                same_prefix(own.to_bits().into(), other.to_bits().into(), 32, self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                same_prefix(own.to_bits(), other.to_bits(), 128, self.prefix)
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(width), str::parse).map_err(|_| NetworkError)?;
        if prefix <= width { Ok(Self { address, prefix }) } else { Err(NetworkError) }
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Network(<redacted>)")
    }
}

/// Whether the leading `prefix` of `width` bits are the same.
fn same_prefix(one: u128, other: u128, width: u8, prefix: u8) -> bool {
    let ignored = u32::from(width - prefix);
    (one ^ other).checked_shr(ignored).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(range: &str, address: &str, inside: bool) {
        let range: Network = range.parse().expect("a range");
        assert_eq!(range.contains(address.parse().expect("an address")), inside, "{address}");
    }

    #[test]
    fn a_range_holds_its_addresses_and_no_others() {
        check("192.0.2.0/24", "192.0.2.255", true);
        check("192.0.2.0/24", "192.0.3.0", false);
        check("192.0.2.7", "192.0.2.7", true);
        check("192.0.2.7", "192.0.2.6", false);
        check("192.0.2.7", "::ffff:192.0.2.7", true);
        check("0.0.0.0/0", "198.51.100.1", true);
        check("0.0.0.0/0", "2001:db8::1", false);
        check("::/0", "2001:db8::1", true);
        check("2001:db8::/33", "2001:db8:8000::1", false);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for bad in ["", "trunk.example", "192.0.2.0/33", "::/129", "192.0.2.0/", "1.2.3.4/-1"] {
            assert_eq!(bad.parse::<Network>(), Err(NetworkError), "{bad}");
        }
    }
}
