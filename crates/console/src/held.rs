//! What a running hotline holds, counted in every part: an engineer on call sees a leak in it before
//! a caller does.
//!
//! When no call is left, everything but tasks and transactions is zero within a second; transactions
//! go when repeated messages can no longer come (RFC 3261 §17, some 32 s).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::gate::Shared;
use crate::operating::ask;
use crate::ports::Request;
use crate::refusal::{Refusal, Refused};

/// Counts of one instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Held {
    /// Calls that exist.
    pub calls: usize,
    /// Their legs, as call control knows them.
    pub legs: usize,
    /// Callers who wait for an advocate.
    pub waiting: usize,
    /// Legs that signalling holds.
    pub signalling_legs: u64,
    /// Transactions of the signalling.
    pub transactions: u64,
    /// Legs that hold media sockets, each with its pair of ports.
    pub media_legs: usize,
    /// Tasks of the whole process.
    pub tasks: usize,
    /// States that had no owner or deadline any more and were healed: none, or there is a defect.
    pub healed: u64,
}

impl Held {
    /// Whether nothing of any call is left.
    pub const fn is_free(&self) -> bool {
        let Self { calls, legs, waiting, media_legs, signalling_legs, .. } = *self;
        calls + legs + waiting + media_legs == 0 && signalling_legs == 0
    }
}

/// What there is of everything, in every part of the engine.
#[utoipa::path(get, path = "/v1/held", tag = "boards", security(("token" = [])),
    responses((status = 200, body = Held), (status = 503, body = Refused)))]
pub(crate) async fn held(State(shared): State<Arc<Shared>>) -> Result<Json<Held>, Refusal> {
    Ok(Json(ask(&shared, Request::Held).await?))
}
