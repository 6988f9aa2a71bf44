//! One REGISTER: all of it, or none of it (RFC 3261 §10.3).

use std::time::Duration;

use model::{AdvocateId, ContactId, Instant};

use super::binding::{ASKED_EVERY, Binding, flow_to, says_text};
use super::table::Registrar;
use crate::endpoint::{Core, Received, Transport, reply};
use crate::wire::{Contacts, HeaderError, Headers, NameAddr, Response};

impl Registrar {
    /// Serves a REGISTER that `advocate` proved to be hers; `tag` goes into the response.
    pub(crate) fn register(
        &mut self,
        now: Instant,
        core: &mut Core,
        advocate: AdvocateId,
        received: &Received,
        tag: &str,
    ) -> Response {
        let headers = &received.request.headers;
        match self.change(now, core, advocate, received) {
            Ok(bindings) => {
                self.replace(core, advocate, bindings);
                let mut response = reply(headers, 200, tag);
                for binding in self.of(advocate) {
                    response.headers.push("Contact", written(now, binding));
                }
                response
            }
            Err(refusal) => refusal.response(core, headers, tag),
        }
    }

    /// What the bindings would be after this REGISTER.
    fn change(
        &self,
        now: Instant,
        core: &mut Core,
        advocate: AdvocateId,
        received: &Received,
    ) -> Result<Vec<Binding>, Refusal> {
        let headers = &received.request.headers;
        let mut bindings = self.of(advocate).to_vec();
        let (call_id, cseq) = (headers.call_id()?.to_owned(), headers.cseq()?.number);
        let contacts = match headers.contacts()? {
            Contacts::List(contacts) => contacts,
            Contacts::All if headers.expires() == Some(0) => {
                let old = bindings.iter().any(|binding| binding.is_newer_than(&call_id, cseq));
                return if old { Err(Refusal::OutOfOrder) } else { Ok(Vec::new()) };
            }
            Contacts::All => return Err(Refusal::Malformed),
        };
        for contact in contacts {
            let life = lifetime(&contact, headers)?;
            let position = bindings.iter().position(|binding| binding.is_at(&contact.uri));
            let before = position.map(|at| bindings.remove(at));
            if before.as_ref().is_some_and(|before| before.is_newer_than(&call_id, cseq)) {
                return Err(Refusal::OutOfOrder);
            }
            let Some(life) = life else { continue };
            let flow = flow_to(&contact.uri, received);
            let by_datagrams = flow.transport == Transport::Udp;
            let binding = Binding {
                id: before.map_or_else(|| ContactId(core.chance.next_u64()), |before| before.id),
                flow,
                text: says_text(&contact.params),
                asked_at: by_datagrams.then(|| now + ASKED_EVERY),
                unanswered: 0,
                uri: contact.uri,
                expires: now + life,
                call_id: call_id.clone(),
                cseq,
            };
            // A refreshed contact keeps its place.
            bindings.insert(position.unwrap_or(bindings.len()), binding);
        }
        let fits = bindings.len() <= core.settings.limits.contacts;
        if fits { Ok(bindings) } else { Err(Refusal::TooMany) }
    }
}

/// Why a REGISTER changes nothing.
enum Refusal {
    Malformed,
    TooBrief,
    OutOfOrder,
    TooMany,
}

impl Refusal {
    fn response(&self, core: &Core, headers: &Headers, tag: &str) -> Response {
        let status = match self {
            Self::Malformed => 400,
            Self::TooBrief => 423,
            Self::OutOfOrder => 500,
            Self::TooMany => 503,
        };
        let mut response = reply(headers, status, tag);
        match self {
            Self::TooBrief => response.headers.push("Min-Expires", SHORTEST.to_string()),
            Self::TooMany => {
                let seconds = core.settings.limits.retry_after.as_secs();
                response.headers.push("Retry-After", seconds.to_string());
            }
            Self::Malformed | Self::OutOfOrder => {}
        }
        response
    }
}

impl From<HeaderError> for Refusal {
    fn from(_: HeaderError) -> Self {
        Self::Malformed
    }
}

/// How long a contact is to live, `None` to remove it (§10.2.1.1, §10.3 step 7).
fn lifetime(contact: &NameAddr, headers: &Headers) -> Result<Option<Duration>, Refusal> {
    let own = contact.params.value("expires").map(|text| text.parse().unwrap_or(LONGEST));
    match own.or_else(|| headers.expires()).unwrap_or(LONGEST) {
        0 => Ok(None),
        seconds if seconds < SHORTEST => Err(Refusal::TooBrief),
        seconds => Ok(Some(Duration::from_secs(seconds.min(LONGEST).into()))),
    }
}

/// A binding as a Contact with the seconds it has left.
fn written(now: Instant, binding: &Binding) -> String {
    let left = binding.expires.since(now).as_secs();
    format!("<{}>;expires={left}", binding.uri.to_wire())
}

/// The shortest life in seconds; a shorter one is traffic, and is refused with 423.
const SHORTEST: u32 = 60;
/// The longest life in seconds, and that of a contact which names none.
const LONGEST: u32 = 3600;
