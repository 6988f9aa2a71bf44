//! `host` and `hostport` of URIs and Via (RFC 3261 §25.1, IPv6 references as RFC 5954).

use std::fmt::{self, Write as _};
use std::net::{AddrParseError, IpAddr};

use super::HeaderFault;

/// A host; it may name a caller's network, so `Debug` says only its kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A domain name, in lower case.
    Name(String),
    /// A literal address.
    Ip(IpAddr),
}

impl Host {
    /// The literal address.
    pub const fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Name(_) => None,
        }
    }

    /// Parses a host; IPv6 with or without brackets (`received` has none, RFC 3261 §25.1).
    pub fn parse(text: &str) -> Result<Self, HeaderFault> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        if let Ok(ip) = parse_ip(bare.unwrap_or(text)) {
            return if bare.is_some() && ip.is_ipv4() {
                Err(HeaderFault)
            } else {
                Ok(Self::Ip(ip))
            };
        }
        // An underscore is no host character, but home routers write it.
        let fits = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
        if text.is_empty() || !text.bytes().all(fits) {
            return Err(HeaderFault);
        }
        Ok(Self::Name(text.to_ascii_lowercase()))
    }

    /// Parses `host` or `host:port`, IPv6 in brackets.
    pub fn with_port(text: &str) -> Result<(Self, Option<u16>), HeaderFault> {
        parse_host_port(text)
    }

    /// As on the wire: IPv6 in brackets.
    pub fn to_wire(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        let _ = match self {
            Self::Name(name) => out.write_str(name),
            Self::Ip(IpAddr::V4(ip)) => write!(out, "{ip}"),
            Self::Ip(IpAddr::V6(ip)) => write!(out, "[{ip}]"),
        };
    }
}

impl From<IpAddr> for Host {
    fn from(ip: IpAddr) -> Self {
        Self::Ip(ip)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Ip(_)) { "Ip(..)" } else { "Name(..)" })
    }
}

/// RFC 5118 §4.10: the grammar of RFC 3261 asked for a third colon by mistake.
fn parse_ip(text: &str) -> Result<IpAddr, AddrParseError> {
    text.parse().or_else(|_| text.replacen(":::", "::", 1).parse())
}

/// Parses `host[:port]`; white space around the colon counts as in Via (RFC 3261 §25.1, COLON).
pub(super) fn parse_host_port(text: &str) -> Result<(Host, Option<u16>), HeaderFault> {
    let after_reference = text.find(']').unwrap_or(0);
    let Some(colon) = text[after_reference..].find(':').map(|at| at + after_reference) else {
        return Ok((Host::parse(text.trim_ascii())?, None));
    };
    let port = text[colon + 1..].trim_ascii();
    let number = if port.bytes().all(|b| b.is_ascii_digit()) { port.parse().ok() } else { None };
    let port = number.filter(|&port: &u16| port > 0).ok_or(HeaderFault)?;
    Ok((Host::parse(text[..colon].trim_ascii())?, Some(port)))
}

/// Appends `host[:port]`.
pub(super) fn write_host_port(out: &mut String, host: &Host, port: Option<u16>) {
    host.write(out);
    if let Some(port) = port {
        let _ = write!(out, ":{port}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<(&str, Option<u16>)>) {
        let parsed = parse_host_port(text).ok().map(|(host, port)| (host.to_wire(), port));
        assert_eq!(parsed, expected.map(|(host, port)| (host.to_owned(), port)), "{text}");
    }

    #[test]
    fn hosts_are_names_addresses_and_bracketed_ipv6_addresses() {
        check("Example.COM", Some(("example.com", None)));
        check("192.0.2.1:5060", Some(("192.0.2.1", Some(5060))));
        check("[2001:DB8::9:1]:5070", Some(("[2001:db8::9:1]", Some(5070))));
        check("[2001:db8::1]", Some(("[2001:db8::1]", None)));
        check("host : 4000", Some(("host", Some(4000))));
        for bad in
            ["", ":5060", "h:", "h:0", "h:65536", "h:-1", "[::1", "a b", "[192.0.2.1]", "h@x"]
        {
            check(bad, None);
        }
    }
}
