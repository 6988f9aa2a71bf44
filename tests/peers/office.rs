//! A small office behind 1:1 NAT, in network namespaces: a server and a phone with private addresses,
//! a router that maps one public address to the server, and outside a carrier and a phone that is away.
//!
//! ```text
//!  server 10.20.0.4 ──┐                                        ┌── carrier 198.51.100.50
//!                     ├── router: 198.51.100.7 ⇄ 10.20.0.4 ────┤
//!  phone  10.20.0.9 ──┘                                        └── away    198.51.100.60
//! ```
//!
//! IPv6 is routed as it is. Nothing else can be reached from in there, and nothing is left when the
//! test ends, however it ends: what a killed run left is removed by the next one.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::IpAddr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::network::Network;

/// The namespaces of one office.
#[derive(Debug)]
pub(crate) struct Office {
    tag: String,
}

/// Where the server is seen from outside.
pub(crate) const PUBLIC: &str = "198.51.100.7";
/// Where it is seen from inside.
pub(crate) const PRIVATE: &str = "10.20.0.4";
/// Where it is seen by IPv6, from anywhere.
pub(crate) const SIX: &str = "2001:db8:1::4";
/// The phone in the office.
pub(crate) const INSIDE: &str = "10.20.0.9";
/// A carrier outside.
pub(crate) const CARRIER: &str = "198.51.100.50";
/// Its address of IPv6.
pub(crate) const CARRIER_SIX: &str = "2001:db8:2::50";
/// A phone outside.
pub(crate) const OUTSIDE: &str = "198.51.100.60";

impl Office {
    /// Opens one; `None`, with a word to whoever runs the tests, where that is not permitted.
    pub(crate) fn open() -> Option<Self> {
        sweep();
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let office = Self { tag: format!("{PREFIX}{}-{number}", std::process::id()) };
        if !quietly(Command::new("ip").args(["netns", "add", &office.name("server")])) {
            // Not `eprintln!`, which is shown of failed tests only.
            let _ = writeln!(std::io::stderr(), "{NOT_PERMITTED}");
            return None;
        }
        office.build();
        Some(office)
    }

    /// The network of `place`: `server`, `phone`, `carrier` or `away`.
    pub(crate) fn network(&self, place: &str) -> Network {
        Network::Named(self.name(place))
    }

    fn name(&self, place: &str) -> String {
        format!("{}-{place}", self.tag)
    }

    fn build(&self) {
        for place in &PLACES[1..] {
            ip(&["netns", "add", &self.name(place)]);
        }
        let four = |address: &str| format!("{address}/24");
        let six = |address: &str| format!("{address}/64");
        self.link("server", "to-server", &[four(PRIVATE), six(SIX)]);
        self.link("phone", "to-phone", &[four(INSIDE)]);
        self.link("carrier", "to-carrier", &[four(CARRIER), six(CARRIER_SIX)]);
        self.link("away", "to-away", &[four(OUTSIDE)]);
        let router = self.name("router");
        let at_router = |arguments: &[&str]| ip(&[&["-n", &router], arguments].concat());
        for (side, legs) in [("lan", ["to-server", "to-phone"]), ("wan", ["to-carrier", "to-away"])]
        {
            at_router(&["link", "add", side, "type", "bridge"]);
            at_router(&["link", "set", side, "up"]);
            for leg in legs {
                at_router(&["link", "set", leg, "master", side]);
            }
        }
        for (address, link) in [
            ("10.20.0.1/24", "lan"),
            ("2001:db8:1::1/64", "lan"),
            ("198.51.100.1/24", "wan"),
            (&format!("{PUBLIC}/32"), "wan"),
            ("2001:db8:2::1/64", "wan"),
        ] {
            self.address("router", link, address);
        }
        for (place, by) in [
            ("server", "10.20.0.1"),
            ("server", "2001:db8:1::1"),
            ("phone", "10.20.0.1"),
            ("carrier", "2001:db8:2::1"),
        ] {
            ip(&["-n", &self.name(place), "route", "add", "default", "via", by]);
        }
        self.translate();
        self.watch();
    }

