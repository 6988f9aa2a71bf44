//! The addresses of signalling and of the API: whether they can be listened at, and whether what
//! peers are told instead of them can be true.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use sip_io::SipIo;

use super::{Engine, Report};
use crate::configuration::Configuration;

pub(super) async fn examine(report: &mut Report, configuration: &Configuration, engine: Engine) {
    let sip = &configuration.sip;
    if sip.listen.is_empty() {
        report.mend("sip: no address to listen at", "write one into `sip: listen`");
    }
    for address in &sip.listen {
        let bound = SipIo::bind(&[*address]).await.map(drop).map_err(|error| error.source);
        bindable(report, &format!("sip {address}"), &bound, engine);
    }
    let listening: Vec<IpAddr> = sip.listen.iter().map(SocketAddr::ip).collect();
    advertised(report, &listening, &sip.advertised);
    if let Some(http) = &configuration.http {
        let bound = TcpListener::bind(http.listen).map(drop);
        bindable(report, &format!("http {}", http.listen), &bound, engine);
    }
}

fn bindable(report: &mut Report, what: &str, bound: &io::Result<()>, engine: Engine) {
    match bound {
        Ok(()) => report.ok(format!("{what}: free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && engine == Engine::Running => {
            report.ok(format!("{what}: held by the running engine"));
        }
        Err(error) => report.mend(format!("{what}: {error}"), cure(error)),
    }
}

/// How to become able to listen.
pub(super) fn cure(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "`ss -lntup` shows which program listens there",
        io::ErrorKind::AddrNotAvailable => "it must be one that `ip address` shows",
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need CAP_NET_BIND_SERVICE, which the systemd unit gives"
        }
        _ => "see `ip address` and `sysctl net.ipv6`",
    }
}

/// Whether peers can reach what they are told, given where the engine listens.
fn advertised(report: &mut Report, listening: &[IpAddr], advertised: &[IpAddr]) {
    for told in advertised {
        examine_told(report, listening, *told);
    }
    for address in listening {
        let is_mapped = advertised.iter().any(|told| told.is_ipv4() == address.is_ipv4());
        if address.is_loopback() {
            report.note(format!("sip {address}: on loopback, so only this machine reaches it"));
        } else if is_public(*address) {
            report.ok(format!("sip {address}: peers are told this public address"));
        } else if !is_mapped {
            report.note(format!(
                "sip {address}: peers are told an address of this machine; behind NAT write the \
                 public one into `sip: advertised`"
            ));
        }
    }
}

/// Whether a NAT can have this address, and one of ours can be behind it.
fn examine_told(report: &mut Report, listening: &[IpAddr], told: IpAddr) {
    let cure = "write this machine's public address into `sip: advertised`, or leave it out";
    let behind = listening.iter().filter(|address| address.is_ipv4() == told.is_ipv4());
    if told.is_unspecified() || told.is_multicast() {
        report.mend(format!("sip advertised: {told} names no machine"), cure);
    } else if sip::is_private(told) {
        report.mend(format!("sip advertised: {told} means nothing outside its own network"), cure);
    } else if behind.count() == 0 {
        let family = if told.is_ipv4() { "0.0.0.0:5060" } else { "[::]:5060" };
        report.mend(
            format!("sip advertised: nothing listens that {told} could stand for"),
            format!("add \"{family}\" to `sip: listen`"),
        );
    } else {
        report.ok(format!("sip advertised: {told}, for signalling and audio of peers outside"));
    }
}

fn is_public(address: IpAddr) -> bool {
    !address.is_unspecified() && !sip::is_private(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(listening: &[&str], told: &[&str]) -> String {
        let mut report = Report::default();
        let addresses = |texts: &[&str]| -> Vec<IpAddr> {
            texts.iter().map(|text| text.parse().expect("an address")).collect()
        };
        advertised(&mut report, &addresses(listening), &addresses(told));
        report.to_string()
    }

    #[test]
    fn an_advertised_address_must_be_reachable_for_whoever_is_told() {
        for (listening, told) in [
            ("0.0.0.0", "10.0.0.4"),
            ("203.0.113.4", "127.0.0.1"),
            ("::", "fd00::1"),
            ("10.0.0.4", "0.0.0.0"),
            ("10.0.0.4", "100.64.0.9"),
            ("0.0.0.0", "2001:db8::1"),
        ] {
            assert!(said(&[listening], &[told]).starts_with("MEND"), "{listening} {told}");
        }
        for (listening, told) in [("0.0.0.0", "203.0.113.4"), ("10.0.0.4", "203.0.113.4")] {
            assert_eq!(said(&[listening], &[told]).matches("ok ").count(), 1, "{listening} {told}");
        }
        let both = said(&["0.0.0.0", "::"], &["203.0.113.4", "2001:db8::1"]);
        assert_eq!(both.matches("ok ").count(), 2, "{both}");
    }

    #[test]
    fn without_one_a_private_or_wildcard_address_is_worth_a_note() {
        for listening in ["0.0.0.0", "10.0.0.4", "127.0.0.1", "::"] {
            assert!(said(&[listening], &[]).starts_with("note"), "{listening}");
        }
        assert!(said(&["203.0.113.4"], &[]).starts_with("ok"));
    }
}
