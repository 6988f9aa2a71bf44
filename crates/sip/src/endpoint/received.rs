//! A request as it arrived (RFC 3261 §18.2, RFC 3581).
//!
//! # Assumptions
//! A `maddr` is not followed: an answer goes to where the request came from, so that nobody can
//! point us at a third party.

use std::net::SocketAddr;

use model::LegId;

use super::flow::{Flow, Transport};
use crate::transaction::{MergeKey, ServerKey};
use crate::wire::{CSeq, Essentials, HeaderError, Headers, NameAddr, Request, Uri, Via};

/// A request, where it came from, and where its responses go.
pub(crate) struct Received {
    pub(crate) request: Request,
    pub(crate) flow: Flow,
    pub(crate) reply_to: Flow,
    /// Where they go once that connection is closed: to the source, at the port where the sender
    /// says it listens.
    pub(crate) otherwise: Option<Flow>,
    pub(crate) key: ServerKey,
    /// What every request has.
    pub(crate) from: NameAddr,
    pub(crate) to: NameAddr,
    pub(crate) cseq: CSeq,
    /// The leg a Refer-To names beside the one it came in.
    pub(crate) names: Option<LegId>,
}

impl Received {
    /// Notes the source in the top Via.
    pub(crate) fn new(
        flow: Flow,
        mut request: Request,
        read: Essentials,
    ) -> Result<Self, HeaderError> {
        let Essentials { mut via, from, to, cseq } = read;
        let reply_to = note_source(flow, &mut request.headers, &mut via);
        let otherwise = (flow.transport == Transport::Tcp).then(|| sent_by(flow, &via));
        let key = ServerKey::of(&request, &via, &from)?;
        Ok(Self { request, flow, reply_to, otherwise, key, from, to, cseq, names: None })
    }

    /// Whether it belongs to no dialog yet.
    pub(crate) fn is_outside_dialogs(&self) -> bool {
        self.to.tag().is_none()
    }

    /// What it has in common with the same request by another way (§8.2.2.2); `None` within a dialog.
    pub(crate) fn merge_key(&self) -> Option<MergeKey> {
        let from_tag = self.from.tag();
        self.is_outside_dialogs().then(|| MergeKey::of(&self.request, from_tag, &self.cseq))?
    }

    /// The one URI a REFER names (RFC 3515 §2.1).
    pub(crate) fn refer_to(&self) -> Option<Uri> {
        let mut lines = self.request.headers.all("Refer-To");
        let (only, none) = (lines.next()?, lines.next());
        let target = NameAddr::parse(only).ok().filter(|_| none.is_none())?;
        Some(target.uri)
    }
}

/// Writes the source into the top Via, and says where responses go (RFC 3261 §18.2.2).
pub(crate) fn note_source(flow: Flow, headers: &mut Headers, via: &mut Via) -> Flow {
    via.note_source(flow.remote);
    headers.set_top_via(via);
    if flow.transport == Transport::Tcp || via.rport().is_some() {
        return flow;
    }
    sent_by(flow, via)
}

/// The port of sent-by, at the source whatever host it names (RFC 3261 §18.2.2).
fn sent_by(flow: Flow, via: &Via) -> Flow {
    let remote = SocketAddr::new(flow.remote.ip(), via.port.unwrap_or(5060));
    Flow { remote, ..flow }
}
