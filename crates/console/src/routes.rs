//! The one table of who may ask what. A route that is not in it is refused, whatever the router
//! knows; `document` and the tests are compared with it.

use axum::http::Method;

use crate::Role::{self, Advocate, Monitor, Operator, Supervisor};

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    /// As the router writes it.
    pub(crate) path: &'static str,
    pub(crate) allowed: Allowed,
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Anyone, without a token: it tells nobody anything.
    Anyone,
    /// Tokens of these roles.
    Roles(&'static [Role]),
}

/// The table.
pub(crate) static ROUTES: [Route; 24] = [
    get("/health/live", Allowed::Anyone),
    get("/health/ready", Allowed::Anyone),
    get("/openapi.json", Allowed::Anyone),
    get("/v1/me", Allowed::Roles(EVERY_ROLE)),
    get("/v1/board", Allowed::Roles(EVERY_ROLE)),
    get("/v1/events", Allowed::Roles(EVERY_ROLE)),
    get("/metrics", Allowed::Roles(&[Operator, Monitor])),
    get("/v1/shards", Allowed::Roles(&[Operator, Supervisor, Monitor])),
    get("/v1/held", Allowed::Roles(&[Operator, Supervisor, Monitor])),
    get("/v1/advocates", Allowed::Roles(&[Operator, Supervisor])),
    get("/v1/interpreters", Allowed::Roles(&[Advocate, Operator, Supervisor])),
    // O9: rows about calls only to the advocate who is in one, and to supervisors.
    get("/v1/calls", Allowed::Roles(&[Advocate, Supervisor])),
    get("/v1/calls/{call}", Allowed::Roles(&[Advocate, Supervisor])),
    get("/v1/activity", Allowed::Roles(&[Advocate, Supervisor])),
    // C20: a caller's words, to the advocate who is in her call; the handlers look at whose it is.
    get("/v1/calls/{call}/text", Allowed::Roles(&[Advocate])),
    post("/v1/calls/{call}/text", Allowed::Roles(&[Advocate])),
    post("/v1/acts/{act}", Allowed::Roles(&[Advocate])),
    post("/v1/acts/interpreter", Allowed::Roles(&[Advocate])),
    post("/v1/acts/transfer", Allowed::Roles(&[Advocate])),
    post("/v1/acts/supervise", Allowed::Roles(&[Supervisor])),
    post("/v1/acts/stop-supervising", Allowed::Roles(&[Supervisor])),
    post("/v1/acts/take-over", Allowed::Roles(&[Supervisor])),
    post("/v1/reload", Allowed::Roles(&[Operator])),
    post("/v1/drain", Allowed::Roles(&[Operator])),
];

pub(crate) const EVERY_ROLE: &[Role] = &[Advocate, Operator, Supervisor, Monitor];

/// The row of a request; none for what is in no row.
pub(crate) fn allowed(method: &Method, path: &str) -> Option<Allowed> {
    // RFC 9110 §9.3.2: HEAD is GET without the content.
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let row = ROUTES.iter().find(|route| route.path == path && route.method == *method)?;
    Some(row.allowed)
}

const fn get(path: &'static str, allowed: Allowed) -> Route {
    Route { method: Method::GET, path, allowed }
}

const fn post(path: &'static str, allowed: Allowed) -> Route {
    Route { method: Method::POST, path, allowed }
}
