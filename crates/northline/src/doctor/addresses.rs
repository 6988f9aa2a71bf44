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
    advertised(report, "sip", &listening, sip.advertised);
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
pub(super) fn advertised(
    report: &mut Report,
    section: &str,
    listening: &[IpAddr],
    advertised: Option<IpAddr>,
) {
    let is_public = |address: &IpAddr| address.is_unspecified() || !sip::is_private(*address);
    let told = advertised.unwrap_or(IpAddr::from([0, 0, 0, 0]));
    match advertised {
        Some(_) if told.is_unspecified() || told.is_multicast() => report.mend(
            format!("{section} advertised: {told} names no machine"),
            format!("write this machine's public address into `{section}: advertised`"),
        ),
        Some(_) if sip::is_private(told) && listening.iter().any(is_public) => report.mend(
            format!("{section} advertised: {told} means nothing outside its own network"),
            format!("write the public address into `{section}: advertised`, or leave it out"),
        ),
        Some(_) => report.ok(format!("{section} advertised: {told}")),
        None if listening.iter().all(IpAddr::is_loopback) => {
            report.note(format!("{section}: on loopback, so only this machine reaches it"));
        }
        None if listening.iter().all(|address| !address.is_unspecified() && is_public(address)) => {
            report.ok(format!("{section}: peers are told the public address it listens at"));
        }
        None => report.note(format!(
            "{section}: peers are told an address of this machine; behind NAT write the public one \
             into `{section}: advertised`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(listening: &str, told: Option<&str>) -> String {
        let mut report = Report::default();
        let address = |text: &str| -> IpAddr { text.parse().expect("an address") };
        advertised(&mut report, "sip", &[address(listening)], told.map(address));
        report.to_string()
    }

    #[test]
    fn an_advertised_address_must_be_reachable_for_whoever_is_told() {
        for (listening, told) in [
            ("0.0.0.0", "10.0.0.4"),
            ("203.0.113.4", "127.0.0.1"),
            ("::", "fd00::1"),
            ("10.0.0.4", "0.0.0.0"),
        ] {
            assert!(said(listening, Some(told)).starts_with("MEND"), "{listening} {told}");
        }
        for (listening, told) in [("0.0.0.0", "203.0.113.4"), ("10.0.0.4", "10.0.0.5")] {
            assert!(said(listening, Some(told)).starts_with("ok"), "{listening} {told}");
        }
    }

    #[test]
    fn without_one_a_private_or_wildcard_address_is_worth_a_note() {
        for listening in ["0.0.0.0", "10.0.0.4", "127.0.0.1"] {
            assert!(said(listening, None).starts_with("note"), "{listening}");
        }
        assert!(said("203.0.113.4", None).starts_with("ok"));
    }
}
