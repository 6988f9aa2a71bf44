//! What an operator does: put plans live, stop taking calls.

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use utoipa::ToSchema;

use crate::gate::{Asks, Shared};
use crate::ports::{Reloaded, Request};
use crate::refusal::{Refusal, Refused};

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Operated {
    /// `live`, `refused` or `draining`.
    #[schema(example = "live")]
    pub outcome: Cow<'static, str>,
    /// What changed, or what is wrong with the plans, for the operator to read.
    pub text: String,
}

/// Checks the plans' files and puts them live for new calls; faulty ones change nothing.
#[utoipa::path(post, path = "/v1/reload", tag = "operator", security(("token" = [])),
    responses(
        (status = 200, description = "Live for new calls", body = Operated),
        (status = 422, description = "Nothing changed", body = Operated),
        (status = 403, body = Refused),
    ))]
pub(crate) async fn reload(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
) -> Result<(StatusCode, Json<Operated>), Refusal> {
    tracing::info!(client = shared.name(asks.client), "reload");
    Ok(match ask(&shared, Request::Reload).await? {
        Reloaded::Live(text) => (StatusCode::OK, operated("live", text)),
        Reloaded::Refused(text) => (StatusCode::UNPROCESSABLE_ENTITY, operated("refused", text)),
    })
}

/// Takes no new calls from now on; the engine ends with its last running call.
#[utoipa::path(post, path = "/v1/drain", tag = "operator", security(("token" = [])),
    responses((status = 200, body = Operated), (status = 403, body = Refused)))]
pub(crate) async fn drain(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
) -> Result<Json<Operated>, Refusal> {
    tracing::info!(client = shared.name(asks.client), "drain");
    ask(&shared, Request::Drain).await?;
    let text = "running calls finish, new ones are refused\n".to_owned();
    Ok(operated("draining", text))
}

const fn operated(outcome: &'static str, text: String) -> Json<Operated> {
    Json(Operated { outcome: Cow::Borrowed(outcome), text })
}

/// Asks the engine; one that has ended answers nothing.
pub(crate) async fn ask<T>(
    shared: &Shared,
    request: impl FnOnce(oneshot::Sender<T>) -> Request,
) -> Result<T, Refusal> {
    let (answer, answered) = oneshot::channel();
    shared.ports.requests.send(request(answer)).await.map_err(|_| Refusal::Ending)?;
    answered.await.map_err(|_| Refusal::Ending)
}
