//! One way to reach an advocate, and how it is found out.

use std::time::Duration;

use model::{ContactId, Instant};

use crate::dialog::address_of;
use crate::endpoint::{Flow, Received, Transport};
use crate::wire::{Params, Uri};

/// A contact, the way to it, and the REGISTER that made it.
#[derive(Clone)]
pub(crate) struct Binding {
    pub(crate) id: ContactId,
    /// The Contact as registered: the Request-URI of calls.
    pub(crate) uri: Uri,
    /// The way to it.
    pub(crate) flow: Flow,
    /// Whether it has text, by its own word.
    pub(super) text: bool,
    pub(super) expires: Instant,
    /// When it is next asked for a sign of life; a connection tells by itself.
    pub(super) asked_at: Option<Instant>,
    /// How often it was asked in a row without an answer.
    pub(super) unanswered: u8,
    pub(super) call_id: String,
    pub(super) cseq: u32,
}

impl Binding {
    /// When something is due: a question, or the end.
    pub(super) fn due(&self) -> Instant {
        self.asked_at.map_or(self.expires, |at| at.min(self.expires))
    }

    /// Whether it is to be kept at `now`.
    pub(super) fn is_alive(&self, now: Instant) -> bool {
        let asked_in_vain = self.unanswered >= MOST_UNANSWERED && self.asks(now);
        self.expires > now && !asked_in_vain
    }

    /// Whether it is to be asked at `now`.
    pub(super) fn asks(&self, now: Instant) -> bool {
        self.asked_at.is_some_and(|at| at <= now)
    }

    /// Whether a REGISTER of the same phone is older than the one that made this (§10.3, step 7).
    pub(super) fn is_newer_than(&self, call_id: &str, cseq: u32) -> bool {
        self.call_id == call_id && self.cseq >= cseq
    }

    /// Whether `uri` is this contact's, by the parts that lead to different places (§19.1.4).
    pub(super) fn is_at(&self, uri: &Uri) -> bool {
        let transport = |uri: &Uri| uri.params.value("transport").map(str::to_ascii_lowercase);
        let own = &self.uri;
        own.scheme == uri.scheme
            && own.user == uri.user
            && own.host == uri.host
            && own.port == uri.port
            && transport(own) == transport(uri)
    }
}

/// Whether a Contact says that it has text: the feature tag alone, or with the value that is true
/// (RFC 3840 §9).
pub(super) fn says_text(params: &Params) -> bool {
    match params.value("text") {
        Some(value) => value.trim_matches('"').eq_ignore_ascii_case("true"),
        None => params.has("text"),
    }
}

/// When a contact is asked first and how often: less than the 30 s a NAT keeps a UDP binding
/// (RFC 5626 §4.4.2).
pub(super) const ASKED_EVERY: Duration = Duration::from_secs(25);
/// A contact that does not answer this often in a row is not there any more.
const MOST_UNANSWERED: u8 = 2;

/// The way to a contact: the connection it registered over, or the address it sent from. Only a
/// Contact at that very host may name another port or transport: anything else is the address of a
/// phone behind a NAT, or of somebody who never asked for calls.
pub(super) fn flow_to(uri: &Uri, received: &Received) -> Flow {
    let source = received.flow;
    match address_of(uri) {
        Some((remote, transport))
            if source.transport == Transport::Udp && remote.ip() == source.remote.ip() =>
        {
            Flow { remote, transport, ..source }
        }
        _ => source,
    }
}
