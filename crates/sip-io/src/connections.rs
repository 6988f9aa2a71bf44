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
use crate::bucket::network;

/// All connections by flow; shared by the tasks that accept, serve and use them.
pub(crate) struct Connections {
    table: DashMap<Flow, Entry>,
    next: AtomicU64,
    limits: Limits,
}

struct Entry {
    id: u64,
    queue: mpsc::Sender<Bytes>,
    opener: Opener,
}

/// Who opened a connection, as far as was known then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opener {
    Stranger,
    /// A peer the endpoint knows, or we, to answer one whose own connection is closed.
    Known,
    /// We, to ask something.
    We,
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

    /// A place for a new connection, `None` when there are too many of its kind. A connection of the
    /// same flow is closed: its peer has forgotten it.
    pub(crate) fn place(self: &Arc<Self>, flow: Flow, opener: Opener) -> Option<Place> {
        if !self.has_room(flow.remote.ip(), opener) {
            return None;
        }
        let (sender, queue) = mpsc::channel(QUEUE);
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.table.insert(flow, Entry { id, queue: sender, opener });
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

    /// Whatever strangers hold, trunks and phones come in, and we go out.
    fn has_room(&self, source: IpAddr, opener: Opener) -> bool {
        let Limits { connections, connections_per_source, .. } = self.limits;
        let count = |counts: &dyn Fn(IpAddr) -> bool| {
            let entries = self.table.iter().filter(|entry| entry.opener == opener);
            entries.filter(|entry| counts(entry.key().remote.ip())).count()
        };
        let has_room = count(&|_| true) < connections;
        let is_same = |other| network(other) == network(source);
        match opener {
            Opener::We => true,
            Opener::Known => has_room,
            Opener::Stranger => has_room && count(&is_same) < connections_per_source,
        }
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

#[cfg(test)]
mod tests {
    use sip::{ListenerId, Transport};

    use super::*;

    #[test]
    fn one_network_of_ipv6_is_one_source() {
        let limits = Limits { connections_per_source: 2, ..Limits::default() };
        let connections = Connections::new(limits);
        let place = |remote: &str| {
            let remote = remote.parse().expect("an address");
            let flow = Flow { listener: ListenerId(0), transport: Transport::Tcp, remote };
            connections.place(flow, Opener::Stranger)
        };
        let held = [place("[2001:db8::1]:5060"), place("[2001:db8::2]:5060")];
        assert!(held.iter().all(Option::is_some));
        assert!(place("[2001:db8::3]:5060").is_none());
        assert!(place("[2001:db8:0:1::3]:5060").is_some());
        drop(held);
        assert!(place("[2001:db8::3]:5060").is_some());
    }
}
