//! Trunks, and the targets of vendors and diversions: whether each leads to an address, by name or
//! without one, and whether somebody there speaks SIP.

use std::net::{IpAddr, SocketAddr};

use model::{Chance, Target};
use sip::{NextHop, Trunk};
use sip_io::{LookUpError, Resolver};

use super::{Report, ping};
use crate::configuration::{Configuration, server_of};
use crate::hotline;

/// Where a route leads.
enum Way<'a> {
    /// To a server of its own.
    Server(NextHop),
    /// The way of a trunk, which is looked at by itself.
    Through(&'a Trunk),
    /// Nowhere.
    Nowhere,
}

pub(super) async fn examine(report: &mut Report, configuration: &Configuration) {
    let Ok(mut chance) = hotline::entropy() else {
        report.mend("entropy: the system gives no random numbers", "see `getrandom` of its kernel");
        return;
    };
    for (what, way) in routes(configuration) {
        match way {
            Way::Server(server) => {
                examine_server(report, &what, &configuration.sip.listen, &server, &mut chance)
                    .await;
            }
            Way::Through(trunk) => report.ok(format!("{what}: by trunk `{}`", trunk.name)),
            Way::Nowhere => report.mend(
                format!("{what}: leads to no address"),
                "give its trunk an `address`, or write `sip:NAME@HOST` into its `uri`",
            ),
        }
    }
}

/// Every route by what an operator calls it. A trunk without an address only brings calls.
fn routes(configuration: &Configuration) -> Vec<(String, Way<'_>)> {
    let Configuration { trunks, vendors, vendor_names, diversions, .. } = configuration;
    let direct = trunks.iter().filter_map(|trunk| {
        let server = trunk.address.clone()?;
        Some((format!("trunk `{}`", trunk.name), Way::Server(server)))
    });
    let vendors = vendor_names
        .iter()
        .zip(vendors)
        .map(|(name, vendor)| (format!("vendor `{name}`"), way(trunks, &vendor.target)));
    let diversions = diversions
        .iter()
        .map(|(name, target)| (format!("diversion `{name}`"), way(trunks, target)));
    direct.chain(vendors).chain(diversions).collect()
}

/// As signalling goes: an address of its own, else the trunk's server, else a name of its own.
fn way<'a>(trunks: &'a [Trunk], target: &Target) -> Way<'a> {
    let trunk = match target {
        Target::Number { trunk, .. } => Some(*trunk),
        Target::Uri { trunk, .. } => *trunk,
        Target::Contact(_) => None,
    };
    let trunk = trunk.and_then(|id| trunks.get(usize::try_from(id.0).ok()?));
    let trunk = trunk.filter(|trunk| trunk.address.is_some());
    match (server_of(target), trunk) {
        (Some(own), None) => Way::Server(own),
        (Some(own), Some(_)) if own.address().is_some() => Way::Server(own),
        (_, Some(trunk)) => Way::Through(trunk),
        (None, None) => Way::Nowhere,
    }
}

/// Every address of a server.
async fn examine_server(
    report: &mut Report,
    what: &str,
    listen: &[SocketAddr],
    server: &NextHop,
    chance: &mut Chance,
) {
    let addresses = match addresses_of(server).await {
        Ok(addresses) => addresses,
        Err(error) => return not_found(report, what, &error),
    };
    let count = addresses.len();
    for (number, peer) in (1..).zip(addresses) {
        let which = if count > 1 {
            format!("{what}, address {number} of {count}")
        } else {
            what.to_owned()
        };
        let reach = reach(listen, peer, server, chance).await;
        match reach {
            Reach::Answers => report.ok(format!("{which}: answers")),
            Reach::Silent => report.mend(
                format!("{which}: no answer to OPTIONS within {} s", ping::PATIENCE.as_secs()),
                "check its address, port and `transport`, the firewall on both sides, and that it \
                 knows this machine's address",
            ),
            // A name has addresses of a family that this machine does not use, as a rule.
            Reach::OtherFamily if count > 1 => {
                report.note(format!("{which}: is reached by {} only", family(peer)));
            }
            Reach::OtherFamily => report.mend(
                format!("{which}: is reached by {} only", family(peer)),
                format!("add an {} address to `sip: listen`", family(peer)),
            ),
        }
    }
}

async fn addresses_of(server: &NextHop) -> Result<Vec<SocketAddr>, LookUpError> {
    if let Some(address) = server.address() {
        return Ok(vec![address]);
    }
    Resolver::of_system()?.look_up(server).await.map(|found| found.addresses)
}

fn not_found(report: &mut Report, what: &str, error: &LookUpError) {
    let cure = match error {
        LookUpError::Setup => "write `nameserver ADDRESS` into it",
        LookUpError::NoAddress => "check how the name is written; `getent hosts NAME` asks too",
        LookUpError::Unanswered => "check /etc/resolv.conf, and that UDP port 53 may leave here",
    };
    report.mend(format!("{what}: {error}"), cure);
}

/// What became of one OPTIONS.
enum Reach {
    Answers,
    Silent,
    /// Nothing here listens in its family.
    OtherFamily,
}

async fn reach(
    listen: &[SocketAddr],
    peer: SocketAddr,
    server: &NextHop,
    chance: &mut Chance,
) -> Reach {
    let mut listening = listen.iter().map(SocketAddr::ip);
    let own: Option<IpAddr> = listening.find(|own| own.is_ipv4() == peer.is_ipv4());
    match own {
        None => Reach::OtherFamily,
        Some(own) if ping::answers(own, (peer, server.transport), chance).await => Reach::Answers,
        Some(_) => Reach::Silent,
    }
}

const fn family(peer: SocketAddr) -> &'static str {
    if peer.is_ipv4() { "IPv4" } else { "IPv6" }
}
