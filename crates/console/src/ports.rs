//! The ways between the console and the engine.

use std::sync::Arc;

use model::AdvocateId;
use switchboard::{Act, Outcome, Snapshot};
use tokio::sync::{mpsc, oneshot, watch};

use crate::{Events, Held, Screens, Texts};

/// What the console reads and where it asks.
#[derive(Clone, Debug)]
pub struct Ports {
    /// The latest snapshot.
    pub boards: watch::Receiver<Arc<Snapshot>>,
    /// What happened.
    pub events: Arc<Events>,
    /// Who reads live text.
    pub texts: Arc<Texts>,
    /// Who has a screen open.
    pub screens: Arc<Screens>,
    /// To whoever does it.
    pub requests: mpsc::Sender<Request>,
}

/// What a client wants done. Dropped without an answer, the engine is ending.
#[derive(Debug)]
pub enum Request {
    /// An advocate does something.
    Act {
        /// Who.
        advocate: AdvocateId,
        /// What.
        act: Act,
        /// What became of it.
        answer: oneshot::Sender<Acted>,
    },
    /// Count what there is in every part.
    Held(oneshot::Sender<Held>),
    /// Check the plans' files and put them live.
    Reload(oneshot::Sender<Reloaded>),
    /// Take no new calls; running calls finish.
    Drain(oneshot::Sender<()>),
}

/// What became of an act.
#[derive(Clone, Debug)]
pub struct Acted {
    /// Whether it was done.
    pub outcome: Outcome,
    /// How everything stands after it.
    pub snapshot: Arc<Snapshot>,
}

/// What became of a reload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reloaded {
    /// Live for new calls; what changed.
    Live(String),
    /// Nothing changed; what is wrong.
    Refused(String),
}
