//! The engine's notices, waited for one after the other.

use std::time::Duration;

use interpreting::Progress;
use model::Instant;
use switchboard::Notice;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::wrong::Wrong;

/// What the engine told so far and nobody has asked for.
pub(super) struct Notices(UnboundedReceiver<(Instant, Notice)>);

impl Notices {
    /// The notices that arrive at `told`.
    pub(super) const fn new(told: UnboundedReceiver<(Instant, Notice)>) -> Self {
        Self(told)
    }

    /// The next notice; `None` once the engine has ended.
    pub(super) async fn next(&mut self) -> Option<(Instant, Notice)> {
        self.0.recv().await
    }

    /// Waits for the notice that `wanted` knows, past all others.
    pub(super) async fn until<T>(
        &mut self,
        what: &'static str,
        wanted: impl Fn(&Notice) -> Option<T>,
    ) -> Result<(Instant, T), Wrong> {
        let search = async {
            while let Some((at, notice)) = self.next().await {
                if let Some(found) = wanted(&notice) {
                    return Ok((at, found));
                }
                if let Notice::NoInterpreter { .. } = notice {
                    return Err(Wrong::NoInterpreter);
                }
            }
            Err(Wrong::Missing { what, within: PATIENCE })
        };
        let found = timeout(PATIENCE, search).await;
        found.unwrap_or(Err(Wrong::Missing { what, within: PATIENCE }))
    }

    /// Why something is missing that depends on an interpreter.
    pub(super) fn explain(&mut self, missing: Wrong) -> Wrong {
        while let Ok((_, notice)) = self.0.try_recv() {
            if let Notice::NoInterpreter { .. } = notice {
                return Wrong::NoInterpreter;
            }
        }
        missing
    }

    /// Waits until the search for an interpreter has come so far.
    pub(super) async fn progress(
        &mut self,
        what: &'static str,
        wanted: impl Fn(Progress) -> bool,
    ) -> Result<(Instant, Progress), Wrong> {
        let known = |notice: &Notice| match *notice {
            Notice::Interpreter { progress, .. } if wanted(progress) => Some(progress),
            _ => None,
        };
        self.until(what, known).await
    }
}

/// The longest anything takes that the engine tells of.
const PATIENCE: Duration = Duration::from_secs(25);
