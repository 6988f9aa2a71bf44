//! Media ports: enough of them for the calls that are let in, and free at the media address.

use std::io;
use std::net::{IpAddr, UdpSocket};
use std::ops::RangeInclusive;

use super::addresses::{advertised, cure};
use super::{Engine, LEGS_PER_CALL, Report};
use crate::configuration::Configuration;

pub(super) fn examine(report: &mut Report, configuration: &Configuration, engine: Engine) {
    let section = &configuration.media;
    let first = configuration.sip.listen.first().map(std::net::SocketAddr::ip);
    let Some(address) = section.address.or(first) else { return };
    let needed = configuration.most_calls * LEGS_PER_CALL;
    match free_pairs(address, &section.ports) {
        _ if pairs(&section.ports).count() < needed => report.mend(
            format!("media ports: room for {} legs", pairs(&section.ports).count()),
            format!(
                "{} calls may take {needed}: widen `media: ports` or lower `calls`",
                configuration.most_calls
            ),
        ),
        Ok(free) if free >= needed || engine == Engine::Running => {
            report.ok(format!("media ports: {free} pairs free at {address}"));
        }
        Ok(free) => report.mend(
            format!("media ports: only {free} pairs free of the {needed} that calls may take"),
            "`ss -lnup` shows who holds them; change `media: ports`",
        ),
        Err(error) => report.mend(format!("media {address}: {error}"), cure(&error)),
    }
    let told = section.advertised.or(configuration.sip.advertised);
    advertised(report, "media", &[address], told);
}

/// The RTP ports of a range that has the RTCP port above each too.
fn pairs(ports: &RangeInclusive<u16>) -> impl Iterator<Item = u16> {
    let last = *ports.end();
    ports.clone().filter(move |port| port % 2 == 0 && *port < last)
}

/// How many pairs nobody holds. Taken ports are counted; that the address is none of ours is an
/// error.
fn free_pairs(address: IpAddr, ports: &RangeInclusive<u16>) -> io::Result<usize> {
    let mut free = 0;
    for rtp in pairs(ports) {
        match [rtp, rtp + 1].into_iter().try_for_each(|port| bind(address, port)) {
            Ok(()) => free += 1,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => return Err(error),
        }
    }
    Ok(free)
}

fn bind(address: IpAddr, port: u16) -> io::Result<()> {
    UdpSocket::bind((address, port)).map(drop)
}
