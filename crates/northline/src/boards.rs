//! Snapshots of the hotline for whoever looks: one writer, many readers, and never so often that
//! looking slows the calls (O10).

use std::sync::Arc;
use std::time::Duration;

use model::Instant;
use switchboard::Snapshot;
use tokio::sync::watch;

/// The latest snapshot, and when the next is due.
#[derive(Debug)]
pub struct Boards {
    latest: watch::Sender<Arc<Snapshot>>,
    published: Instant,
    due: Option<Instant>,
}

impl Default for Boards {
    fn default() -> Self {
        let latest = watch::Sender::new(Arc::default());
        Self { latest, published: Instant::ZERO, due: None }
    }
}

impl Boards {
    /// The readers' side.
    pub fn reader(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.latest.subscribe()
    }

    /// Something may be different now.
    pub fn changed(&mut self, now: Instant) {
        self.due.get_or_insert(now.max(self.published + SELDOM));
    }

    /// When [`Self::publish`] is due.
    pub const fn due(&self) -> Option<Instant> {
        self.due
    }

    /// Puts a snapshot up.
    pub fn publish(&mut self, snapshot: Snapshot) -> Arc<Snapshot> {
        self.published = snapshot.at;
        self.due = None;
        let snapshot = Arc::new(snapshot);
        self.latest.send_replace(Arc::clone(&snapshot));
        snapshot
    }
}

const SELDOM: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn o10_ten_thousand_changes_a_second_are_ten_snapshots() {
        let mut boards = Boards::default();
        let mut count = 0;
        for tenth_of_milli in 10_000..20_000 {
            let now = Instant::ZERO + Duration::from_micros(100 * tenth_of_milli);
            boards.changed(now);
            if boards.due().is_some_and(|due| due <= now) {
                boards.publish(Snapshot { at: now, ..Snapshot::default() });
                count += 1;
            }
        }
        assert_eq!(count, 10);
    }

    #[test]
    fn a_change_after_a_quiet_time_is_seen_at_once() {
        let mut boards = Boards::default();
        boards.publish(Snapshot { at: at(1000), ..Snapshot::default() });
        assert_eq!(boards.due(), None);
        boards.changed(at(5000));
        assert_eq!(boards.due(), Some(at(5000)));
        boards.publish(Snapshot { at: at(5000), legs: 7, ..Snapshot::default() });
        assert_eq!(boards.reader().borrow().legs, 7);
    }
}
