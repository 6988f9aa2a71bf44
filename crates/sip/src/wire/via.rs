//! Via (RFC 3261 §20.42, rport of RFC 3581).

use std::fmt;

use super::headers::VALUE;
use super::host::{parse_host_port, write_host_port};
use super::{HeaderFault, Host, Params, lexer};

/// One hop of a Via header field.
#[derive(Clone, PartialEq, Eq)]
pub struct Via {
    /// The transport in upper case: `UDP`, `TCP`, or anything else a peer writes.
    pub transport: String,
    /// Where its sender says it listens.
    pub host: Host,
    /// The port of it, if written.
    pub port: Option<u16>,
    /// Its parameters.
    pub params: Params,
}

impl Via {
    /// Our own Via: `transport` in upper case, a `branch` with the magic cookie, and `rport`.
    pub fn new(transport: &str, host: Host, port: u16, branch: &str) -> Self {
        let mut params = Params::default();
        params.set("branch", Some(branch));
        params.set("rport", None);
        Self { transport: transport.to_owned(), host, port: Some(port), params }
    }

    /// Parses one hop; white space may stand around `/` and `:` (RFC 3261 §25.1).
    pub fn parse(text: &str) -> Result<Self, HeaderFault> {
        let mut parts = text.splitn(3, '/').map(str::trim_ascii);
        let protocol = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("SIP"));
        let version = parts.next() == Some("2.0");
        let rest = parts.next().ok_or(HeaderFault)?;
        let (transport, rest) = rest.split_once(char::is_whitespace).ok_or(HeaderFault)?;
        if !protocol || !version || !lexer::is_token(transport) {
            return Err(HeaderFault);
        }
        let (sent_by, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
        let (host, port) = parse_host_port(sent_by)?;
        let transport = transport.to_ascii_uppercase();
        Ok(Self { transport, host, port, params: Params::parse(params)? })
    }

    /// The `branch` parameter.
    pub fn branch(&self) -> Option<&str> {
        self.params.value("branch")
    }

    /// The `received` parameter.
    pub fn received(&self) -> Option<Host> {
        Host::parse(self.params.value("received")?).ok()
    }

    /// The `rport` parameter: `Some(None)` asks for it, `Some(Some(port))` answers (RFC 3581).
    pub fn rport(&self) -> Option<Option<u16>> {
        self.params.has("rport").then(|| self.params.value("rport")?.parse().ok())
    }

    /// Notes where the request really came from (RFC 3261 §18.2.1, RFC 3581 §4).
    pub fn note_source(&mut self, source: std::net::SocketAddr) {
        let asked = self.params.has("rport");
        if asked || self.host.ip() != Some(source.ip()) {
            self.params.set("received", Some(&source.ip().to_string()));
        }
        if asked {
            self.params.set("rport", Some(&source.port().to_string()));
        }
    }

    /// As on the wire.
    pub fn to_wire(&self) -> String {
        let mut out = String::with_capacity(VALUE);
        out.extend(["SIP/2.0/", &self.transport, " "]);
        write_host_port(&mut out, &self.host, self.port);
        self.params.write(&mut out);
        out
    }
}

impl fmt::Debug for Via {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Via({})", self.params.iter().count())
    }
}
