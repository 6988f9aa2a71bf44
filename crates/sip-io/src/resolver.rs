//! The addresses of named servers (RFC 3263 §4), looked up beside the task that owns the endpoint.
//!
//! `hickory-resolver` asks, because the system's own `getaddrinfo` knows no SRV records and no
//! lifetimes, blocks a thread for as long as a silent name server lets it, and cannot be pointed at
//! the name server of a test. What is found is remembered by the endpoint, not here.
//!
//! # Assumptions
//! - The transport is configured, so NAPTR has nothing to say (RFC 3263 §4.1).
//! - Of servers with one priority the heaviest comes first: a hotline's calls need no spreading.

use std::cmp::Reverse;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{RData, Record};
use sip::wire::Host;
use sip::{Found, NextHop, Transport};

/// A way to ask for names.
#[derive(Clone)]
pub struct Resolver(TokioResolver);

/// Why nothing can be asked, or nothing was found.
#[derive(Debug, thiserror::Error)]
pub enum LookUpError {
    /// The system's configuration names no server that can be asked.
    #[error("/etc/resolv.conf cannot be used")]
    Setup,
    /// There is no such name, or it has no address.
    #[error("the name has no address")]
    NoAddress,
    /// No name server answered in time, or it answered that it cannot.
    #[error("no name server answered")]
    Unanswered,
}

impl Resolver {
    /// As the system does: `/etc/hosts`, and the servers of `/etc/resolv.conf`.
    ///
    /// # Errors
    /// When there is no such configuration.
    pub fn of_system() -> Result<Self, LookUpError> {
        let mut builder = TokioResolver::builder_tokio().map_err(|_| LookUpError::Setup)?;
        set_patience(builder.options_mut());
        builder.build().map(Self).map_err(|_| LookUpError::Setup)
    }

    /// By one name server alone.
    ///
    /// # Errors
    /// When the resolver cannot be made.
    pub fn asking(server: SocketAddr) -> Result<Self, LookUpError> {
        let mut connection = ConnectionConfig::udp();
        connection.port = server.port();
        let server = NameServerConfig::new(server.ip(), true, vec![connection]);
        let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
        let mut builder =
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        set_patience(builder.options_mut());
        builder.build().map(Self).map_err(|_| LookUpError::Setup)
    }

    /// The addresses of a server, the preferred one first.
    ///
    /// # Errors
    /// When there are none, or nobody says.
    pub async fn look_up(&self, server: &NextHop) -> Result<Found, LookUpError> {
        let name = match &server.host {
            Host::Name(name) => name.as_str(),
            Host::Ip(ip) => {
                let address = SocketAddr::new(*ip, server.port.unwrap_or(SIP_PORT));
                return Ok(Found { addresses: vec![address], fresh_for: Duration::MAX });
            }
        };
        if let Some(port) = server.port {
            return self.hosts(&[(name.to_owned(), port)], Duration::MAX).await;
        }
        match self.services(name, server.transport).await? {
            Some((services, fresh_for)) => self.hosts(&services, fresh_for).await,
            None => self.hosts(&[(name.to_owned(), SIP_PORT)], Duration::MAX).await,
        }
    }

    /// The hosts and ports that serve SIP for a domain (SRV, RFC 2782), in the order in which they
    /// are to be tried, and how long that is true; `None` where the domain says nothing about it.
    async fn services(
        &self,
        domain: &str,
        transport: Transport,
    ) -> Result<Option<(Vec<(String, u16)>, Duration)>, LookUpError> {
        let found =
            match self.0.srv_lookup(format!("_sip._{}.{domain}.", transport.parameter())).await {
                Ok(found) => found,
                Err(error) if error.is_no_records_found() => return Ok(None),
                Err(_) => return Err(LookUpError::Unanswered),
            };
        let mut services: Vec<&SRV> = found.answers().iter().filter_map(service).collect();
        services.sort_by_key(|service| (service.priority, Reverse(service.weight)));
        let named = services.iter().map(|service| (service.target.to_ascii(), service.port));
        Ok(Some((named.collect(), shortest_life(found.answers()))))
    }

    /// The addresses of hosts, in their order; one that has none is left out.
    async fn hosts(
        &self,
        hosts: &[(String, u16)],
        fresh_for: Duration,
    ) -> Result<Found, LookUpError> {
        let mut found = Found { addresses: Vec::new(), fresh_for };
        let mut error = LookUpError::NoAddress;
        for (name, port) in hosts {
            match self.0.lookup_ip(name.as_str()).await {
                Ok(addresses) => {
                    found.fresh_for =
                        found.fresh_for.min(shortest_life(addresses.as_lookup().answers()));
                    let mut addresses: Vec<IpAddr> = addresses.iter().collect();
                    // The records of a name come in any order; one of ours can be relied on.
                    addresses.sort_unstable();
                    found.addresses.extend(addresses.iter().map(|ip| SocketAddr::new(*ip, *port)));
                }
                Err(refused) if refused.is_no_records_found() => {}
                Err(_) => error = LookUpError::Unanswered,
            }
        }
        if found.addresses.is_empty() { Err(error) } else { Ok(found) }
    }
}

const fn service(record: &Record) -> Option<&SRV> {
    match &record.data {
        RData::SRV(service) => Some(service),
        _ => None,
    }
}

fn shortest_life(records: &[Record]) -> Duration {
    Duration::from_secs(records.iter().map(|record| record.ttl.into()).min().unwrap_or_default())
}

impl std::fmt::Debug for Resolver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Resolver")
    }
}

/// A caller may wait for a leg that waits for an answer.
fn set_patience(options: &mut ResolverOpts) {
    options.timeout = Duration::from_millis(1200);
    options.attempts = 2;
    // The endpoint remembers.
    options.cache_size = 0;
}

const SIP_PORT: u16 = 5060;
