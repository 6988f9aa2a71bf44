//! A phone's registration (RFC 3261 §10.2) with digest (RFC 7616, RFC 8760), refreshed before it
//! expires. A machine without socket and clock.
//!
//! # Assumptions
//! - Every REGISTER is sent without credentials first and answers the challenge it gets, so that a
//!   nonce is used once and never stale for long.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use model::{Chance, Instant};
use sip::digest::{self, Secret};
use sip::wire::{
    CSeq, Challenge, Contacts, Headers, Method, NameAddr, Request, Response, Uri, Via,
};

use super::settings::Account;

/// One phone's registration with one registrar over UDP.
pub(super) struct Registration {
    account: Account,
    own: SocketAddr,
    registrar: SocketAddr,
    call_id: String,
    tag: String,
    cseq: u32,
    chance: Chance,
    state: State,
    outputs: VecDeque<Output>,
}

/// What a registration wants done or has to say.
pub(super) enum Output {
    /// Send this to the registrar.
    Transmit(Bytes),
    /// The phone can be called now.
    Registered,
    /// It cannot.
    Failed(RegisterError),
}

/// Why a phone is not registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// The registrar said no.
    #[error("the registrar answered {status}")]
    Refused {
        /// Its status.
        status: u16,
    },
    /// The registrar said nothing.
    #[error("the registrar does not answer")]
    NoAnswer,
    /// The phone has no account, or has been switched off.
    #[error("the phone cannot register")]
    NoAccount,
}

enum State {
    Idle,
    Asking(Asking),
    Registered { refresh_at: Instant },
    Resting { until: Instant },
}

/// A REGISTER on its way: a client transaction of its own (RFC 3261 §17.1.2).
struct Asking {
    bytes: Bytes,
    challenged: u8,
    /// Timer E.
    repeat_at: Instant,
    interval: Duration,
    /// Timer F.
    give_up_at: Instant,
}

impl Registration {
    /// A registration not yet begun, of the phone that is reached at `own`.
    pub(super) fn new(
        account: Account,
        own: SocketAddr,
        registrar: SocketAddr,
        mut chance: Chance,
    ) -> Self {
        Self {
            account,
            own,
            registrar,
            call_id: chance.token(),
            tag: chance.token(),
            cseq: 0,
            chance,
            state: State::Idle,
            outputs: VecDeque::new(),
        }
    }

    /// Registers, now and until the end.
    pub(super) fn start(&mut self, now: Instant) {
        self.ask(now, None, 0);
    }

    /// Takes a response; `false` if it is not for this registration.
    pub(super) fn handle_response(&mut self, now: Instant, response: &Response) -> bool {
        if response.headers.call_id() != Ok(&self.call_id) {
            return false;
        }
        let current = response.headers.cseq().is_ok_and(|cseq| cseq.number == self.cseq);
        if let State::Asking(asking) = &self.state
            && current
        {
            let challenged = asking.challenged;
            self.answered(now, response, challenged);
        }
        true
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        match &mut self.state {
            State::Asking(asking) if asking.give_up_at <= now => self.rest(now),
            State::Asking(asking) if asking.repeat_at <= now => {
                asking.interval = (asking.interval * 2).min(T2);
                asking.repeat_at = now + asking.interval;
                self.outputs.push_back(Output::Transmit(asking.bytes.clone()));
            }
            State::Registered { refresh_at: at } | State::Resting { until: at } if *at <= now => {
                self.start(now);
            }
            _ => {}
        }
    }

