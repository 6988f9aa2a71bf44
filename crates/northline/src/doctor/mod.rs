//! `northline doctor`: everything a server must have before its first call, and how to mend what is
//! missing.
//!
//! It changes nothing and dials nobody: a carrier gets one OPTIONS, as from any engine that looks
//! whether it is there. What it prints holds no secret, no number and no address of a peer.

mod addresses;
mod encryption;
mod finding;
mod media;
mod permissions;
mod ping;
mod prompts;
mod routes;
mod setup;
mod system;

use std::path::Path;

use console::Operator;
pub use finding::Report;

use crate::configuration::{Audience, Configuration};

/// Whether an engine of this configuration runs now, and so holds its sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    /// Its control socket answers.
    Running,
    /// Nothing answers.
    Stopped,
}

/// Checks the server under the configuration at `config`, for callers or for a lab; under the default
/// one without a file.
pub async fn examine(config: Option<&Path>, audience: Audience) -> Report {
    let mut report = Report::default();
    let configuration = setup::examine(&mut report, config, audience);
    if let Some(configuration) = configuration {
        examine_configured(&mut report, &configuration).await;
    }
    permissions::examine_file(&mut report, config);
    system::examine_clock(&mut report);
    system::examine_scheduling(&mut report);
    report
}

async fn examine_configured(report: &mut Report, configuration: &Configuration) {
    let engine = engine(&configuration.control).await;
    addresses::examine(report, configuration, engine).await;
    media::examine(report, configuration, engine);
    encryption::examine(report, configuration);
    routes::examine(report, configuration).await;
    // A lab without a configuration makes a folder of its own for it.
    if configuration.plans.audience == Audience::Callers {
        permissions::examine_control(report, &configuration.control, engine);
    }
    system::examine_descriptors(report, configuration);
}

async fn engine(control: &Path) -> Engine {
    let asked = async { Operator::connect(control).await?.held().await };
    let asked = tokio::time::timeout(ping::PATIENCE, asked).await;
    if matches!(asked, Ok(Ok(_))) { Engine::Running } else { Engine::Stopped }
}

/// RTP and RTCP.
const SOCKETS_PER_LEG: usize = 2;
