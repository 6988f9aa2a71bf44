//! The command line of Northline.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use interpreting::Catalogue;
use northline::cli::{Cli, Command};
use northline::commands::{self, CommandError};
use northline::configuration::{Audience, HttpSection};
use northline::{advocate_card, assets, demo, doctor, lab, logging, run, top};
use os::WipingAllocator;

/// What a call leaves in memory is overwritten (D4).
#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    match perform(cli.command).await {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) {
    // A reader that went away (`| head`) is no error.
    let _ = std::io::stdout().write_all(text.as_bytes());
}

async fn perform(command: Command) -> Result<String, CommandError> {
    match command {
        Command::Run { config, sip, http, rtp_ports, lab, demo: false } => {
            logging::to_stderr();
            let mut configuration = commands::configuration_for(config.as_deref(), audience(lab))?;
            if !sip.is_empty() {
                configuration.sip.listen = sip;
            }
            if let Some(listen) = http {
                let section = configuration.http.get_or_insert_with(|| HttpSection::at(listen));
                section.listen = listen;
            }
            if let Some(ports) = rtp_ports {
                configuration.media.ports = ports;
            }
            match audience(lab) {
                Audience::Callers => run::run(configuration).await?,
                Audience::Lab => lab::run(configuration, config.as_deref()).await?,
            }
            Ok(String::new())
        }
        Command::Run { sip, .. } => {
            logging::to_stderr();
            demo::try_out(sip.first().copied().unwrap_or(TRY_OUT)).await?;
            Ok(String::new())
        }
        Command::Check { file, config } => commands::check(&file, config.as_deref()),
        Command::Reload { config, control } => {
            commands::reload(&commands::control_path(config.as_deref(), control.as_deref())?).await
        }
        Command::Status { config, control } => {
            commands::status(&commands::control_path(config.as_deref(), control.as_deref())?).await
        }
        Command::Top { config, control } => top::top(config.as_deref(), control.as_deref()).await,
        Command::Doctor { config, lab } => examine(config.as_deref(), audience(lab)).await,
        Command::Demo { fault, output } => demo::demonstrate(fault, &output).await,
        Command::Languages { card: true, .. } => Ok(Catalogue::embedded().card()),
        Command::Languages { words, .. } => Ok(commands::languages(&words, &Catalogue::embedded())),
        Command::AdvocateCard => Ok(advocate_card::advocate_card(&Catalogue::embedded())),
        Command::Openapi => Ok(console::document()),
        Command::Configuration => Ok(assets::CONFIGURATION.to_owned()),
    }
}

fn audience(lab: bool) -> Audience {
    if lab { Audience::Lab } else { Audience::Callers }
}

/// What was found is printed whether it is good or bad.
async fn examine(config: Option<&Path>, audience: Audience) -> Result<String, CommandError> {
    let report = doctor::examine(config, audience).await;
    print(&report.to_string());
    report.conclusion().map(|()| String::new())
}

/// Where softphones look first.
const TRY_OUT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 5060);
