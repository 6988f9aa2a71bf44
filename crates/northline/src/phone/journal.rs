//! What happened in one call, in order, each with its instant; anyone may wait for the next line.

use std::fmt;

use model::{Digit, EndReason, Instant};
use os::clock;
use tokio::sync::watch;

/// What happens to a phone in a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhoneEvent {
    /// The far end rings (180).
    Ringing,
    /// The call is established.
    Answered,
    /// The first packet of audio arrived.
    FirstAudio,
    /// A key was pressed at the far end.
    Digit(Digit),
    /// The call is over.
    Ended(EndReason),
}

/// A call's history; a clone is another view of the same one.
#[derive(Clone)]
pub(super) struct Journal {
    lines: watch::Sender<Vec<(Instant, PhoneEvent)>>,
}

impl Journal {
    pub(super) fn new() -> Self {
        Self { lines: watch::Sender::new(Vec::new()) }
    }

    /// Adds a line, stamped now. Nothing is added after the end.
    pub(super) fn note(&self, event: PhoneEvent) {
        let stamp = clock::now();
        self.lines.send_if_modified(|lines| {
            let over = matches!(lines.last(), Some((_, PhoneEvent::Ended(_))));
            if !over {
                lines.push((stamp, event));
            }
            !over
        });
    }

    /// All lines so far.
    pub(super) fn lines(&self) -> Vec<(Instant, PhoneEvent)> {
        self.lines.borrow().clone()
    }

    /// Waits for the first line that `wanted` knows, or for the end of the call; says which line
    /// that was.
    pub(super) async fn until(&self, wanted: impl Fn(PhoneEvent) -> bool) -> (Instant, PhoneEvent) {
        let found = |line: &&(Instant, PhoneEvent)| {
            wanted(line.1) || matches!(line.1, PhoneEvent::Ended(_))
        };
        let mut lines = self.lines.subscribe();
        let waited = lines.wait_for(|lines| lines.iter().any(|line| found(&line))).await;
        let lines = waited.expect("this journal itself holds the sender");
        *lines.iter().find(found).expect("waited for it")
    }

    /// Waits for line `index`, counted from 0; `None` when the call ended before.
    pub(super) async fn line(&self, index: usize) -> Option<(Instant, PhoneEvent)> {
        let over = |lines: &[(Instant, PhoneEvent)]| {
            matches!(lines.last(), Some((_, PhoneEvent::Ended(_))))
        };
        let mut lines = self.lines.subscribe();
        let waited = lines.wait_for(|lines| lines.len() > index || over(lines)).await;
        waited.expect("this journal itself holds the sender").get(index).copied()
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Journal({} lines)", self.lines.borrow().len())
    }
}
