//! `northline run`: a hotline until it is told to stop.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use console::{ControlSocket, Held, Names, Reloaded};
use dialplan::Facts;
use switchboard::{Plans, Snapshot};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{oneshot, watch};

use crate::assets;
use crate::commands::{self, CommandError};
use crate::configuration::{Configuration, PlanFiles};
use crate::engine::{Attached, Control};
use crate::hotline::Hotline;
use crate::ledger::Ledger;
use crate::plans;
use crate::web::{self, Web};

/// Serves until SIGTERM (running calls finish) or SIGINT (at once); SIGHUP reloads the plan.
///
/// # Errors
/// When it cannot start.
pub async fn run(configuration: Configuration) -> Result<(), CommandError> {
    warn_of_gaps(&configuration);
    Service::start(configuration, Attached::default()).await?.serve().await
}

/// A hotline with its API.
pub struct Service {
    keeper: Arc<Keeper>,
    web: Web,
    hotline: Hotline,
}

impl Service {
    /// Starts everything.
    ///
    /// # Errors
    /// When something cannot start.
    pub async fn start(
        mut configuration: Configuration,
        attached: Attached,
    ) -> Result<Self, CommandError> {
        configuration.http.as_ref().map_or(Ok(()), web::permitted)?;
        guard_process();
        let library = commands::library(&configuration)?;
        for problem in assets::passed_over(configuration.prompts.as_deref()) {
            tracing::error!("{problem}");
        }
        let facts = plans::facts(&configuration, &library);
        warn_of_unknown_switches(&configuration, &facts)?;
        let control = listen(&configuration.control).await?;
        let files = configuration.plans.clone();
        let (http, names) = (configuration.http.take(), names(&configuration));
        let hotline = Hotline::start(configuration, library, attached).await?;
        let (ledger, boards) = (hotline.ledger(), hotline.boards());
        let keeper = Arc::new(Keeper { facts, files, ledger, boards });
        let web = Web::start(control, http, names, &hotline, Arc::clone(&keeper)).await?;
        Ok(Self { keeper, web, hotline })
    }

    /// The hotline.
    pub const fn hotline(&self) -> &Hotline {
        &self.hotline
    }

    /// Where the network may ask the API, if anywhere.
    pub const fn http(&self) -> Option<SocketAddr> {
        self.web.address
    }

    /// Serves until it is told to stop.
    ///
    /// # Errors
    /// When the process gets no signals.
    pub async fn serve(self) -> Result<(), CommandError> {
        tracing::info!("Northline takes calls");
        serve(&self.keeper, self.hotline).await
    }
}

async fn listen(path: &Path) -> Result<ControlSocket, CommandError> {
    let failed = |error| CommandError::Control(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    ControlSocket::bind(path).await.map_err(failed)
}

async fn serve(keeper: &Keeper, hotline: Hotline) -> Result<(), CommandError> {
    let mut signals = Signals::new()?;
    let ended = hotline.ended();
    tokio::pin!(ended);
    loop {
        tokio::select! {
            () = &mut ended => return Ok(()),
            _ = signals.reload.recv() => match keeper.reload().await {
                Reloaded::Live(text) => tracing::info!("{}", text.trim_end()),
                Reloaded::Refused(text) => tracing::error!("{}", text.trim_end()),
            },
            _ = signals.drain.recv() => {
                tracing::info!("draining: running calls finish, new ones are refused");
                keeper.tell(Control::Drain).await;
            }
            _ = signals.stop.recv() => keeper.tell(Control::Stop).await,
        }
    }
}

/// What the configuration calls people and vendors.
fn names(configuration: &Configuration) -> Names {
    let advocates = configuration.advocates.iter().map(|advocate| advocate.name.clone());
    Names { advocates: advocates.collect(), vendors: configuration.vendor_names.clone() }
}

/// What a reload and a look at what there is need.
#[derive(Debug)]
pub(crate) struct Keeper {
    facts: Facts,
    files: PlanFiles,
    ledger: Ledger,
    boards: watch::Receiver<Arc<Snapshot>>,
}

impl Keeper {
    /// Checks the plan's file and puts it live; a faulty one changes nothing.
    pub(crate) async fn reload(&self) -> Reloaded {
        let newer = match plans::load_all(&self.files, &self.facts) {
            Ok(plans) => plans,
            Err(error) => {
                let text = format!("{error}\nNothing changed; what was live stays live.\n");
                return Reloaded::Refused(text);
            }
        };
        let Some(older) = self.live().await else {
            return Reloaded::Refused("the engine is ending\n".to_owned());
        };
        let text = plans::changes(&older, &newer);
        self.tell(Control::Publish(newer)).await;
        Reloaded::Live(text)
    }

    /// What there is in every part.
    pub(crate) async fn held(&self) -> Held {
        self.ledger.held().await
    }

    async fn live(&self) -> Option<Plans> {
        let (answer, plans) = oneshot::channel();
        self.tell(Control::Plans(answer)).await;
        plans.await.ok()
    }

    /// Takes no new calls from when this returns.
    pub(crate) async fn drain(&self) {
        self.tell(Control::Drain).await;
        // An engine that has ended takes none either.
        let _ = self.boards.clone().wait_for(|board| board.draining).await;
    }

    /// An engine that has ended needs nothing any more.
    pub(crate) async fn tell(&self, control: Control) {
        let _ = self.ledger.control().send(control).await;
    }
}

struct Signals {
    reload: Signal,
    drain: Signal,
    stop: Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            reload: signal(SignalKind::hangup())?,
            drain: signal(SignalKind::terminate())?,
            stop: signal(SignalKind::interrupt())?,
        })
    }
}

/// A switch that the plan does not declare switches nothing.
fn warn_of_unknown_switches(
    configuration: &Configuration,
    facts: &Facts,
) -> Result<(), CommandError> {
    let plans = plans::load_all(&configuration.plans, facts)?;
    for (switch, help) in plans::unknown_switches(configuration, &plans) {
        tracing::warn!(switch, help, "no dialplan declares a variable of this name");
    }
    Ok(())
}

/// Room for the sockets of a thousand legs, and no memory of a call on disk after a crash (D4).
fn guard_process() {
    if let Err(error) = os::limits::raise_descriptors(DESCRIPTORS) {
        tracing::warn!(%error, "the limit of open files stays low");
    }
    if let Err(error) = os::limits::forbid_core_dumps() {
        tracing::warn!(%error, "core dumps cannot be forbidden");
    }
}

/// Room for the sockets of a thousand legs, and of what is around them.
pub(crate) const DESCRIPTORS: u64 = 20_000;

/// An engine that could help nobody says so before the first call finds out.
fn warn_of_gaps(configuration: &Configuration) {
    if configuration.advocates.is_empty() {
        tracing::error!("NOBODY CAN ANSWER: there are no advocates in the configuration");
    }
    if configuration.trunks.is_empty() {
        tracing::error!("NOBODY CAN CALL: there are no trunks in the configuration");
    }
    if configuration.diversions.is_empty() {
        tracing::error!("no back-up centre: with nobody on shift, callers can only wait");
    }
    if configuration.vendors.is_empty() {
        tracing::warn!("no interpretation vendors: no interpreter can be brought in");
    }
}
