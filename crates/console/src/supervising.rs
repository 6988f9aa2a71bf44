//! What a supervisor does at her screen: she takes part in a colleague's call, never hidden.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Extension, State};
use axum::http::HeaderMap;
use axum::response::Response;
use model::AdvocateId;
use serde::Deserialize;
use switchboard::{Act, Attendance, Whose};
use utoipa::ToSchema;

use crate::Who;
use crate::acts::{Answer, perform_as, read};
use crate::gate::{Asks, Shared};
use crate::refusal::{Refusal, Refused};

/// Which call, and how she takes part.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct Supervision {
    /// The call's name on the boards.
    #[schema(example = "9f86d081884c7d65")]
    call: String,
    r#as: How,
}

/// How a supervisor takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum How {
    /// She hears all, and nobody hears her.
    Listen,
    /// She hears all; only the advocate hears her.
    Coach,
    /// All hear each other.
    Join,
}

/// Takes part in a colleague's call: her phone rings. Again, with another `as`: in another way.
///
/// The advocate is told before she hears her, and the caller before she hears her; where no words
/// exist in the caller's language the advocate tells her, and opens the way. She leaves by hanging
/// up. If the advocate is lost while she talks with all, the caller is hers. Nobody is disturbed by what becomes of her phone.
#[utoipa::path(
    post, path = "/v1/acts/supervise", tag = "supervisor", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 64 characters")),
    request_body = Supervision,
    responses(
        (status = 200, description = "Her phone rings, or she takes part so from now on", body = Answer),
        (status = 403, description = "The token names no advocate who supervises", body = Answer),
        (status = 404, description = "No such call", body = Refused),
        (status = 409, description = "Nobody talks in it, another supervisor is there, she has a call, or no phone", body = Answer),
        (status = 413, description = "Larger than 64 kB", body = Refused),
        (status = 422, description = "Not JSON of this shape", body = Refused),
    )
)]
pub(crate) async fn supervise(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    headers: HeaderMap,
    body: Result<Json<Supervision>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Supervision { call: name, r#as } = read(body)?;
    let advocate = hers(asks)?;
    let latest = shared.latest();
    let call = latest.calls.iter().find(|call| call.call.to_string() == name);
    let whose = Whose::Call(call.ok_or(Refusal::NotFound)?.call);
    let attendance = match r#as {
        How::Listen => Attendance::Listening,
        How::Coach => Attendance::Coaching,
        How::Join => Attendance::Joining,
    };
    perform_as(&shared, (asks, advocate), &headers, Act::Supervise(whose, attendance)).await
}

/// Leaves the call she takes part in.
#[utoipa::path(
    post, path = "/v1/acts/stop-supervising", tag = "supervisor", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 64 characters")),
    responses(
        (status = 200, description = "She takes part in no call", body = Answer),
        (status = 403, description = "The token names no advocate", body = Refused),
    )
)]
pub(crate) async fn stop_supervising(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let advocate = hers(asks)?;
    perform_as(&shared, (asks, advocate), &headers, Act::StopSupervising).await
}

/// Takes the caller whose advocate was lost while she listened or coached: the caller waits, first in
/// line, and for 20 s the supervisor's phone stays in the call and is asked whether she takes her.
#[utoipa::path(
    post, path = "/v1/acts/take-over", tag = "supervisor", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 64 characters")),
    responses(
        (status = 200, description = "She is the caller's advocate now", body = Answer),
        (status = 403, description = "The token names no advocate", body = Refused),
        (status = 409, description = "She takes part in no call, or its advocate is there", body = Answer),
    )
)]
pub(crate) async fn take_over(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let advocate = hers(asks)?;
    perform_as(&shared, (asks, advocate), &headers, Act::TakeOver).await
}

/// The advocate whose phone a supervisor uses.
const fn hers(asks: Asks) -> Result<AdvocateId, Refusal> {
    match asks.who {
        Who::Supervisor(Some(advocate)) => Ok(advocate),
        _ => Err(Refusal::Forbidden),
    }
}
