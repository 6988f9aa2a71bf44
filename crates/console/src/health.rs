//! Whether the engine lives, and whether it takes calls.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::gate::Shared;

/// One word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(example = "ready")]
    pub(crate) health: &'static str,
}

/// The process answers.
#[utoipa::path(get, path = "/health/live", tag = "health",
    responses((status = 200, body = Health)))]
pub(crate) async fn live() -> Json<Health> {
    Json(Health { health: "live" })
}

/// New calls are taken.
#[utoipa::path(get, path = "/health/ready", tag = "health",
    responses((status = 200, body = Health), (status = 503, body = Health)))]
pub(crate) async fn ready(State(shared): State<Arc<Shared>>) -> (StatusCode, Json<Health>) {
    // The writer goes with the engine.
    if shared.ports.boards.has_changed().is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(Health { health: "ended" }));
    }
    if shared.latest().draining {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(Health { health: "draining" }));
    }
    (StatusCode::OK, Json(Health { health: "ready" }))
}
