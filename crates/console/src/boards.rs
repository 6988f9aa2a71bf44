//! How the hotline stands: counts for everyone, rows for those who may see them (O9).

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Extension, Path, State};
use serde::Serialize;
use switchboard::{CallState, Snapshot};
use utoipa::ToSchema;

use crate::gate::{Asks, Shared};
use crate::refusal::{Refusal, Refused};
use crate::views::{AdvocateRow, Board, CallRow, Desk, InterpreterRow};
use crate::{Role, Who};

/// Whose token it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Me {
    /// The client's name in the configuration.
    pub(crate) name: String,
    #[schema(example = "advocate")]
    pub(crate) role: &'static str,
    /// An advocate's own state and call.
    pub(crate) desk: Option<Desk>,
}

/// Whose token this is; for an advocate, how she stands.
#[utoipa::path(get, path = "/v1/me", tag = "boards", security(("token" = [])),
    responses((status = 200, body = Me), (status = 401, body = Refused)))]
pub(crate) async fn me(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
) -> Json<Me> {
    let latest = shared.latest();
    let desk = match asks.who {
        Who::Advocate(advocate) => shared.view(&latest).desk(advocate),
        _ => None,
    };
    let name = shared.name(asks.client).to_owned();
    Json(Me { name, role: role(asks.who.role()), desk })
}

/// The live board: counts and the longest wait of each queue.
#[utoipa::path(get, path = "/v1/board", tag = "boards", security(("token" = [])),
    responses((status = 200, body = Board), (status = 401, body = Refused)))]
pub(crate) async fn board(State(shared): State<Arc<Shared>>) -> Json<Board> {
    Json(shared.view(&shared.latest()).board())
}

/// Every advocate's state; her call for supervisors only.
#[utoipa::path(get, path = "/v1/advocates", tag = "boards", security(("token" = [])),
    responses((status = 200, body = [AdvocateRow]), (status = 403, body = Refused)))]
pub(crate) async fn advocates(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
) -> Json<Vec<AdvocateRow>> {
    let latest = shared.latest();
    let view = shared.view(&latest);
    let shown = |row: AdvocateRow| AdvocateRow {
        call: row.call.filter(|_| asks.who.role() == Role::Supervisor),
        ..row
    };
    Json(latest.advocates.iter().map(|state| shown(view.advocate(state))).collect())
}

/// All calls for a supervisor, her own for an advocate.
#[utoipa::path(get, path = "/v1/calls", tag = "boards", security(("token" = [])),
    responses((status = 200, body = [CallRow]), (status = 403, body = Refused)))]
pub(crate) async fn calls(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
) -> Json<Vec<CallRow>> {
    let latest = shared.latest();
    let view = shared.view(&latest);
    Json(seen(&latest, asks.who).map(|call| view.call(call)).collect())
}

/// One call; one that may not be seen is not found.
#[utoipa::path(get, path = "/v1/calls/{call}", tag = "boards", security(("token" = [])),
    params(("call" = String, Path)),
    responses((status = 200, body = CallRow), (status = 404, body = Refused)))]
pub(crate) async fn call(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<CallRow>, Refusal> {
    let Path(id) = id.map_err(|_| Refusal::NotFound)?;
    let latest = shared.latest();
    let found = seen(&latest, asks.who).find(|call| call.call.to_string() == id);
    found.map(|call| Json(shared.view(&latest).call(call))).ok_or(Refusal::NotFound)
}

/// Interpreters who are sought or there, in the calls that may be seen; for an operator all, without
/// their calls.
#[utoipa::path(get, path = "/v1/interpreters", tag = "boards", security(("token" = [])),
    responses((status = 200, body = [InterpreterRow]), (status = 403, body = Refused)))]
pub(crate) async fn interpreters(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
) -> Json<Vec<InterpreterRow>> {
    let latest = shared.latest();
    let view = shared.view(&latest);
    Json(match asks.who {
        Who::Operator => {
            let shown = |row: InterpreterRow| InterpreterRow { call: None, ..row };
            latest.calls.iter().filter_map(|call| view.interpreter(call)).map(shown).collect()
        }
        who => seen(&latest, who).filter_map(|call| view.interpreter(call)).collect(),
    })
}

/// The calls that `who` may see rows about.
pub(crate) fn seen(snapshot: &Snapshot, who: Who) -> impl Iterator<Item = &CallState> {
    snapshot.calls.iter().filter(move |call| match who {
        Who::Supervisor(_) => true,
        Who::Advocate(advocate) => call.advocate == Some(advocate),
        Who::Operator | Who::Monitor => false,
    })
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Advocate => "advocate",
        Role::Operator => "operator",
        Role::Supervisor => "supervisor",
        Role::Monitor => "monitor",
    }
}
