//! What a running hotline holds, asked of every part.

use std::sync::Arc;

use console::Held;
use sip_io::Counters;
use switchboard::Board;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::engine::Control;

/// The way to ask.
#[derive(Clone, Debug)]
pub struct Ledger {
    control: mpsc::Sender<Control>,
    signalling: Arc<Counters>,
}

impl Ledger {
    pub(crate) const fn new(control: mpsc::Sender<Control>, signalling: Arc<Counters>) -> Self {
        Self { control, signalling }
    }

    /// The way to the engine.
    pub(crate) fn control(&self) -> mpsc::Sender<Control> {
        self.control.clone()
    }

    /// What there is now; an engine that has ended holds no call and no media.
    pub async fn held(&self) -> Held {
        let (answer, counts) = oneshot::channel();
        let _ = self.control.send(Control::Held(answer)).await;
        let (board, media_legs) = counts.await.unwrap_or_default();
        let Board { calls, legs, waiting, healed } = board;
        Held {
            calls,
            legs,
            waiting,
            healed,
            signalling_legs: self.signalling.legs.get(),
            transactions: self.signalling.transactions.get(),
            media_legs,
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }
}
