//! Reading a description (RFC 8866 §9).
//!
//! # Assumptions
//! - Line ends are CRLF, LF or CR; empty lines and blanks at line ends are read over.
//! - `s=` and `t=` may be missing and lines may come out of order, as phones send them; `v=0`
//!   first, one `o=` and whole m= lines are required.
//! - Lines of unknown type, unknown attributes and attributes that do not parse are read over:
//!   §6 asks so for what is not understood, and a stray `a=` line is no reason to lose a caller.

use std::net::IpAddr;

use model::Direction;

use crate::description::{
    Address, Description, MAX_BYTES, MAX_CRYPTO, MAX_FORMATS, MAX_MEDIA, Mapping, Media, Origin,
    RtcpAddress,
};
use crate::{Crypto, SdpError};

impl Description {
    /// Reads a body of at most 64 kB. O(n).
    ///
    /// # Errors
    /// The first line that is no SDP or passes a limit; for what is missing, the line after the
    /// last.
    pub fn parse(body: &[u8]) -> Result<Self, SdpError> {
        if body.len() > MAX_BYTES {
            return Err(SdpError { line: 1 });
        }
        let mut reader = Reader::default();
        let mut last = 0;
        for (number, line) in (1..).zip(lines(body)) {
            last = number;
            let line = line.trim_ascii_end();
            if !line.is_empty() {
                reader.line(line).ok_or(SdpError { line: number })?;
            }
        }
        reader.finish().ok_or(SdpError { line: last + 1 })
    }
}

/// What was read so far; each `None` of its functions is an error in the line at hand.
#[derive(Default)]
struct Reader {
    version_seen: bool,
    origin: Option<Origin>,
    connection: Option<Address>,
    direction: Option<Direction>,
    media: Vec<Media>,
    formats: usize,
}

impl Reader {
    fn line(&mut self, line: &[u8]) -> Option<()> {
        let [kind, b'=', value @ ..] = line else { return None };
        if !self.version_seen {
            self.version_seen = *kind == b'v' && value.trim_ascii() == b"0";
            return self.version_seen.then_some(());
        }
        match kind {
            b'o' => self.origin(text(value)?),
            b'c' => self.connection(text(value)?),
            b'm' => self.media(text(value)?),
            b'a' => {
                text(value).and_then(|attribute| self.attribute(attribute));
                Some(())
            }
            _ => Some(()),
        }
    }

    fn finish(self) -> Option<Description> {
        Some(Description {
            origin: self.origin?,
            connection: self.connection,
            direction: self.direction,
            media: self.media,
        })
    }

    /// `o=<username> <sess-id> <sess-version> <nettype> <addrtype> <unicast-address>`
    fn origin(&mut self, value: &str) -> Option<()> {
        let fields: Vec<&str> = value.split_ascii_whitespace().collect();
        let [username, id, version, network, family, address] = fields.as_slice() else {
            return None;
        };
        let origin = Origin {
            identity: format!("{username} {id}"),
            version: (*version).to_owned(),
            host: format!("{network} {family} {address}"),
        };
        self.origin.replace(origin).is_none().then_some(())
    }

    /// The first c= line of a stream counts; further ones are layers of a group (§5.7).
    fn connection(&mut self, value: &str) -> Option<()> {
        let address = address(value)?;
        let connection = match self.media.last_mut() {
            Some(media) => &mut media.connection,
            None => &mut self.connection,
        };
        connection.get_or_insert(address);
        Some(())
    }

    /// `m=<media> <port>[/<number of ports>] <proto> <fmt> ...`
    fn media(&mut self, value: &str) -> Option<()> {
        let mut fields = value.split_ascii_whitespace();
        let (kind, ports, protocol) = (fields.next()?, fields.next()?, fields.next()?);
        let port = ports.split('/').next()?.parse().ok()?;
        let formats: Vec<String> = fields.take(MAX_FORMATS + 1).map(str::to_owned).collect();
        self.formats += formats.len();
        let fits = self.media.len() < MAX_MEDIA && self.formats <= MAX_FORMATS;
        if formats.is_empty() || !fits {
            return None;
        }
        self.media.push(Media::new(kind, port, protocol, formats));
        Some(())
    }

