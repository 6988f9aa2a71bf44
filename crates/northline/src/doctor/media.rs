//! Media ports: enough of them for the calls that are let in, and free at every address
//! that audio goes by. And the threads that carry it, beside the cores of this machine.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::ops::RangeInclusive;

use super::addresses::cure;
use super::{Engine, Report};
use crate::configuration::{Configuration, cores};

pub(super) fn examine(report: &mut Report, configuration: &Configuration, engine: Engine) {
    examine_threads(report, configuration, cores());
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

/// Signalling that has no core left answers late when sound takes all there are.
fn examine_threads(report: &mut Report, configuration: &Configuration, cores: usize) {
    let shards = configuration.media.shards_on(cores);
    if shards < cores {
        report.ok(format!("media threads: {shards}, of {cores} cores"));
    } else if cores == 1 && shards == 1 {
        report.note("media threads: 1, on the only core, which signalling shares");
    } else {
        report.note(format!(
            "media threads: {shards}, of {cores} cores: signalling has none of its own, and is late \
             when sound takes them all; lower `media: shards`"
        ));
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

#[cfg(test)]
mod tests {
    use interpreting::Catalogue;

    use super::*;
    use crate::configuration;

    #[test]
    fn who_leaves_no_core_to_signalling_is_told_so() {
        let said = |text, cores| {
            let read = configuration::load("northline.yaml", text, &Catalogue::embedded());
            let mut report = Report::default();
            examine_threads(&mut report, &read.expect("right"), cores);
            report.to_string()
        };
        assert_eq!(said("calls: 500", 4), "ok    media threads: 3, of 4 cores\n");
        assert!(said("calls: 500", 1).starts_with("note  media threads: 1, on the only core"));
        assert!(said("media: { shards: 2 }", 2).contains("lower `media: shards`"));
    }
}
