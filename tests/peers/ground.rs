//! Addresses for one test, on loopback, that no other test uses: 127.a.b.0/24.
//!
//! With an address for each party, everybody can have the well-known ports.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};

/// The addresses of one test.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ground {
    run: u8,
    test: u8,
}

impl Ground {
    pub(crate) fn new() -> Self {
        // Two runs at once are told apart by their process.
        let run = 64 + (std::process::id() % 180) as u8;
        Self { run, test: NEXT.fetch_add(1, Ordering::Relaxed) }
    }

    /// Address number `host`.
    pub(crate) fn host(self, host: u8) -> IpAddr {
        Ipv4Addr::new(127, self.run, self.test, host).into()
    }

    /// Where the engine listens.
    pub(crate) fn engine(self) -> SocketAddr {
        (self.host(1), SIP).into()
    }

    /// Where calls may come from: hosts 0 to 15, in the notation of the configuration.
    pub(crate) fn callers(self) -> String {
        format!("{}/28", self.host(0))
    }
}

/// A caller's host.
pub(crate) const CALLER: u8 = 13;
/// Another one.
pub(crate) const SECOND_CALLER: u8 = 14;
/// Where an advocate's phone is.
pub(crate) const DESK: u8 = 20;
/// Where a vendor's line is.
pub(crate) const VENDOR: u8 = 50;
/// A host that the configuration does not know.
pub(crate) const STRANGER: u8 = 200;
/// The port of SIP.
pub(crate) const SIP: u16 = 5060;

static NEXT: AtomicU8 = AtomicU8::new(1);
