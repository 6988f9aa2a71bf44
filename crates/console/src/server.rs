//! The listening sockets and their connections: so many at a time, each with little patience, so that
//! the console can never take from the calls what they need (O10).

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower_service::Service;

use crate::gate::{LARGEST, Peer, Shared, gate};
use crate::pace::Pace;
use crate::patient::Patient;
use crate::refusal::Refusal;
use crate::streams::Streams;
use crate::{
    Client, ControlSocket, Names, Ports, activity, acts, boards, document, health, held, metrics,
    operating, shards, stream, supervising, text,
};

/// The API, to be served where the network or the machine's own users ask.
#[derive(Clone, Debug)]
pub struct Console {
    router: Router,
}

/// What the configuration says of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may ask.
    pub clients: Vec<Client>,
    /// What advocates and vendors are called.
    pub names: Names,
    /// What is between us and the clients.
    pub proxy: Proxy,
}

/// What is between us and the clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proxy {
    /// Nothing.
    None,
    /// A proxy of the operator's that ends TLS and adds `X-Forwarded-For`.
    InFront,
}

impl Proxy {
    /// Tokens must not pass a network in the clear: without a proxy, loopback only.
    pub const fn permits(self, listen: SocketAddr) -> bool {
        listen.ip().is_loopback() || matches!(self, Self::InFront)
    }
}

impl Console {
    /// The API of a hotline.
    pub fn new(settings: Settings, ports: Ports) -> Self {
        Self { router: router(shared(settings, ports)) }
    }

    /// Serves whoever shows a token, until it is dropped.
    pub async fn serve(self, listener: TcpListener) {
        let named = |(stream, peer): (TcpStream, SocketAddr)| {
            // A screen that is gone without a word must not count as one; where the kernel cannot,
            // it does for longer.
            let _ = os::socket::give_up_after(&stream, UNACKNOWLEDGED);
            (stream, Peer::Address(peer.ip()))
        };
        self.accept(|context| listener.poll_accept(context).map_ok(named)).await;
    }

    /// Serves whoever may open the control socket, as an operator, until it is dropped.
    pub async fn serve_control(self, socket: ControlSocket) {
        let named = |stream| (stream, Peer::Control);
        self.accept(|context| socket.poll_accept(context).map_ok(named)).await;
    }

    async fn accept<S, A>(self, accept: A)
    where
        A: Fn(&mut Context<'_>) -> Poll<io::Result<(S, Peer)>>,
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let room = Arc::new(Semaphore::new(CONNECTIONS));
        let mut connections = JoinSet::new();
        while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
            match poll_fn(&accept).await {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer, self.router.clone(), permit));
                }
                // Out of descriptors, perhaps: calls need the processor more than we do.
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
            while connections.try_join_next().is_some() {}
        }
    }
}

async fn connection<S>(stream: S, peer: Peer, router: Router, _room: OwnedSemaphorePermit)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(peer);
        router.clone().call(request)
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_PATIENCE)
        .max_buf_size(LARGEST)
        .serve_connection(TokioIo::new(Patient::new(stream)), service);
    // Whatever ended the connection ended it for that client only.
    let _ = served.await;
}

fn shared(settings: Settings, ports: Ports) -> Arc<Shared> {
    Arc::new(Shared {
        streams: Streams::new(settings.clients.len() + CONTROL),
        pace: Mutex::new(Pace::new(settings.clients.len() + CONTROL)),
        clients: settings.clients,
        names: settings.names,
        proxy: settings.proxy,
        ports,
        attempts: Default::default(),
        once: Default::default(),
    })
}

/// Every route of the table; the gate refuses what is in none of its rows.
fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/openapi.json", get(document::openapi))
        .route("/v1/me", get(boards::me))
        .route("/v1/board", get(boards::board))
        .route("/v1/events", get(stream::events))
        .route("/v1/activity", get(activity::activity))
        .route("/metrics", get(metrics::metrics))
        .route("/v1/shards", get(shards::shards))
        .route("/v1/held", get(held::held))
        .route("/v1/advocates", get(boards::advocates))
        .route("/v1/calls", get(boards::calls))
        .route("/v1/calls/{call}", get(boards::call))
        .route("/v1/calls/{call}/text", get(text::read).post(text::write))
        .route("/v1/interpreters", get(boards::interpreters))
        .route("/v1/acts/{act}", post(acts::act))
        .route("/v1/acts/interpreter", post(acts::interpreter))
        .route("/v1/acts/transfer", post(acts::transfer))
        .route("/v1/acts/supervise", post(supervising::supervise))
        .route("/v1/acts/stop-supervising", post(supervising::stop_supervising))
        .route("/v1/acts/take-over", post(supervising::take_over))
        .route("/v1/reload", post(operating::reload))
        .route("/v1/drain", post(operating::drain))
        .route_layer(from_fn_with_state(Arc::clone(&shared), gate))
        .fallback(|| async { Refusal::NotFound })
        .layer(DefaultBodyLimit::max(LARGEST))
        .with_state(shared)
}

/// Who asks through the control socket counts as one client.
const CONTROL: usize = 1;
/// Those of all streams, and as many again that ask.
const CONNECTIONS: usize = 640;
const PAUSE: Duration = Duration::from_millis(100);
/// How long what we sent may be on its way: streams send something every 15 s.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);
/// From the connection, or the last answer, to the end of the next request's head.
const HEADER_PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests;
