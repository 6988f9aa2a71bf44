//! The HTTP API beside a running hotline: what it asks goes to the engine and to the keeper of the
//! plans, and it ends with them.

use std::net::SocketAddr;
use std::sync::Arc;

use console::{Console, Names, Ports, Reloaded, Request, Settings};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::commands::CommandError;
use crate::configuration::{EXPOSED, HttpSection};
use crate::control::{Answer, Outcome};
use crate::engine::Control;
use crate::hotline::Hotline;
use crate::run::Keeper;

/// A console that serves until it is dropped.
#[derive(Debug)]
pub(crate) struct Web {
    pub(crate) address: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl Web {
    /// Starts serving.
    ///
    /// # Errors
    /// When the address cannot be listened at.
    pub(crate) async fn start(
        section: HttpSection,
        names: Names,
        hotline: &Hotline,
        keeper: Arc<Keeper>,
    ) -> Result<Self, CommandError> {
        let HttpSection { listen, proxy, clients } = section;
        if clients.is_empty() {
            tracing::warn!("http: there are no tokens, so only /health can be asked");
        }
        let console =
            Console::bind(listen).await.map_err(|error| CommandError::Http(listen, error))?;
        let address = console.address();
        let (requests, received) = mpsc::channel(REQUESTS);
        let ports = Ports {
            boards: hotline.boards(),
            events: hotline.events(),
            texts: hotline.texts(),
            screens: hotline.screens(),
            requests,
        };
        let settings = Settings { clients, names, proxy };
        let tasks =
            [tokio::spawn(console.serve(settings, ports)), tokio::spawn(answer(keeper, received))];
        Ok(Self { address, tasks })
    }
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
                let Answer { outcome, text } = keeper.reload().await;
                let _ = answer.send(match outcome {
                    Outcome::Done => Reloaded::Live(text),
                    Outcome::Refused => Reloaded::Refused(text),
                });
            }
            Request::Drain(answer) => {
                keeper.drain().await;
                let _ = answer.send(());
            }
        }
    }
}

const REQUESTS: usize = 64;
