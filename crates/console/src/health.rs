//! Whether the engine lives, and whether it takes calls.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use switchboard::Capacity;
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
    let latest = shared.latest();
    let (status, health) = match latest.capacity {
        _ if latest.draining => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
        _ if latest.shards.iter().any(|shard| shard.is_stuck) => {
            (StatusCode::SERVICE_UNAVAILABLE, "media-stuck")
        }
        Capacity::Full => (StatusCode::SERVICE_UNAVAILABLE, "overloaded"),
        Capacity::Free | Capacity::Tight => (StatusCode::OK, "ready"),
    };
    (status, Json(Health { health }))
}
