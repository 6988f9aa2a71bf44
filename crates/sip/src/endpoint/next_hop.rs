//! Where requests go (RFC 3263 §4): a host by address or by name, and what carries them.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::flow::Transport;
use crate::wire::{Host, Uri};

/// A server of a carrier or vendor.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NextHop {
    /// Its address or its name.
    pub host: Host,
    /// Its port. A name without one is looked up as a service first (SRV), then as a host.
    pub port: Option<u16>,
    /// What carries requests.
    pub transport: Transport,
}

/// Why a text is no server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a server is a name or an address, with a port if it is not 5060")]
pub struct NextHopError;

impl NextHop {
    /// The server a URI names.
    pub fn of(uri: &Uri) -> Option<Self> {
        let host = uri.host.clone()?;
        let is_tcp = uri.params.value("transport").is_some_and(|t| t.eq_ignore_ascii_case("tcp"));
        let transport = if is_tcp { Transport::Tcp } else { Transport::Udp };
        Some(Self { host, port: uri.port, transport })
    }

    /// Its address, where no name has to be looked up.
    pub fn address(&self) -> Option<SocketAddr> {
        Some(SocketAddr::new(self.host.ip()?, self.port.unwrap_or(SIP_PORT)))
    }

    /// The same server by another transport.
    #[must_use]
    pub fn over(self, transport: Transport) -> Self {
        Self { transport, ..self }
    }
}

impl FromStr for NextHop {
    type Err = NextHopError;

    fn from_str(text: &str) -> Result<Self, NextHopError> {
        let bare = text.parse().ok().map(Host::Ip);
        let (host, port) = match bare {
            Some(host) => (host, None),
            None => Host::with_port(text).map_err(|_| NextHopError)?,
        };
        // A name of digits and dots is a slip in an address.
        let is_name = |name: &String| name.bytes().any(|b| b.is_ascii_alphabetic());
        let fits = !matches!(&host, Host::Name(name) if !is_name(name));
        let next_hop = Self { host, port, transport: Transport::Udp };
        if fits { Ok(next_hop) } else { Err(NextHopError) }
    }
}

impl From<(SocketAddr, Transport)> for NextHop {
    fn from((address, transport): (SocketAddr, Transport)) -> Self {
        Self { host: address.ip().into(), port: Some(address.port()), transport }
    }
}

/// It may be what a phone asked to be connected to.
impl fmt::Debug for NextHop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NextHop({:?}, {:?})", self.host, self.transport)
    }
}

/// The port of SIP where none is named (RFC 3261 §19.1.2).
const SIP_PORT: u16 = 5060;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, Option<u16>, Option<&str>)>) {
        let parsed = text.parse::<NextHop>().ok();
        let seen = parsed.map(|hop| {
            (hop.host.to_wire(), hop.port, hop.address().map(|address| address.to_string()))
        });
        let expected = expected
            .map(|(host, port, address)| (host.to_owned(), port, address.map(str::to_owned)));
        assert_eq!(seen, expected, "{text}");
    }

    #[test]
    fn a_server_is_an_address_or_a_name_with_or_without_a_port() {
        check("192.0.2.10", Some(("192.0.2.10", None, Some("192.0.2.10:5060"))));
        check("192.0.2.10:5080", Some(("192.0.2.10", Some(5080), Some("192.0.2.10:5080"))));
        check(
            "[2001:db8::1]:5080",
            Some(("[2001:db8::1]", Some(5080), Some("[2001:db8::1]:5080"))),
        );
        check("2001:db8::1", Some(("[2001:db8::1]", None, Some("[2001:db8::1]:5060"))));
        check("Sip.Carrier.example", Some(("sip.carrier.example", None, None)));
        check("sip.carrier.example:5080", Some(("sip.carrier.example", Some(5080), None)));
        for bad in ["", "192.0.2.300", "192.0.2", "a b", "carrier:0", "sip:carrier.example"] {
            check(bad, None);
        }
    }
}
