//! The command line.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::configuration;

/// Answers the phone of a hotline.
#[derive(Debug, Parser)]
#[command(name = "northline", version, about, propagate_version = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve calls until stopped.
    Run {
        /// The configuration; `northline configuration` prints one with every setting.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// Where signalling listens, instead of the configuration's `sip: listen`; may be repeated.
        #[arg(long, value_name = "ADDR:PORT")]
        sip: Vec<SocketAddr>,
        /// Where the HTTP API listens, instead of the configuration's `http: listen`.
        #[arg(long, value_name = "ADDR:PORT", conflicts_with = "demo")]
        http: Option<SocketAddr>,
        /// The UDP ports of media, instead of the configuration's `media: ports`.
        #[arg(long, value_name = "LOW-HIGH", value_parser = port_range, conflicts_with = "demo")]
        rtp_ports: Option<RangeInclusive<u16>>,
        /// An engine to measure: whoever is on this machine, and nobody else, can dial the numbers of
        /// dialplans/lab.yaml without any configuration.
        #[arg(long, conflicts_with = "demo")]
        lab: bool,
        /// A hotline for trying out, on this machine only: a simulated advocate and a simulated
        /// vendor, passwords made new and printed.
        #[arg(long, conflicts_with = "config")]
        demo: bool,
    },
    /// Check a dialplan over all its paths.
    Check {
        /// The plan.
        file: PathBuf,
        /// The configuration whose queues, diversions, switches and prompts it may name.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
    /// Put the plan's file live for new calls; a faulty one changes nothing.
    Reload {
        /// The running engine's configuration.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The running engine's control socket.
        #[arg(long, value_name = "PATH")]
        control: Option<PathBuf>,
    },
    /// How much there is of everything in a running engine.
    Status {
        /// The running engine's configuration.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The running engine's control socket.
        #[arg(long, value_name = "PATH")]
        control: Option<PathBuf>,
    },
    /// The live board of a running engine, new each second; `q` quits.
    Top {
        /// The running engine's configuration.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// The running engine's control socket.
        #[arg(long, value_name = "PATH")]
        control: Option<PathBuf>,
    },
    /// Look at everything that calls need on this machine, and say how to mend what is missing.
    Doctor {
        /// The configuration that the engine runs or will run with.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
        /// As for `northline run --lab`.
        #[arg(long)]
        lab: bool,
    },
    /// Play one whole call on loopback, print what happens, check who heard whom.
    Demo {
        /// Break something on purpose: the demonstration must notice.
        #[arg(long, value_name = "NAME")]
        fault: Option<Fault>,
        /// Where what each party heard is written.
        #[arg(long, value_name = "FOLDER", default_value = "demo")]
        output: PathBuf,
    },
    /// The languages that can be asked for, or those that `words` may mean.
    Languages {
        /// One printed page with the numbers of all languages.
        #[arg(long)]
        card: bool,
        /// What a caller said.
        words: Vec<String>,
    },
    /// One printed page for an advocate at a desk phone.
    AdvocateCard,
    /// The description of the HTTP API, as OpenAPI.
    Openapi,
    /// The default configuration, with every setting commented.
    Configuration,
}

fn port_range(text: &str) -> Result<RangeInclusive<u16>, &'static str> {
    configuration::port_range(text).ok_or("write the lowest and the highest, as in 20000-29999")
}

/// What a demonstration can break on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// The caller hears the vendor's menu.
    LeakVendorPrompt,
    /// A party hears itself.
    BreakNMinusOne,
    /// There is no second vendor.
    DropSecondVendor,
    /// The caller is not told that the interpreter was lost.
    SkipAnnouncement,
    /// The greeting is silent.
    SilentGreeting,
    /// A leg stays when the caller hangs up.
    LeakLeg,
}
