//! `/v1/calls/{call}/text`: an advocate reads and writes the real-time text of the call she is in.
//!
//! This is the one place of the API that shows a caller's words: to the advocate who may hear her, as
//! they come, and never again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use axum::response::sse::{self, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use model::{AdvocateId, CallId, Pii};
use serde::{Deserialize, Serialize};
use switchboard::{Act, Passage};
use tokio::sync::mpsc;
use utoipa::ToSchema;

use crate::Who;
use crate::acts::{self, Answer};
use crate::gate::{Asks, Shared};
use crate::refusal::{Refusal, Refused};
use crate::screens::OpenScreen;
use crate::streams::Room;

/// A few characters that somebody wrote.
#[derive(Serialize, ToSchema)]
pub(crate) struct Written<'a> {
    /// `caller`, `interpreter`, `supervisor` or `centre`.
    #[schema(example = "caller")]
    from: &'static str,
    /// To be added to what is shown already; U+0008 erases a character.
    #[schema(example = "hel")]
    text: &'a str,
}

/// What an advocate writes.
#[derive(Deserialize, ToSchema)]
pub(crate) struct Writes {
    /// At most 1000 bytes.
    #[schema(example = "I am here.")]
    text: String,
}

/// What is written in her call, from now on.
///
/// Each `text` event is a [`Written`]. There are no numbers: nothing is kept, so nothing can be asked
/// for again. The stream ends with her part in the call.
#[utoipa::path(
    get, path = "/v1/calls/{call}/text", tag = "advocate", security(("token" = [])),
    params(("call" = String, Path)),
    responses(
        (status = 200, description = "A stream of text", content_type = "text/event-stream",
            body = Written),
        (status = 404, description = "Not a call she is in", body = Refused),
        (status = 503, description = "Too many streams", body = Refused),
    )
)]
pub(crate) async fn read(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    call: Result<Path<String>, PathRejection>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Refusal> {
    let room = shared.streams.room(asks.client)?;
    let (advocate, call) = own_call(&shared, asks, call)?;
    let passages = shared.ports.texts.stream(advocate, call);
    let screen = shared.ports.screens.opens(advocate, Some(call));
    let stream = stream::unfold((passages, room, screen), next);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE)))
}

/// Shows everyone in her call who has text, and may hear her, what she writes.
#[utoipa::path(
    post, path = "/v1/calls/{call}/text", tag = "advocate", security(("token" = [])),
    params(
        ("call" = String, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "At most 64 characters"),
    ),
    request_body = Writes,
    responses(
        (status = 200, description = "It is on its way", body = Answer),
        (status = 404, description = "Not a call she is in", body = Refused),
        (status = 409, description = "Nobody who may hear her has text", body = Answer),
        (status = 413, description = "More than 1000 bytes", body = Refused),
        (status = 422, description = "Not JSON of this shape", body = Refused),
    )
)]
pub(crate) async fn write(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    call: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Json<Writes>, JsonRejection>,
) -> Result<Response, Refusal> {
    let Writes { text } = acts::read(body)?;
    if text.len() > LONGEST {
        return Err(Refusal::TooLarge);
    }
    if text.is_empty() {
        return Err(Refusal::Malformed(StatusCode::UNPROCESSABLE_ENTITY));
    }
    let (_, call) = own_call(&shared, asks, call)?;
    acts::perform(&shared, asks, &headers, Act::Write { call, text: Pii::new(text) }).await
}

/// The call of this name, if it is the one that she is in.
fn own_call(
    shared: &Shared,
    asks: Asks,
    name: Result<Path<String>, PathRejection>,
) -> Result<(AdvocateId, CallId), Refusal> {
    let Path(name) = name.map_err(|_| Refusal::NotFound)?;
    let Who::Advocate(advocate) = asks.who else { return Err(Refusal::Forbidden) };
    let latest = shared.latest();
    let mut hers = latest.calls.iter().filter(|call| call.advocate == Some(advocate));
    let call = hers.find(|call| call.call.to_string() == name).ok_or(Refusal::NotFound)?;
    Ok((advocate, call.call))
}

type Reading = (mpsc::Receiver<Passage>, Room, OpenScreen);

async fn next(
    (mut passages, room, screen): Reading,
) -> Option<(Result<sse::Event, Infallible>, Reading)> {
    let Passage { from, text, .. } = passages.recv().await?;
    let written = Written { from: from.as_str(), text: text.reveal() };
    // These values always are JSON.
    let event = sse::Event::default().event("text").json_data(written).ok()?;
    Some((Ok(event), (passages, room, screen)))
}

const ALIVE: Duration = Duration::from_secs(15);
/// The longest text of one request, in bytes: a screenful.
const LONGEST: usize = 1000;