    fn attribute(&mut self, attribute: &str) -> Option<()> {
        let (name, value) = attribute.split_once(':').unwrap_or((attribute, ""));
        let value = value.trim_ascii();
        if let Some(direction) = direction(name) {
            match self.media.last_mut() {
                Some(media) => media.direction = Some(direction),
                None => self.direction = Some(direction),
            }
            return Some(());
        }
        let media = self.media.last_mut()?;
        match name {
            "rtpmap" => media.map(value)?,
            "fmtp" => media.parameter(value)?,
            "ptime" => media.ptime_ms = Some(milliseconds(value)?),
            "maxptime" => media.maxptime_ms = Some(milliseconds(value)?),
            "crypto" if media.crypto.len() < MAX_CRYPTO => {
                media.crypto.push(Crypto::parse(value)?);
            }
            "rtcp" => media.rtcp = Some(rtcp(value)?),
            "rtcp-mux" => media.rtcp_mux = true,
            _ => {}
        }
        Some(())
    }
}

impl Media {
    /// `a=rtpmap:<payload type> <encoding>/<rate>[/<channels>]`, of a listed format.
    fn map(&mut self, value: &str) -> Option<()> {
        let (number, encoding) = value.split_once(' ')?;
        let payload_type = self.first_of(number, |media, number| {
            media.mappings.iter().all(|mapping| mapping.payload_type != number)
        })?;
        let mut parts = encoding.trim_ascii().split('/');
        let (encoding, rate) = (parts.next()?, parts.next()?);
        let channels = parts.next().map_or(Some(1), |channels| channels.parse().ok())?;
        let (encoding, rate_hz) = (encoding.to_owned(), rate.parse().ok()?);
        self.mappings.push(Mapping { payload_type, encoding, rate_hz, channels });
        Some(())
    }

    /// `a=fmtp:<format> <parameters>`
    fn parameter(&mut self, value: &str) -> Option<()> {
        let (number, parameters) = value.split_once(' ')?;
        let payload_type = self.first_of(number, |media, number| {
            media.parameters.iter().all(|(other, _)| *other != number)
        })?;
        self.parameters.push((payload_type, parameters.trim_ascii().to_owned()));
        Some(())
    }

    /// The listed payload type `number` names, if it is new by `is_new`: bounds what is kept.
    fn first_of(&self, number: &str, is_new: impl Fn(&Self, u8) -> bool) -> Option<u8> {
        let number = number.parse().ok()?;
        let listed = self.payload_types().any(|listed| listed == number);
        (listed && is_new(self, number)).then_some(number)
    }
}

/// `<nettype> <addrtype> <address>[/<ttl>[/<number>]]`
fn address(value: &str) -> Option<Address> {
    let mut fields = value.split_ascii_whitespace();
    let (network, _family, address) = (fields.next()?, fields.next()?, fields.next()?);
    let literal = address.split('/').next().and_then(|literal| literal.parse::<IpAddr>().ok());
    let ip = literal.filter(|_| network.eq_ignore_ascii_case("IN"));
    Some(ip.map_or(Address::Other, Address::Ip))
}

/// `a=rtcp:<port> [<nettype> <addrtype> <address>]`
fn rtcp(value: &str) -> Option<RtcpAddress> {
    let (port, rest) = value.split_once(' ').unwrap_or((value, ""));
    let port = port.parse().ok().filter(|&port| port != 0)?;
    let address = if rest.is_empty() { None } else { Some(address(rest)?) };
    Some(RtcpAddress { port, address })
}

fn direction(name: &str) -> Option<Direction> {
    Some(match name {
        "sendrecv" => Direction::Both,
        "sendonly" => Direction::SendOnly,
        "recvonly" => Direction::ReceiveOnly,
        "inactive" => Direction::Inactive,
        _ => return None,
    })
}

/// A whole or broken number of milliseconds, 1–255, rounded down.
fn milliseconds(value: &str) -> Option<u8> {
    value.split('.').next()?.parse().ok().filter(|&ms| ms > 0)
}

fn text(value: &[u8]) -> Option<&str> {
    str::from_utf8(value).ok().filter(|text| !text.contains('\0'))
}

/// The lines of `body`, whatever ends them.
fn lines(body: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(body).filter(|body| !body.is_empty());
    std::iter::from_fn(move || {
        let body = rest?;
        let Some(end) = body.iter().position(|byte| matches!(byte, b'\r' | b'\n')) else {
            return rest.take();
        };
        let ended = if body[end..].starts_with(b"\r\n") { end + 2 } else { end + 1 };
        rest = Some(&body[ended..]).filter(|rest| !rest.is_empty());
        Some(&body[..end])
    })
}
