//! Room for streams: so many in all, and so many of one client, so that a wall board that connects
//! again and again takes nobody's screen away.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::refusal::Refusal;

/// The room that there is.
pub(crate) struct Streams {
    all: Arc<Semaphore>,
    /// By the client's position in the configuration.
    of_client: Vec<Arc<Semaphore>>,
}

/// One stream's room; given back when it is dropped.
pub(crate) struct Room {
    _of_all: OwnedSemaphorePermit,
    _of_client: OwnedSemaphorePermit,
}

impl Streams {
    /// Room for the streams of so many clients.
    pub(crate) fn new(clients: usize) -> Self {
        let of_client = (0..clients).map(|_| Arc::new(Semaphore::new(EACH))).collect();
        Self { all: Arc::new(Semaphore::new(ALL)), of_client }
    }

    /// Room for one more of `client`.
    pub(crate) fn room(&self, client: usize) -> Result<Room, Refusal> {
        let take = |room: &Arc<Semaphore>| Arc::clone(room).try_acquire_owned().ok();
        let of_client = self.of_client.get(client).and_then(take).ok_or(Refusal::Busy)?;
        let of_all = take(&self.all).ok_or(Refusal::Busy)?;
        Ok(Room { _of_all: of_all, _of_client: of_client })
    }
}

/// Six screens or more of fifty advocates.
const ALL: usize = 320;
/// A screen has three at most, and a wall board one.
const EACH: usize = 32;