    /// Links a place to the router, and gives it addresses.
    fn link(&self, place: &str, at_router: &str, addresses: &[String]) {
        let (place_name, router) = (self.name(place), self.name("router"));
        ip(&[
            "-n",
            &place_name,
            "link",
            "add",
            "eth0",
            "type",
            "veth",
            "peer",
            "name",
            at_router,
            "netns",
            &router,
        ]);
        for (network, link) in [(&place_name, "lo"), (&place_name, "eth0"), (&router, at_router)] {
            ip(&["-n", network, "link", "set", link, "up"]);
        }
        for address in addresses {
            self.address(place, "eth0", address);
        }
    }

    fn address(&self, place: &str, link: &str, address: &str) {
        let name = self.name(place);
        let mut arguments = vec!["-n", &name, "address", "add", address, "dev", link];
        if address.contains(':') {
            // Nobody else is there to have it.
            arguments.push("nodad");
        }
        ip(&arguments);
    }

    fn translate(&self) {
        let router = self.network("router");
        for family in ["ipv4/ip_forward", "ipv6/conf/all/forwarding"] {
            let file = Path::new("/proc/sys/net").join(family);
            router.within(|| std::fs::write(file, "1").expect("its own switch"));
        }
        let mut rules = String::from("table ip office {\n");
        for (chain, kind, rule) in [
            ("to", "prerouting priority dstnat", format!("ip daddr {PUBLIC} dnat to {PRIVATE}")),
            (
                "from",
                "postrouting priority srcnat",
                format!("oifname wan ip saddr {PRIVATE} snat to {PUBLIC}"),
            ),
        ] {
            let _ = writeln!(rules, "chain {chain} {{ type nat hook {kind}; {rule}; }}");
        }
        rules.push('}');
        self.rule("router", &rules);
    }

    /// Counts what leaves the server: to those who are there, and to anybody else.
    fn watch(&self) {
        let known = [CARRIER, OUTSIDE, INSIDE].join(", ");
        self.rule(
            "server",
            &format!(
                "table inet office {{
                   counter known {{ }}
                   counter others {{ }}
                   chain out {{
                     type filter hook output priority filter
                     oifname lo accept
                     meta l4proto icmpv6 accept
                     ip daddr {{ {known} }} counter name known accept
                     ip6 daddr {CARRIER_SIX} counter name known accept
                     counter name others
                   }}
                 }}"
            ),
        );
    }

    /// How many packets the server has sent to those who are there, and to anybody else.
    pub(crate) fn sent(&self) -> [u64; 2] {
        ["known", "others"].map(|counter| {
            let mut nft = self.network("server").command("nft");
            let listed = nft.args(["list", "counter", "inet", "office", counter]).output();
            let listed = String::from_utf8(listed.expect("nftables").stdout).expect("text");
            let mut words = listed.split_whitespace().skip_while(|word| *word != "packets");
            words.nth(1).and_then(|count| count.parse().ok()).expect("a count")
        })
    }

    fn rule(&self, place: &str, rules: &str) {
        let mut nft = self.network(place).command("nft");
        let mut nft = nft
            .args(["-f", "-"])
            .stdin(Stdio::piped())
            .spawn()
            .expect("`make peers` installs nftables");
        nft.stdin.take().expect("a pipe").write_all(rules.as_bytes()).expect("it reads");
        assert!(nft.wait().expect("our child").success(), "{rules}");
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        for place in PLACES {
            quietly(Command::new("ip").args(["netns", "del", &self.name(place)]));
        }
    }
}

/// Removes what a killed run has left.
fn sweep() {
    let names = std::fs::read_dir("/run/netns").into_iter().flatten().flatten();
    for name in names.filter_map(|entry| entry.file_name().into_string().ok()) {
        let run = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next());
        let is_gone = |run: &str| !Path::new("/proc").join(run).exists();
        if run.is_some_and(is_gone) {
            quietly(Command::new("ip").args(["netns", "del", &name]));
        }
    }
}

fn ip(arguments: &[&str]) {
    let done = Command::new("ip").args(arguments).output();
    let done = done.expect("`make peers` installs iproute2");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "ip {}: {said}", arguments.join(" "));
}

fn quietly(command: &mut Command) -> bool {
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// One of the constants as an address.
pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

const PLACES: [&str; 5] = ["server", "phone", "carrier", "away", "router"];
const PREFIX: &str = "northline-nat-";
const NOT_PERMITTED: &str = "\n\
    *** NOT TESTED: audio behind a 1:1 NAT. The test makes network namespaces with `ip netns`, for\n\
    *** which it needs root (CAP_SYS_ADMIN and CAP_NET_ADMIN) and iproute2: see tests/README.md.\n";
