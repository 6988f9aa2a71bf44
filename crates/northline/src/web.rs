//! The HTTP API beside a running hotline: what it asks goes to the engine and to the keeper of the
//! plans, and it ends with them. The operator of this machine asks it through the control socket, the
//! network where the configuration says.

use std::net::SocketAddr;
use std::sync::Arc;

use console::{Console, ControlSocket, Names, Ports, Proxy, Request, Settings};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::commands::CommandError;
use crate::configuration::{EXPOSED, HttpSection};
use crate::engine::Control;
use crate::hotline::Hotline;
use crate::run::Keeper;

/// A console that serves until it is dropped.
#[derive(Debug)]
pub(crate) struct Web {
    /// Where the network asks, if anywhere.
    pub(crate) address: Option<SocketAddr>,
    tasks: Vec<JoinHandle<()>>,
}

impl Web {
    /// Starts serving.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub(crate) async fn start(
        control: ControlSocket,
        section: Option<HttpSection>,
        names: Names,
        hotline: &Hotline,
        keeper: Arc<Keeper>,
    ) -> Result<Self, CommandError> {
        let listener = match &section {
            Some(section) => Some(listen(section).await?),
            None => None,
        };
        let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
        let (clients, proxy) = section
            .map_or_else(|| (Vec::new(), Proxy::None), |section| (section.clients, section.proxy));
        let (requests, received) = mpsc::channel(REQUESTS);
        let ports = Ports {
            boards: hotline.boards(),
            events: hotline.events(),
            texts: hotline.texts(),
            screens: hotline.screens(),
            requests,
        };
        let console = Console::new(Settings { clients, names, proxy }, ports);
        let mut tasks = vec![
            tokio::spawn(answer(keeper, received)),
            tokio::spawn(console.clone().serve_control(control)),
        ];
        tasks.extend(listener.map(|listener| tokio::spawn(console.serve(listener))));
        Ok(Self { address, tasks })
    }
}

async fn listen(section: &HttpSection) -> Result<TcpListener, CommandError> {
    if section.clients.is_empty() {
        tracing::warn!("http: there are no tokens, so only what needs none can be asked");
    }
    let address = section.listen;
    TcpListener::bind(address).await.map_err(|error| CommandError::Http(address, error))
}

impl Drop for Web {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Refuses an address where tokens would pass a network in the clear.
pub(crate) fn permitted(section: &HttpSection) -> Result<(), CommandError> {
    let HttpSection { listen, proxy, .. } = section;
    if proxy.permits(*listen) {
        return Ok(());
    }
    Err(CommandError::Refused(format!("http: {listen}: {EXPOSED}")))
}

async fn answer(keeper: Arc<Keeper>, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.recv().await {
        // Whoever asked may have gone away.
        match request {
            Request::Act { advocate, act, answer } => {
                keeper.tell(Control::Act { advocate, act, answer }).await;
            }
            Request::Reload(answer) => {
                let _ = answer.send(keeper.reload().await);
            }
            Request::Held(answer) => {
                let _ = answer.send(keeper.held().await);
            }
            Request::Drain(answer) => {
                keeper.drain().await;
                let _ = answer.send(());
            }
        }
    }
}

const REQUESTS: usize = 64;
