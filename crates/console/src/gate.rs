//! What every request passes first: its row of the table, its token, its size and its time.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use os::clock;
use switchboard::Snapshot;
use tokio::time::timeout;

use crate::attempts::Attempts;
use crate::once::Once;
use crate::pace::Pace;
use crate::refusal::Refusal;
use crate::role::client_with;
use crate::routes::{Allowed, allowed};
use crate::streams::Streams;
use crate::views::View;
use crate::{Client, Names, Ports, Proxy, Token, Who};

/// What all handlers share.
pub(crate) struct Shared {
    pub(crate) clients: Vec<Client>,
    pub(crate) names: Names,
    pub(crate) proxy: Proxy,
    pub(crate) ports: Ports,
    pub(crate) attempts: Mutex<Attempts>,
    pub(crate) once: Mutex<Once>,
    pub(crate) pace: Mutex<Pace>,
    pub(crate) streams: Streams,
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Peer {
    /// From a network; it has to show a token.
    Address(IpAddr),
    /// Through the control socket: whoever may open that file is an operator.
    Control,
}

/// Who asks: by the token that was shown, or through the control socket.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asks {
    /// The client's position in the configuration; one beyond the last for the control socket.
    pub(crate) client: usize,
    pub(crate) who: Who,
}

impl Shared {
    /// The latest snapshot.
    pub(crate) fn latest(&self) -> Arc<Snapshot> {
        Arc::clone(&self.ports.boards.borrow())
    }

    /// A snapshot as it is to be shown now.
    pub(crate) fn view<'a>(&'a self, snapshot: &'a Snapshot) -> View<'a> {
        View { snapshot, names: &self.names, now: clock::now() }
    }

    /// What the audit calls a client.
    pub(crate) fn name(&self, client: usize) -> &str {
        self.clients.get(client).map_or("control socket", |client| &client.name)
    }

    pub(crate) fn once(&self) -> MutexGuard<'_, Once> {
        self.once.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who asks.
    fn known(&self, request: &Request) -> Result<Asks, Refusal> {
        match request.extensions().get() {
            Some(Peer::Control) => Ok(Asks { client: self.clients.len(), who: Who::Operator }),
            Some(&Peer::Address(peer)) => {
                let headers = request.headers();
                self.shown(self.source(peer, headers), headers)
            }
            None => Err(Refusal::NoToken),
        }
    }

    /// Whose token the request shows.
    fn shown(&self, source: IpAddr, headers: &HeaderMap) -> Result<Asks, Refusal> {
        let now = clock::now();
        if let Some(wait) = self.attempts().locked(now, source) {
            return Err(Refusal::TooManyAttempts(wait));
        }
        let token = bearer(headers).ok_or(Refusal::NoToken)?;
        let token = Token::shown(token);
        let Some(client) = client_with(&self.clients, &token) else {
            self.attempts().failed(now, source, token);
            return Err(Refusal::WrongToken);
        };
        Ok(Asks { client, who: self.clients[client].who })
    }

    fn admit(&self, request: &mut Request) -> Result<(), Refusal> {
        let path = request.extensions().get::<MatchedPath>().ok_or(Refusal::NotFound)?;
        let row = allowed(request.method(), path.as_str());
        if too_large(request.headers()) {
            return Err(Refusal::TooLarge);
        }
        let roles = match row {
            Some(Allowed::Anyone) => return Ok(()),
            Some(Allowed::Roles(roles)) => Ok(roles),
            None => Err(Refusal::WrongMethod),
        };
        let asks = self.known(request)?;
        if !roles?.contains(&asks.who.role()) {
            return Err(Refusal::Forbidden);
        }
        // Looking is always allowed.
        if request.method() == Method::POST {
            self.pace().take(clock::now(), asks.client).map_err(Refusal::TooOften)?;
        }
        request.extensions_mut().insert(asks);
        Ok(())
    }

    /// The proxy in front of us adds whom it serves at the end; what is before that anyone can write.
    fn source(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let forwarded = headers.get_all("x-forwarded-for").iter().next_back();
        let named = forwarded.and_then(|value| value.to_str().ok()?.rsplit(',').next());
        let named = named.and_then(|address| address.trim().parse().ok());
        match self.proxy {
            Proxy::InFront => named.unwrap_or(peer),
            Proxy::None => peer,
        }
    }
}

/// Lets a request in, or refuses it.
pub(crate) async fn gate(
    State(shared): State<Arc<Shared>>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match shared.admit(&mut request) {
        Ok(()) => timeout(PATIENCE, next.run(request))
            .await
            .unwrap_or_else(|_| Refusal::TooSlow.into_response()),
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn too_large(headers: &HeaderMap) -> bool {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    length.and_then(|value| value.parse::<u64>().ok()).is_some_and(|l| l > LARGEST as u64)
}

/// The largest body.
pub(crate) const LARGEST: usize = 64 * 1024;
/// How long a request may take, its body included.
const PATIENCE: Duration = Duration::from_secs(10);
