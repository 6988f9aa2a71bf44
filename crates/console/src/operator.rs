//! The API as the operator of this machine asks it: through the control socket, without a token.

use std::io;
use std::path::Path;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request, StatusCode};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tokio::time::timeout;

use crate::{AdvocateRow, Board, Held, InterpreterRow, Operated, Reloaded, ShardRow};

/// A connection to a running engine.
#[derive(Debug)]
pub struct Operator {
    sender: SendRequest<Body>,
}

impl Operator {
    /// Connects to the engine whose control socket is at `path`.
    ///
    /// # Errors
    /// When none listens there.
    pub async fn connect(path: &Path) -> io::Result<Self> {
        let stream = UnixStream::connect(path).await?;
        let handshake = http1::handshake(TokioIo::new(stream)).await;
        let (sender, connection) = handshake.map_err(io::Error::other)?;
        // Ends with the sender; what ends it sooner fails the request.
        tokio::spawn(connection);
        Ok(Self { sender })
    }

    /// The live board.
    ///
    /// # Errors
    /// When the engine does not answer, like all that follow.
    pub async fn board(&mut self) -> io::Result<Board> {
        self.get("/v1/board").await
    }

    /// Every advocate's state.
    ///
    /// # Errors
    /// See [`Self::board`].
    pub async fn advocates(&mut self) -> io::Result<Vec<AdvocateRow>> {
        self.get("/v1/advocates").await
    }

    /// Interpreters who are sought or there.
    ///
    /// # Errors
    /// See [`Self::board`].
    pub async fn interpreters(&mut self) -> io::Result<Vec<InterpreterRow>> {
        self.get("/v1/interpreters").await
    }

    /// How each media thread stands.
    ///
    /// # Errors
    /// See [`Self::board`].
    pub async fn shards(&mut self) -> io::Result<Vec<ShardRow>> {
        self.get("/v1/shards").await
    }

    /// What there is of everything.
    ///
    /// # Errors
    /// See [`Self::board`].
    pub async fn held(&mut self) -> io::Result<Held> {
        self.get("/v1/held").await
    }

    /// Checks the plans' files and puts them live; faulty ones change nothing.
    ///
    /// # Errors
    /// See [`Self::board`].
    pub async fn reload(&mut self) -> io::Result<Reloaded> {
        let (status, Operated { text, .. }) = self.ask(Method::POST, "/v1/reload").await?;
        Ok(match status {
            StatusCode::OK => Reloaded::Live(text),
            _ => Reloaded::Refused(text),
        })
    }

    async fn get<T: DeserializeOwned>(&mut self, path: &'static str) -> io::Result<T> {
        Ok(self.ask(Method::GET, path).await?.1)
    }

    async fn ask<T: DeserializeOwned>(
        &mut self,
        method: Method,
        path: &'static str,
    ) -> io::Result<(StatusCode, T)> {
        let request = Request::builder().method(method).uri(path).header("Host", "localhost");
        let request = request.body(Body::empty()).map_err(io::Error::other)?;
        let answered = async {
            // It may not have been told yet that the last answer has been read.
            self.sender.ready().await.map_err(io::Error::other)?;
            let response = self.sender.send_request(request).await.map_err(io::Error::other)?;
            let status = response.status();
            let body = to_bytes(Body::new(response.into_body()), LARGEST).await;
            Ok((status, body.map_err(io::Error::other)?))
        };
        let (status, body) = timeout(PATIENCE, answered).await.unwrap_or_else(|_| {
            Err(io::Error::new(io::ErrorKind::TimedOut, "it did not answer in time"))
        })?;
        let answer = serde_json::from_slice(&body);
        Ok((status, answer.map_err(|_| io::Error::other(format!("it answered {status}")))?))
    }
}

/// More than the rows of any hotline take.
const LARGEST: usize = 16 * 1024 * 1024;
/// An engine gives up sooner, and says so.
const PATIENCE: Duration = Duration::from_secs(15);
