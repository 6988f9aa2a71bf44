//! The table of open connections, so that answers and requests go over the one that is there
//! (RFC 3261 §18.1.1, §18.2.2).

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use dashmap::DashMap;
use sip::Flow;
use tokio::sync::mpsc;

use crate::Limits;

/// All connections by flow; shared by the tasks that accept, serve and use them.
pub(crate) struct Connections {
    table: DashMap<Flow, Entry>,
    next: AtomicU64,
    limits: Limits,
}

struct Entry {
    id: u64,
    queue: mpsc::Sender<Bytes>,
}

/// A place in the table. The connection that holds it is gone when it is dropped.
pub(crate) struct Place {
    pub(crate) flow: Flow,
    /// What is to be sent; ended when the connection is to be closed.
    pub(crate) queue: mpsc::Receiver<Bytes>,
    id: u64,
    connections: Arc<Connections>,
}

impl Connections {
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { table: DashMap::new(), next: AtomicU64::new(0), limits })
    }

    /// A place for a new connection, `None` when there are too many. A connection of the same flow
    /// is closed: its peer has forgotten it.
    pub(crate) fn place(self: &Arc<Self>, flow: Flow) -> Option<Place> {
        if self.table.len() >= self.limits.connections
            || self.count(flow.remote.ip()) >= self.limits.connections_per_source
        {
            return None;
        }
        let (sender, queue) = mpsc::channel(QUEUE);
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.table.insert(flow, Entry { id, queue: sender });
        Some(Place { flow, queue, id, connections: Arc::clone(self) })
    }

    /// The queue of an open connection.
    pub(crate) fn queue(&self, flow: &Flow) -> Option<mpsc::Sender<Bytes>> {
        self.table.get(flow).map(|entry| entry.queue.clone())
    }

    /// Closes a connection after what is queued is sent; nobody is told.
    pub(crate) fn close(&self, flow: &Flow) {
        self.table.remove(flow);
    }

    /// Closes all of them.
    pub(crate) fn close_all(&self) {
        self.table.clear();
    }

    fn count(&self, source: IpAddr) -> usize {
        self.table.iter().filter(|entry| entry.key().remote.ip() == source).count()
    }
}

impl Place {
    /// Leaves the table; says whether the connection was still wanted, so that its end is news.
    pub(crate) fn leave(self) -> bool {
        self.remove()
    }

    fn remove(&self) -> bool {
        self.connections.table.remove_if(&self.flow, |_, entry| entry.id == self.id).is_some()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.remove();
    }
}

/// Messages that may wait for a peer that reads slowly; one that lets more pile up is closed.
const QUEUE: usize = 256;
