//! Media ports: enough of them for the calls that are let in, and free at every address
//! that audio goes by.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

use super::addresses::cure;
use super::{Engine, Report};
use crate::configuration::Configuration;

pub(super) fn examine(report: &mut Report, configuration: &Configuration, engine: Engine) {
    let ports = &configuration.media.ports;
    let (room, needed) = (pairs(ports).count(), configuration.most_legs());
    if room < needed {
        let calls = configuration.most_calls;
        return report.mend(
            format!("media ports: room for {room} legs"),
            format!("{calls} calls may take {needed}: widen `media: ports` or lower `calls`"),
        );
    }
    let addresses: BTreeSet<IpAddr> = configuration.sip.listen.iter().map(SocketAddr::ip).collect();
    for address in addresses {
        examine_at(report, address, configuration, engine, needed);
    }
}

/// The ports at one of the addresses that audio goes by.
fn examine_at(
    report: &mut Report,
    address: IpAddr,
    configuration: &Configuration,
    engine: Engine,
    needed: usize,
) {
    match free_pairs(address, &configuration.media.ports) {
        Ok(free) if free >= needed || engine == Engine::Running => {
            report.ok(format!("media ports: {free} pairs free at {address}"));
        }
        Ok(free) => report.mend(
            format!(
                "media ports: {free} pairs free at {address} of the {needed} that calls may take"
            ),
            "`ss -lnup` shows who holds them; change `media: ports`",
        ),
        Err(error) => report.mend(format!("media {address}: {error}"), cure(&error)),
    }
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