    /// When [`Registration::handle_timeout`] is wanted next.
    pub(super) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Idle => None,
            State::Asking(asking) => Some(asking.repeat_at.min(asking.give_up_at)),
            State::Registered { refresh_at: at } | State::Resting { until: at } => Some(*at),
        }
    }

    /// What is to be done, in order.
    pub(super) fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn answered(&mut self, now: Instant, response: &Response, challenged: u8) {
        match response.status {
            ..=199 => {}
            200..=299 => {
                let lasts = granted(&response.headers);
                self.state = State::Registered { refresh_at: now + lasts * 3 / 4 };
                self.outputs.push_back(Output::Registered);
            }
            status @ (401 | 407) => {
                let answer = (challenged < CHALLENGES).then(|| self.answer(status, response));
                match answer.flatten() {
                    Some(credentials) => self.ask(now, Some(credentials), challenged + 1),
                    None => self.refused(status),
                }
            }
            status => self.refused(status),
        }
    }

    /// The header that answers a challenge.
    fn answer(&mut self, status: u16, response: &Response) -> Option<(&'static str, String)> {
        let (asked_in, answered_in) = match status {
            401 => ("WWW-Authenticate", "Authorization"),
            _ => ("Proxy-Authenticate", "Proxy-Authorization"),
        };
        let challenges: Vec<Challenge> = response.headers.challenges(asked_in);
        let (uri, password) =
            (self.registrar_uri().to_wire(), Secret::new(&*self.account.password));
        let username = &self.account.username;
        let (method, chance) = (Method::Register, &mut self.chance);
        let value = digest::answer(&challenges, username, &password, &method, &uri, chance, 1)?;
        Some((answered_in, value))
    }

    fn refused(&mut self, status: u16) {
        self.state = State::Idle;
        self.outputs.push_back(Output::Failed(RegisterError::Refused { status }));
    }

    /// No answer: the registrar may be restarting.
    fn rest(&mut self, now: Instant) {
        self.state = State::Resting { until: now + REST };
        self.outputs.push_back(Output::Failed(RegisterError::NoAnswer));
    }

    fn ask(&mut self, now: Instant, credentials: Option<(&'static str, String)>, challenged: u8) {
        let bytes = self.request(credentials).to_bytes();
        self.outputs.push_back(Output::Transmit(bytes.clone()));
        self.state = State::Asking(Asking {
            bytes,
            challenged,
            repeat_at: now + T1,
            interval: T1,
            give_up_at: now + T1 * 64,
        });
    }

    fn request(&mut self, credentials: Option<(&'static str, String)>) -> Request {
        self.cseq += 1;
        let branch = format!("z9hG4bK{}", self.chance.token());
        let user = Some(self.account.username.as_str());
        let address = NameAddr::new(Uri::sip(user, self.registrar.ip(), None));
        let mut request = Request::new(Method::Register, self.registrar_uri());
        let headers = &mut request.headers;
        let via = Via::new("UDP", self.own.ip().into(), self.own.port(), &branch);
        headers.push("Via", via.to_wire());
        headers.push("Max-Forwards", "70");
        headers.push("From", address.clone().with_tag(&self.tag).to_wire());
        headers.push("To", address.to_wire());
        headers.push("Call-ID", self.call_id.clone());
        headers.push("CSeq", CSeq { number: self.cseq, method: Method::Register }.to_wire());
        headers.push("Contact", NameAddr::new(Uri::at(user, self.own)).to_wire());
        headers.push("Expires", EXPIRES_S.to_string());
        if let Some((name, value)) = credentials {
            headers.push(name, value);
        }
        request
    }

    fn registrar_uri(&self) -> Uri {
        Uri::at(None, self.registrar)
    }
}

/// For how long a 200 binds our contact: the shortest time it names (RFC 3261 §10.2.4).
fn granted(headers: &Headers) -> Duration {
    let contacts = match headers.contacts() {
        Ok(Contacts::List(contacts)) => contacts,
        _ => Vec::new(),
    };
    let each = contacts.iter().filter_map(|c| c.params.value("expires")?.parse().ok()).min();
    let seconds = each.or_else(|| headers.expires()).unwrap_or(EXPIRES_S);
    Duration::from_secs(u64::from(seconds.max(1)))
}

/// RFC 3261 §17.1.1.1.
const T1: Duration = Duration::from_millis(500);
/// RFC 3261 §17.1.2.2.
const T2: Duration = Duration::from_secs(4);
/// What we ask for.
const EXPIRES_S: u32 = 300;
/// How often one registration answers a challenge: the first, and one that says `stale`.
const CHALLENGES: u8 = 2;
/// How long an unanswered registration waits until it is tried anew.
const REST: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use sip::wire::Message;

    use super::*;

    fn registration() -> Registration {
        let account = Account { username: "night".into(), password: "secret".into() };
        let [own, registrar] = [5070, 5060].map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
        Registration::new(account, own, registrar, Chance::from_number(1))
    }

    fn transmitted(registration: &mut Registration) -> Request {
        match registration.poll_output() {
            Some(Output::Transmit(bytes)) => match Message::parse(&bytes) {
                Ok(Message::Request(request)) => request,
                _ => panic!("no request"),
            },
            _ => panic!("nothing to send"),
        }
    }

    fn respond(registration: &mut Registration, now: Instant, request: &Request, status: u16) {
        let mut response = Response::to(&request.headers, status);
        match status {
            401 => response.headers.push(
                "WWW-Authenticate",
                "Digest realm=\"h\", nonce=\"n\", algorithm=SHA-256, qop=\"auth\"",
            ),
            _ => response.headers.push("Contact", "<sip:night@127.0.0.1:5070>;expires=40"),
        }
        assert!(registration.handle_response(now, &response));
    }

    const fn at(seconds: u64) -> Instant {
        Instant::from_nanos(seconds * 1_000_000_000)
    }

    #[test]
    fn it_answers_the_challenge_and_refreshes_before_expiry() {
        let mut phone = registration();
        phone.start(at(0));
        let first = transmitted(&mut phone);
        assert!(first.headers.get("Authorization").is_none());
        respond(&mut phone, at(0), &first, 401);
        let second = transmitted(&mut phone);
        assert!(second.headers.get("Authorization").is_some_and(|a| a.contains("SHA-256")));
        assert_eq!(second.headers.cseq().map(|cseq| cseq.number), Ok(2));
        respond(&mut phone, at(1), &second, 200);
        assert!(matches!(phone.poll_output(), Some(Output::Registered)));
        assert_eq!(phone.deadline(), Some(at(31)), "three quarters of 40 s");
        phone.handle_timeout(at(31));
        assert_eq!(transmitted(&mut phone).headers.cseq().map(|cseq| cseq.number), Ok(3));
    }

    #[test]
    fn a_registrar_that_never_accepts_is_not_asked_for_ever() {
        let mut phone = registration();
        phone.start(at(0));
        for _ in 0..=CHALLENGES {
            let request = transmitted(&mut phone);
            respond(&mut phone, at(0), &request, 401);
        }
        let failed = RegisterError::Refused { status: 401 };
        assert!(matches!(phone.poll_output(), Some(Output::Failed(why)) if why == failed));
        assert!(phone.poll_output().is_none() && phone.deadline().is_none());
    }

    #[test]
    fn an_unanswered_request_is_repeated_given_up_and_tried_anew() {
        let mut phone = registration();
        phone.start(at(0));
        let mut sent = 0;
        while let Some(now) = phone.deadline().filter(|&now| now <= at(37)) {
            phone.handle_timeout(now);
            while let Some(output) = phone.poll_output() {
                match output {
                    Output::Transmit(_) => sent += 1,
                    Output::Failed(why) => {
                        assert_eq!((why, now), (RegisterError::NoAnswer, at(32)))
                    }
                    Output::Registered => panic!("nobody answered"),
                }
            }
        }
        // Timer E: at 0, 0.5, 1.5, 3.5, 7.5 and every 4 s to 31.5 s; then anew at 37 s.
        assert_eq!(sent, 12);
    }

    #[test]
    fn a_response_to_another_request_changes_nothing() {
        let mut phone = registration();
        phone.start(at(0));
        let mut other = transmitted(&mut phone);
        other.headers.set("Call-ID", "somebody-else");
        assert!(!phone.handle_response(at(0), &Response::to(&other.headers, 200)));
    }
}
