//! How an advocate's phone registers (RFC 3261 §10.2): asked until it is answered, with digest,
//! and again long before it expires. A test's phone: it gives up never.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use model::{Chance, Instant};
use sip::digest::{self, Secret};
use sip::wire::{CSeq, Challenge, Message, Method, NameAddr, Request, Response, Uri, Via};

use super::datagram::{Datagram, HOTLINE, signalling};

/// One phone's registration.
pub(crate) struct Registration {
    account: &'static str,
    own: SocketAddr,
    call_id: String,
    tag: String,
    cseq: u32,
    chance: Chance,
    /// Empty when all is said.
    request: Bytes,
    /// When the request is sent, again or anew.
    next: Instant,
    is_registered: bool,
}

impl Registration {
    /// A phone at `own` that registers from `now` on.
    pub(crate) fn new(
        now: Instant,
        account: &'static str,
        own: SocketAddr,
        mut chance: Chance,
    ) -> Self {
        let (call_id, tag) = (chance.token(), chance.token());
        Self {
            account,
            own,
            call_id,
            tag,
            cseq: 0,
            chance,
            request: Bytes::new(),
            next: now,
            is_registered: false,
        }
    }

    /// Whether the hotline can call the phone.
    pub(crate) const fn is_registered(&self) -> bool {
        self.is_registered
    }

    /// Whether a datagram answers it; then it has been taken.
    pub(crate) fn takes(&mut self, now: Instant, bytes: &[u8]) -> bool {
        let Ok(Message::Response(response)) = Message::parse(bytes) else { return false };
        if response.headers.call_id() != Ok(&self.call_id) {
            return false;
        }
        if response.headers.cseq().is_ok_and(|cseq| cseq.number == self.cseq) {
            self.answered(now, &response);
        }
        true
    }

    /// When [`Self::poll`] is wanted.
    pub(crate) const fn deadline(&self) -> Instant {
        self.next
    }

    /// The request, when it is due.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<Datagram> {
        if self.next > now {
            return None;
        }
        if self.request.is_empty() {
            self.ask(now, None);
        }
        self.next = now + T1;
        Some(Datagram { from: self.own, to: signalling(HOTLINE), bytes: self.request.clone() })
    }

    fn answered(&mut self, now: Instant, response: &Response) {
        match response.status {
            200 => {
                self.is_registered = true;
                self.request = Bytes::new();
                self.next = now + REFRESH;
            }
            401 => {
                let challenges: Vec<Challenge> = response.headers.challenges("WWW-Authenticate");
                let (uri, password) = (registrar().to_wire(), Secret::new(PASSWORD));
                let method = Method::Register;
                let chance = &mut self.chance;
                let answer =
                    digest::answer(&challenges, self.account, &password, &method, &uri, chance, 1);
                self.ask(now, answer);
            }
            _ => {}
        }
    }

    fn ask(&mut self, now: Instant, credentials: Option<String>) {
        self.cseq += 1;
        self.next = now;
        let branch = format!("z9hG4bK{}", self.chance.token());
        let address = NameAddr::new(Uri::sip(Some(self.account), HOTLINE, None));
        let mut request = Request::new(Method::Register, registrar());
        let headers = &mut request.headers;
        let via = Via::new("UDP", self.own.ip().into(), self.own.port(), &branch);
        headers.push("Via", via.to_wire());
        headers.push("Max-Forwards", "70");
        headers.push("From", address.clone().with_tag(&self.tag).to_wire());
        headers.push("To", address.to_wire());
        headers.push("Call-ID", self.call_id.clone());
        headers.push("CSeq", CSeq { number: self.cseq, method: Method::Register }.to_wire());
        let contact = NameAddr::new(Uri::at(Some(self.account), self.own));
        headers.push("Contact", contact.to_wire());
        headers.push("Expires", "3600");
        if let Some(credentials) = credentials {
            headers.push("Authorization", credentials);
        }
        self.request = request.to_bytes();
    }
}

fn registrar() -> Uri {
    Uri::at(None, signalling(HOTLINE))
}

/// Every simulated phone's.
pub(crate) const PASSWORD: &str = "a-test-password";
/// RFC 3261 §17.1.1.1.
const T1: Duration = Duration::from_millis(500);
/// Half of what is asked for.
const REFRESH: Duration = Duration::from_secs(1800);
