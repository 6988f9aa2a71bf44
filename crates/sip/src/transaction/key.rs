//! What makes two messages parts of one transaction (RFC 3261 §17.1.3, §17.2.3, §8.2.2.2).
//!
//! # Assumptions
//! A branch without the magic cookie comes from an element of RFC 2543; it is matched by Call-ID,
//! From tag, CSeq number and top Via, and not by the To tag, which the ACK alone would have.

use crate::wire::{CSeq, HeaderError, Headers, Host, Method, NameAddr, Request, Via};

/// How a request finds its server transaction.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ServerKey {
    branch: String,
    /// The default port and a written one are different senders (§18.1.1).
    sent_by: (Host, Option<u16>),
    method: Method,
}

impl ServerKey {
    /// The key of `request` with this top Via and sender; an ACK has that of its INVITE.
    pub(crate) fn of(request: &Request, via: &Via, from: &NameAddr) -> Result<Self, HeaderError> {
        let method = match &request.method {
            Method::Ack => Method::Invite,
            method => method.clone(),
        };
        let branch = match via.branch() {
            Some(branch) if branch.starts_with(COOKIE) => branch.to_owned(),
            _ => old_branch(&request.headers, via, from)?,
        };
        Ok(Self { branch, sent_by: (via.host.clone(), via.port), method })
    }

    /// What names the transaction among those of its sender.
    pub(crate) fn branch(&self) -> &str {
        &self.branch
    }

    /// The key of the INVITE that a CANCEL with this key cancels (§9.2).
    pub(crate) fn of_invite(&self) -> Self {
        Self { method: Method::Invite, ..self.clone() }
    }
}

/// How a response finds its client transaction: our branch, and the method of its CSeq.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct ClientKey {
    branch: String,
    method: Method,
}

impl ClientKey {
    pub(crate) const fn new(branch: String, method: Method) -> Self {
        Self { branch, method }
    }

    pub(crate) fn branch(&self) -> &str {
        &self.branch
    }

    /// The key of a response with this top Via and CSeq.
    pub(crate) fn of(via: &Via, cseq: &CSeq) -> Option<Self> {
        Some(Self { branch: via.branch()?.to_owned(), method: cseq.method.clone() })
    }
}

/// What one request that arrived by two ways has in common (§8.2.2.2).
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct MergeKey {
    call_id: String,
    from_tag: Option<String>,
    cseq: u32,
    method: Method,
}

impl MergeKey {
    /// The key of a request outside a dialog.
    pub(crate) fn of(request: &Request, from_tag: Option<&str>, cseq: &CSeq) -> Option<Self> {
        Some(Self {
            call_id: request.headers.call_id().ok()?.to_owned(),
            from_tag: from_tag.map(str::to_owned),
            cseq: cseq.number,
            method: request.method.clone(),
        })
    }
}

/// What a branch of RFC 2543 cannot tell.
fn old_branch(headers: &Headers, via: &Via, from: &NameAddr) -> Result<String, HeaderError> {
    let via = via.to_wire();
    let number = headers.cseq()?.number;
    Ok(format!("{} {} {number} {via}", headers.call_id()?, from.tag().unwrap_or_default()))
}

/// RFC 3261 §8.1.1.7.
pub(crate) const COOKIE: &str = "z9hG4bK";
