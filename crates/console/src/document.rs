//! The OpenAPI description, made from the handlers themselves.

use axum::Json;
use axum::http::Method;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, RefOr, Response, ResponseBuilder, schema::Ref};
use utoipa::{Modify, OpenApi};

use crate::routes::{Allowed, EVERY_ROLE, allowed};
use crate::{
    activity, acts, boards, health, held, metrics, operating, shards, stream, supervising, text,
};

/// The API as an OpenAPI document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Northline",
        description = "The telephone engine of a hotline: an advocate's actions, the live board, \
                       what happens, and operation. No answer holds caller data but the live text of \
                       an advocate's own call."
    ),
    paths(
        health::live,
        health::ready,
        openapi,
        boards::me,
        boards::board,
        boards::advocates,
        boards::calls,
        boards::call,
        text::read,
        text::write,
        boards::interpreters,
        metrics::metrics,
        shards::shards,
        held::held,
        acts::act,
        acts::interpreter,
        acts::transfer,
        supervising::supervise,
        supervising::stop_supervising,
        supervising::take_over,
        stream::events,
        activity::activity,
        operating::reload,
        operating::drain,
    ),
    components(schemas(stream::Gap)),
    modifiers(&BearerToken, &Refusals)
)]
struct Document;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// What is answered before a handler is asked, or for all of them alike.
struct Refusals;

impl Modify for Refusals {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut document.paths.paths {
            for (method, operation) in
                [(Method::GET, &mut item.get), (Method::POST, &mut item.post)]
            {
                let row = allowed(&method, path);
                let Some((operation, row)) = operation.as_mut().zip(row) else { continue };
                for (status, description) in refusals(operation, &method, row) {
                    let described = operation.responses.responses.entry(status.to_owned());
                    described.or_insert_with(|| refused(description));
                }
            }
        }
    }
}

fn refusals(
    operation: &Operation,
    method: &Method,
    row: Allowed,
) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let is_post = method == Method::POST;
    let wants_token = row != Allowed::Anyone;
    let is_for_some = wants_token && row != Allowed::Roles(EVERY_ROLE);
    let cases = [
        (wants_token, "401", "No token, or no client's"),
        (true, "408", "It took longer than ten seconds"),
        (true, "413", "Larger than 64 kB"),
        (
            wants_token,
            "429",
            "Ten different wrong tokens, or more than twenty acts a second; Retry-After says when",
        ),
        (is_for_some, "403", "Not for tokens of this role"),
        (is_post, "400", "A malformed body or Idempotency-Key"),
        (is_post, "503", "The engine is ending"),
        (operation.request_body.is_some(), "415", "Not application/json"),
    ];
    cases.into_iter().filter(|case| case.0).map(|(_, status, words)| (status, words))
}

fn refused(description: &str) -> RefOr<Response> {
    let body = Content::new(Some(Ref::from_schema_name("Refused")));
    ResponseBuilder::new().description(description).content("application/json", body).into()
}

/// The OpenAPI document as JSON.
pub fn document() -> String {
    let json = Document::openapi().to_pretty_json();
    json.expect("a document of strings, numbers and tables is JSON") + "\n"
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "health",
    responses((status = 200, description = "An OpenAPI document")))]
pub(crate) async fn openapi() -> Json<utoipa::openapi::OpenApi> {
    Json(Document::openapi())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::{Allowed, ROUTES};

    #[test]
    fn the_document_describes_exactly_the_routes_of_the_table() {
        let document: serde_json::Value = serde_json::from_str(&document()).expect("JSON");
        let paths = document["paths"].as_object().expect("paths");
        let described: BTreeSet<String> = paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("methods").keys();
                methods.map(move |method| format!("{} {path}", method.to_uppercase()))
            })
            .collect();
        let routed: BTreeSet<String> =
            ROUTES.iter().map(|route| format!("{} {}", route.method, route.path)).collect();
        assert_eq!(described, routed);
    }

    #[test]
    fn the_document_says_which_routes_need_a_token() {
        let document: serde_json::Value = serde_json::from_str(&document()).expect("JSON");
        for route in &ROUTES {
            let item = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            let wants_token = item["security"].is_array();
            assert_eq!(wants_token, route.allowed != Allowed::Anyone, "{}", route.path);
        }
    }
}
