//! Writing a description (RFC 8866 §5, in the order of §9).

use std::net::IpAddr;

use model::Direction;

use crate::description::{Address, Description, Mapping, Media, RtcpAddress};

impl Description {
    /// The text, with CRLF line ends. A session has no name and no time (`s=-`, `t=0 0`).
    pub fn to_bytes(&self) -> Vec<u8> {
        let origin = &self.origin;
        let mut lines = vec![
            "v=0".to_owned(),
            format!("o={} {} {}", origin.identity, origin.version, origin.host),
            "s=-".to_owned(),
        ];
        lines.extend(self.connection.map(|address| format!("c={}", host(address))));
        lines.push("t=0 0".to_owned());
        lines.extend(self.direction.map(|direction| format!("a={}", word(direction))));
        for media in &self.media {
            media.write(&mut lines);
        }
        lines.iter().flat_map(|line| line.bytes().chain(*b"\r\n")).collect()
    }
}

impl Media {
    fn write(&self, lines: &mut Vec<String>) {
        let formats = self.formats.join(" ");
        lines.push(format!("m={} {} {} {formats}", self.kind, self.port, self.protocol));
        lines.extend(self.connection.map(|address| format!("c={}", host(address))));
        for map in &self.mappings {
            let channels =
                if map.channels == 1 { String::new() } else { format!("/{}", map.channels) };
            let Mapping { payload_type, encoding, rate_hz, .. } = map;
            lines.push(format!("a=rtpmap:{payload_type} {encoding}/{rate_hz}{channels}"));
        }
        for (payload_type, parameters) in &self.parameters {
            lines.push(format!("a=fmtp:{payload_type} {parameters}"));
        }
        lines.extend(self.ptime_ms.map(|ms| format!("a=ptime:{ms}")));
        lines.extend(self.maxptime_ms.map(|ms| format!("a=maxptime:{ms}")));
        lines.extend(self.crypto.iter().map(|crypto| format!("a=crypto:{}", crypto.to_text())));
        lines.extend(self.rtcp.map(rtcp));
        lines.extend(self.rtcp_mux.then(|| "a=rtcp-mux".to_owned()));
        lines.extend(self.direction.map(|direction| format!("a={}", word(direction))));
    }
}

/// `<nettype> <addrtype> <address>`
pub(crate) fn host(address: Address) -> String {
    match address {
        Address::Ip(ip @ IpAddr::V4(_)) => format!("IN IP4 {ip}"),
        Address::Ip(ip @ IpAddr::V6(_)) => format!("IN IP6 {ip}"),
        // RFC 2606: a name that never resolves.
        Address::Other => "IN IP4 unknown.invalid".to_owned(),
    }
}

fn rtcp(rtcp: RtcpAddress) -> String {
    match rtcp.address {
        Some(address) => format!("a=rtcp:{} {}", rtcp.port, host(address)),
        None => format!("a=rtcp:{}", rtcp.port),
    }
}

const fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Both => "sendrecv",
        Direction::SendOnly => "sendonly",
        Direction::ReceiveOnly => "recvonly",
        Direction::Inactive => "inactive",
    }
}
