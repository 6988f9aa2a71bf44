//! The configuration: an operator's YAML, checked as a whole before anything starts.
//!
//! [`load`] returns all problems at once, each with its line and how to mend it. What it makes is
//! plain values; the wiring turns them into the settings of the parts.

mod codecs;
mod encryption;
mod http;
mod media_policy;
mod names;
mod people;
mod places;
mod reader;
mod secrets;
mod shards;
mod sound;
#[cfg(test)]
mod tests;
mod text;
mod vendors;

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZero;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use console::{Client, Proxy};
use interpreting::Catalogue;
use model::{Language, Target};
use queue::QueueName;
use sip::NextHop;
use sip::digest::Secret;
use sip::wire::Uri;
use yaml::Problems;

pub(crate) use http::EXPOSED;
use reader::Reader;
pub(crate) use reader::port_range;
use secrets::shown;
pub(crate) use secrets::{holds_samples, holds_secrets};
pub(crate) use shards::cores;

/// Everything an operator sets.
#[derive(Debug)]
pub struct Configuration {
    /// Signalling.
    pub sip: SipSection,
    /// Media.
    pub media: MediaSection,
    /// What the media of each peer may be.
    pub policies: switchboard::MediaPolicies,
    /// The plans.
    pub plans: PlanFiles,
    /// A folder of recordings over the built-in ones.
    pub prompts: Option<PathBuf>,
    /// Where the control socket is.
    pub control: PathBuf,
    /// The plan's variables.
    pub switches: BTreeMap<String, String>,
    /// New calls beyond this many are refused.
    pub most_calls: usize,
    /// Queues, in the order of the board.
    pub queues: Vec<QueueName>,
    /// Who answers.
    pub advocates: Vec<AdvocateSection>,
    /// Carriers and PBXs.
    pub trunks: Vec<sip::Trunk>,
    /// The numbers a plan may divert to.
    pub diversions: BTreeMap<String, Target>,
    /// Interpretation vendors in their order.
    pub vendors: Vec<switchboard::Vendor>,
    /// Limits of waiting.
    pub timing: Timing,
    /// The HTTP API, if there is to be one.
    pub http: Option<HttpSection>,
    /// What the vendors are called, in their order.
    pub vendor_names: Vec<String>,
}

/// The HTTP API.
#[derive(Debug)]
pub struct HttpSection {
    /// Where it listens.
    pub listen: SocketAddr,
    /// What is between it and its clients.
    pub proxy: Proxy,
    /// Who may ask.
    pub clients: Vec<Client>,
}

/// Which plan's file a dialled number leads to.
#[derive(Clone, Debug, Default)]
pub struct PlanFiles {
    /// For any number; the built-in plan without one.
    pub any: Option<PathBuf>,
    /// For numbers of their own.
    pub by_number: BTreeMap<String, PathBuf>,
    /// Who comes to them.
    pub audience: Audience,
}

/// Whom an engine is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Audience {
    /// Callers.
    #[default]
    Callers,
    /// Whoever measures, on this machine ([`crate::lab`]).
    Lab,
}

/// Where signalling listens.
#[derive(Debug)]
pub struct SipSection {
    /// UDP and TCP addresses.
    pub listen: Vec<SocketAddr>,
    /// The address of a NAT in front of this machine, at most one of each family: what peers
    /// outside private networks are told instead, for audio too.
    pub advertised: Vec<IpAddr>,
    /// The realm of digest challenges.
    pub realm: String,
    /// Whether it is for phones that know only MD5.
    pub legacy_md5: Legacy,
}

impl SipSection {
    /// What stands for `listen` outside.
    pub fn public(&self, listen: IpAddr) -> Option<IpAddr> {
        self.advertised.iter().copied().find(|public| public.is_ipv4() == listen.is_ipv4())
    }
}

/// Whether phones that know only MD5 may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Legacy {
    /// They may.
    Allowed,
    /// They may not.
    Refused,
}

/// Which ports and threads media use; each call's audio goes where its signalling goes.
#[derive(Debug)]
pub struct MediaSection {
    /// UDP ports.
    pub ports: RangeInclusive<u16>,
    /// How many threads, if the operator says so.
    pub shards: Option<NonZero<usize>>,
}

/// One advocate.
#[derive(Debug)]
pub struct AdvocateSection {
    /// The name her phones register as.
    pub name: String,
    /// Their password.
    pub password: Secret,
    /// What she speaks with callers.
    pub languages: Vec<Language>,
    /// Where she takes calls from.
    pub queues: Vec<QueueName>,
    /// Whether she may take part in colleagues' calls.
    pub supervises: bool,
}

/// Limits of waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long an advocate is rung.
    pub offer: Duration,
    /// The pause before the last ready advocate is rung again.
    pub ring_again: Duration,
    /// The time after a call.
    pub wrap_up: Duration,
    /// Staff are alarmed after this wait.
    pub long_wait: Duration,
    /// How long an interpreter is held for the next advocate.
    pub interpreter_held: Duration,
}

impl Configuration {
    /// Every server that a vendor's or a diversion's URI names.
    pub(crate) fn servers(&self) -> impl Iterator<Item = NextHop> {
        let vendors = self.vendors.iter().map(|vendor| &vendor.target);
        vendors.chain(self.diversions.values()).filter_map(server_of)
    }
}

/// The server that a target's URI names.
pub(crate) fn server_of(target: &Target) -> Option<NextHop> {
    let Target::Uri { uri, .. } = target else { return None };
    Uri::parse(uri.reveal()).ok().and_then(|uri| NextHop::of(&uri))
}

/// Reads and checks a configuration.
///
/// # Errors
/// All problems at once.
pub fn load(file: &str, text: &str, catalogue: &Catalogue) -> Result<Configuration, Problems> {
    let mut reader = Reader::new(catalogue);
    let read = yaml::parse(text).map(|node| reader.configuration(node));
    match read {
        Ok(Some(configuration)) if reader.problems.is_empty() => Ok(configuration),
        Ok(_) => Err(Problems::new("configuration", file, &shown(text), reader.problems)),
        Err(problem) => Err(Problems::new("configuration", file, &shown(text), vec![problem])),
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            offer: Duration::from_secs(20),
            ring_again: Duration::from_secs(3),
            wrap_up: Duration::from_secs(120),
            long_wait: Duration::from_secs(120),
            interpreter_held: Duration::from_secs(90),
        }
    }
}
