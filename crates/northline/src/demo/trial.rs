//! `northline run --demo`: a hotline on this machine that answers any softphone, with a simulated
//! advocate and a simulated vendor.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use model::Chance;
use tokio::sync::mpsc;

use super::cast;
use super::colleagues::{Advocate, Floor, Vendor as SimulatedVendor};
use super::house::{House, Line, Vendor};
use super::notices::Notices;
use super::service;
use super::timeline::say;
use super::wrong::Wrong;
use crate::commands::CommandError;
use crate::configuration::{Configuration, Legacy};
use crate::engine::Attached;
use crate::folder::Folder;
use crate::hotline::entropy;
use crate::phone::{Account, Phone};
use crate::run::Service;

/// Serves callers at `listen`, an address of loopback, until it is told to stop.
///
/// # Errors
/// When the address can be reached from elsewhere, or something cannot start.
pub async fn try_out(listen: SocketAddr) -> Result<(), CommandError> {
    if !listen.ip().is_loopback() {
        return Err(CommandError::Refused(NOT_LOOPBACK.to_owned()));
    }
    let mut chance = entropy()?;
    let folder = Folder::new(&mut chance)?;
    let (alice, simulated) =
        (cast::account("alice", &mut chance), cast::account("simulated", &mut chance));
    let line = cast::vendor(listen.ip(), &mut chance).await?;
    let mut configuration = configuration(listen, [&alice, &simulated], &line, &mut chance)?;
    configuration.control = folder.path().join("control.sock");
    let (observer, told) = mpsc::unbounded_channel();
    let attached = Attached { observer: Some(observer), sabotage: None };
    let service = Service::start(configuration, attached).await?;
    let server = *service.hotline().addresses().first().ok_or(Wrong::NoAddress)?;
    let floor = Floor::default();
    tokio::spawn(SimulatedVendor::new(line, Arc::clone(&floor))?.work());
    let advocate = cast::advocate(server, simulated, Advocate::ANSWERS, &mut chance).await??;
    tokio::spawn(Advocate::new(advocate, Notices::new(told), floor)?.work());
    introduce(server, &alice, folder.path());
    service.serve().await
}

/// Real advocates first: the simulated one speaks no language of the plan.
fn configuration(
    listen: SocketAddr,
    [alice, simulated]: [&Account; 2],
    line: &Phone,
    chance: &mut Chance,
) -> Result<Configuration, CommandError> {
    let menu = Line::Menu { account: service::account(chance) };
    let house = House {
        listen,
        advocates: &[(alice, "en, es"), (simulated, "vi")],
        vendors: &[Vendor { address: line.address(), line: menu }],
    };
    let mut configuration = house.configuration()?;
    configuration.sip.legacy_md5 = Legacy::Allowed;
    Ok(configuration)
}

fn introduce(server: SocketAddr, alice: &Account, folder: &Path) {
    let Account { username, password } = alice;
    say(&format!(
        "Call:    sip:help@{server} from any softphone on this machine, without account."
    ));
    say(&format!(
        "Answer:  register a phone at {server} as {username}, password {password}; dial *1."
    ));
    say(&format!("Stop:    Ctrl-C.  Control socket: {}", folder.join("control.sock").display()));
}

const NOT_LOOPBACK: &str = "a hotline for trying out is for this machine only: use an address of \
    loopback, for example --sip 127.0.0.1:5060, or start a real one with --config";
