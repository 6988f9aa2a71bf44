//! What a running hotline holds, counted in every part: an engineer on call sees a leak in it before
//! a caller does.
//!
//! When no call is left, everything but tasks and transactions is zero within a second; transactions
//! go when repeated messages can no longer come (RFC 3261 §17, some 32 s).

use std::fmt;
use std::sync::Arc;

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

/// Counts of one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Calls, and their legs as the switchboard knows them.
    pub board: Board,
    /// Legs that signalling holds.
    pub signalling_legs: u64,
    /// Transactions of the signalling.
    pub transactions: u64,
    /// Legs that hold media sockets, each with its pair of ports.
    pub media_legs: usize,
    /// Tasks of the whole process.
    pub tasks: usize,
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
        Held {
            board,
            signalling_legs: self.signalling.legs.get(),
            transactions: self.signalling.transactions.get(),
            media_legs,
            tasks: Handle::current().metrics().num_alive_tasks(),
        }
    }
}

impl Held {
    /// Whether nothing of any call is left.
    pub fn is_free(&self) -> bool {
        let Board { calls, legs, waiting, .. } = self.board;
        calls + legs + waiting + self.media_legs == 0 && self.signalling_legs == 0
    }
}

/// One line for `northline status`.
impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { board, signalling_legs, transactions, media_legs, tasks } = self;
        write!(
            f,
            "held: signalling {signalling_legs}, transactions {transactions}, media {media_legs}, \
             tasks {tasks}, healed {}",
            board.healed
        )
    }
}
