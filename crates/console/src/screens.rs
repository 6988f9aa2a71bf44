//! Which advocates have a screen open: a stream of events, or of the text of a call, that her own token
//! asked for. It is told to the engine, whose queue offers callers who write to those who can read.
//!
//! # Assumptions
//! - A stream whose client is gone without a word is over when its connection is given up
//!   (`server`), within a minute.

use std::collections::BTreeMap;
use std::future::pending;
use std::sync::Arc;

use model::{AdvocateId, CallId};
use switchboard::Screen;
use tokio::sync::watch;

/// Every screen that is open.
#[derive(Debug, Default)]
pub struct Screens {
    open: watch::Sender<Open>,
}

/// Each advocate's streams in the order they began, with the call whose text one shows.
type Open = BTreeMap<AdvocateId, Vec<Option<CallId>>>;

impl Screens {
    /// A stream of hers begins; it is over when the value is dropped.
    pub(crate) fn opens(
        self: &Arc<Self>,
        advocate: AdvocateId,
        call: Option<CallId>,
    ) -> OpenScreen {
        self.open.send_modify(|open| open.entry(advocate).or_default().push(call));
        OpenScreen { screens: Arc::clone(self), advocate, call }
    }

    /// What changes from now on, and first what is so now.
    pub fn changes(&self) -> ScreenChanges {
        ScreenChanges { open: self.open.subscribe(), is_told: false, told: BTreeMap::new() }
    }

    fn closes(&self, advocate: AdvocateId, call: Option<CallId>) {
        self.open.send_modify(|open| {
            let Some(hers) = open.get_mut(&advocate) else { return };
            if let Some(at) = hers.iter().position(|other| *other == call) {
                hers.remove(at);
            }
            if hers.is_empty() {
                open.remove(&advocate);
            }
        });
    }
}

/// One open stream.
#[derive(Debug)]
pub(crate) struct OpenScreen {
    screens: Arc<Screens>,
    advocate: AdvocateId,
    call: Option<CallId>,
}

impl Drop for OpenScreen {
    fn drop(&mut self) {
        self.screens.closes(self.advocate, self.call);
    }
}

/// A follower of [`Screens`], which is told how each stands and nothing of what was meanwhile.
#[derive(Debug)]
pub struct ScreenChanges {
    open: watch::Receiver<Open>,
    /// Whether all of what was last seen has been told: who waits looks at nothing.
    is_told: bool,
    told: BTreeMap<AdvocateId, Screen>,
}

impl ScreenChanges {
    /// The next advocate of whose screens another thing is so now. Cancel-safe.
    pub async fn next(&mut self) -> (AdvocateId, Screen) {
        loop {
            if !self.is_told
                && let Some((advocate, screen)) = self.untold()
            {
                self.told.insert(advocate, screen);
                return (advocate, screen);
            }
            self.is_told = true;
            if self.open.changed().await.is_err() {
                return pending().await;
            }
            self.is_told = false;
        }
    }

    fn untold(&mut self) -> Option<(AdvocateId, Screen)> {
        let open = self.open.borrow_and_update();
        let now = |advocate| screen(open.get(advocate).map_or(&[], Vec::as_slice));
        let mut known = self.told.keys().chain(open.keys());
        known.find_map(|advocate| {
            let told = self.told.get(advocate).copied().unwrap_or_default();
            (now(advocate) != told).then(|| (*advocate, now(advocate)))
        })
    }
}

/// What all her streams come to: she is in one call at a time, the one she began to read last.
fn screen(streams: &[Option<CallId>]) -> Screen {
    match streams.iter().rev().find_map(|call| *call) {
        Some(call) => Screen::Reads(call),
        None if streams.is_empty() => Screen::Closed,
        None => Screen::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: AdvocateId = AdvocateId(0);
    const BRUNA: AdvocateId = AdvocateId(1);

    #[tokio::test]
    async fn a_screen_is_open_as_long_as_one_stream_of_hers_is() {
        let screens = Arc::<Screens>::default();
        let mut changes = screens.changes();
        let events = screens.opens(ALICE, None);
        assert_eq!(changes.next().await, (ALICE, Screen::Open));
        let [text, again] = [(); 2].map(|()| screens.opens(ALICE, Some(CallId(7))));
        assert_eq!(changes.next().await, (ALICE, Screen::Reads(CallId(7))));
        drop((events, again));
        let other = screens.opens(BRUNA, None);
        assert_eq!(changes.next().await, (BRUNA, Screen::Open), "of alice there is nothing new");
        drop(text);
        assert_eq!(changes.next().await, (ALICE, Screen::Closed));
        drop(other);
        assert_eq!(changes.next().await, (BRUNA, Screen::Closed));
    }

    #[tokio::test]
    async fn who_begins_to_follow_is_told_what_is_open_and_not_what_was() {
        let screens = Arc::<Screens>::default();
        drop(screens.opens(BRUNA, None));
        let _open = screens.opens(ALICE, None);
        let mut changes = screens.changes();
        assert_eq!(changes.next().await, (ALICE, Screen::Open));
        assert_eq!(changes.untold(), None);
    }
}
