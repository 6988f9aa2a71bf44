//! Trunks, and the targets of vendors and diversions: whether each leads to an address, and whether
//! somebody there speaks SIP.

use std::net::{IpAddr, SocketAddr};

use model::{Chance, Target};
use sip::wire::Uri;
use sip::{Transport, Trunk, address_of};

use super::{Report, ping};
use crate::configuration::Configuration;
use crate::hotline;

/// Where a route leads.
enum Way<'a> {
    /// To an address of its own.
    Peer(SocketAddr, Transport),
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
            Way::Peer(peer, transport) => {
                let peer = (peer, transport);
                examine_peer(report, &what, &configuration.sip.listen, peer, &mut chance).await;
            }
            Way::Through(trunk) => report.ok(format!("{what}: by trunk `{}`", trunk.name)),
            Way::Nowhere => report.mend(
                format!("{what}: leads to no address"),
                "give its trunk an `address`, or write one instead of a name into its `uri`",
            ),
        }
    }
}

/// Every route by what an operator calls it. A trunk without an address only brings calls.
fn routes(configuration: &Configuration) -> Vec<(String, Way<'_>)> {
    let Configuration { trunks, vendors, vendor_names, diversions, .. } = configuration;
    let direct = trunks.iter().filter_map(|trunk| {
        let (address, transport) = trunk.address?;
        Some((format!("trunk `{}`", trunk.name), Way::Peer(address, transport)))
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

fn way<'a>(trunks: &'a [Trunk], target: &Target) -> Way<'a> {
    let (trunk, own) = match target {
        Target::Number { trunk, .. } => (Some(*trunk), None),
        Target::Uri { trunk, uri } => {
            (*trunk, Uri::parse(uri.reveal()).ok().and_then(|uri| address_of(&uri)))
        }
        Target::Contact(_) => (None, None),
    };
    let trunk = trunk.and_then(|id| trunks.get(usize::try_from(id.0).ok()?));
    match (own, trunk) {
        (Some((address, transport)), _) => Way::Peer(address, transport),
        (None, Some(trunk)) if trunk.address.is_some() => Way::Through(trunk),
        _ => Way::Nowhere,
    }
}

async fn examine_peer(
    report: &mut Report,
    what: &str,
    listen: &[SocketAddr],
    (peer, transport): (SocketAddr, Transport),
    chance: &mut Chance,
) {
    let own: Option<IpAddr> =
        listen.iter().map(SocketAddr::ip).find(|own| own.is_ipv4() == peer.is_ipv4());
    let Some(own) = own else {
        let family = if peer.is_ipv4() { "IPv4" } else { "IPv6" };
        report.mend(
            format!("{what}: is reached by {family} only"),
            format!("add an {family} address to `sip: listen`"),
        );
        return;
    };
    if ping::answers(own, (peer, transport), chance).await {
        report.ok(format!("{what}: answers"));
    } else {
        report.mend(
            format!("{what}: no answer to OPTIONS within {} s", ping::PATIENCE.as_secs()),
            "check its address, port and `transport`, the firewall on both sides, and that it \
             knows this machine's address",
        );
    }
}
