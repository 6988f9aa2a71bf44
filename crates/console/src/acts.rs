//! What an advocate does at her screen: the acts of her star codes.

use std::sync::Arc;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Json, http};
use model::AdvocateId;
use serde::{Deserialize, Serialize};
use switchboard::{Act, Mode, Outcome, Wanted};
use tokio::sync::oneshot;
use utoipa::ToSchema;

use crate::gate::{Asks, Shared};
use crate::ports::{Acted, Request};
use crate::refusal::{Refusal, Refused};
use crate::views::{self, Desk};
use crate::{Who, once};

/// What an advocate does without saying more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ActName {
    /// Take calls.
    Ready,
    /// Take no calls, or none after this one.
    Away,
    /// What the last call left to do is done.
    WrapUpDone,
    /// Set the caller aside.
    Hold,
    /// Set the caller aside to talk with the interpreter.
    Private,
    /// Return to the caller from hold or private talk.
    Back,
    /// Say goodbye to the caller and end the call.
    End,
    /// The interpreter speaks at the same time: caller and advocate hear each other lowered.
    Simultaneous,
    /// The interpreter speaks after the others, as at first.
    Consecutive,
    /// Let the interpreter hear the caller.
    OpenWay,
    /// Give up this vendor and try the next.
    NextRoute,
    /// Stop the search, or let the interpreter go.
    Cancel,
    /// Another interpreter.
    Replace,
    /// This is a person, join now.
    Join,
}

impl ActName {
    const fn act(self) -> Act {
        match self {
            Self::Ready => Act::Ready,
            Self::Away => Act::Away,
            Self::WrapUpDone => Act::WrapUpDone,
            Self::Hold => Act::Hold,
            Self::Private => Act::Private,
            Self::Back => Act::TakeBack,
            Self::End => Act::End,
            Self::Simultaneous => Act::Mode(Mode::Simultaneous),
            Self::Consecutive => Act::Mode(Mode::Consecutive),
            Self::OpenWay => Act::OpenWay,
            Self::NextRoute => Act::NextRoute,
            Self::Cancel => Act::Cancel,
            Self::Replace => Act::Replace,
            Self::Join => Act::Person,
        }
    }
}

/// The language an interpreter is asked for: its tag, or its number on the card.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Asked {
    #[schema(example = "vi")]
    Language(String),
    #[schema(example = 103)]
    Number(u16),
}

/// Who is to have the caller.
#[derive(Clone, PartialEq, Eq, Deserialize, ToSchema)]
pub(crate) struct HandOn {
    /// The name of an advocate, of a place of `diversions`, or of a queue; empty for the queue the
    /// caller came from. Never a number.
    #[schema(example = "bruna")]
    to: String,
}

/// What became of an act, and how she stands now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Answer {
    /// `done`, `already`, `repeated`, `not-now`, `no-call`, `unknown-language`, `unknown-target`,
    /// `busy`, `unavailable` or `not-allowed`.
    #[schema(example = "done")]
    pub(crate) outcome: &'static str,
    pub(crate) desk: Option<Desk>,
}

/// Does one of an advocate's acts.
///
/// Repeated, it changes nothing and answers with how she stands; `next-route` and `replace` go on
/// each time, unless the request carries the same `Idempotency-Key`.
#[utoipa::path(
    post, path = "/v1/acts/{act}", tag = "advocate", security(("token" = [])),
    params(
        ("act" = ActName, Path),
        ("Idempotency-Key" = Option<String>, Header, description = "At most 64 characters"),
    ),
    responses(
        (status = 200, description = "It is so now", body = Answer),
        (status = 409, description = "It means nothing as things are; nothing changed", body = Answer),
        (status = 403, description = "Not an advocate's token", body = Refused),
        (status = 404, description = "No such act", body = Refused),
    )
)]
pub(crate) async fn act(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    name: Result<Path<ActName>, axum::extract::rejection::PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let Path(name) = name.map_err(|_| Refusal::NotFound)?;
    perform(&shared, asks, &headers, name.act()).await
}

/// Brings an interpreter for a language.
#[utoipa::path(
    post, path = "/v1/acts/interpreter", tag = "advocate", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 64 characters")),
    request_body = Asked,
    responses(
        (status = 200, description = "An interpreter is sought", body = Answer),
        (status = 409, description = "She is in no call", body = Answer),
        (status = 413, description = "Larger than 64 kB", body = Refused),
        (status = 422, description = "No such language, or not JSON of this shape", body = Answer),
    )
)]
pub(crate) async fn interpreter(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    headers: HeaderMap,
    body: Result<Json<Asked>, JsonRejection>,
) -> Result<Response, Refusal> {
    let asked = read(body)?;
    let wanted = match asked {
        Asked::Number(number) => Wanted::Number(number),
        Asked::Language(tag) => match tag.parse() {
            Ok(tag) => Wanted::Tag(tag),
            Err(_) => return Ok(answer(&shared, asks.who, Outcome::UnknownLanguage)),
        },
    };
    perform(&shared, asks, &headers, Act::Interpreter(wanted)).await
}

/// Hands the caller on: what the transfer key of her phone does.
///
/// She keeps the caller, who hears music, until somebody has answered; `back`, `hold` and
/// `private` take it back until then.
#[utoipa::path(
    post, path = "/v1/acts/transfer", tag = "advocate", security(("token" = [])),
    params(("Idempotency-Key" = Option<String>, Header, description = "At most 64 characters")),
    request_body = HandOn,
    responses(
        (status = 200, description = "Somebody is rung, or the caller is in the queue", body = Answer),
        (status = 409, description = "She is in no call, or nobody there can take the caller", body = Answer),
        (status = 413, description = "Larger than 64 kB", body = Refused),
        (status = 422, description = "No such name, or not JSON of this shape", body = Answer),
    )
)]
pub(crate) async fn transfer(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    headers: HeaderMap,
    body: Result<Json<HandOn>, JsonRejection>,
) -> Result<Response, Refusal> {
    let act = Act::Transfer(read(body)?.to.into());
    perform(&shared, asks, &headers, act).await
}

pub(crate) fn read<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Refusal> {
    let Json(asked) = body.map_err(|rejection| match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        status => Refusal::Malformed(status),
    })?;
    Ok(asked)
}

pub(crate) async fn perform(
    shared: &Shared,
    asks: Asks,
    headers: &HeaderMap,
    act: Act,
) -> Result<Response, Refusal> {
    let Who::Advocate(advocate) = asks.who else { return Err(Refusal::Forbidden) };
    perform_as(shared, (asks, advocate), headers, act).await
}

/// Does an act of `advocate`'s, once for each key.
pub(crate) async fn perform_as(
    shared: &Shared,
    (asks, advocate): (Asks, AdvocateId),
    headers: &HeaderMap,
    act: Act,
) -> Result<Response, Refusal> {
    let key = key(headers)?;
    if key.is_some_and(|key| !shared.once().is_first(asks.client, key)) {
        let desk = shared.view(&shared.latest()).desk(advocate);
        return Ok(Json(Answer { outcome: "repeated", desk }).into_response());
    }
    let acted = ask(shared, advocate, act.clone()).await;
    if acted.is_err() {
        key.into_iter().for_each(|key| shared.once().forget(asks.client, key));
    }
    let Acted { outcome, snapshot } = acted?;
    // The audit of staff actions: who did what, and nothing about a caller, not even how often she
    // is written to.
    if !matches!(act, Act::Write { .. }) {
        tracing::info!(client = shared.name(asks.client), ?act, ?outcome, "act");
    }
    let desk = shared.view(&snapshot).desk(advocate);
    let answer = Answer { outcome: views::outcome(outcome), desk };
    Ok((status(outcome), Json(answer)).into_response())
}

async fn ask(shared: &Shared, advocate: AdvocateId, act: Act) -> Result<Acted, Refusal> {
    let (answer, acted) = oneshot::channel();
    let request = Request::Act { advocate, act, answer };
    shared.ports.requests.send(request).await.map_err(|_| Refusal::Ending)?;
    acted.await.map_err(|_| Refusal::Ending)
}

fn answer(shared: &Shared, who: Who, outcome: Outcome) -> Response {
    let latest = shared.latest();
    let desk = match who {
        Who::Advocate(advocate) => shared.view(&latest).desk(advocate),
        _ => None,
    };
    (status(outcome), Json(Answer { outcome: views::outcome(outcome), desk })).into_response()
}

const fn status(outcome: Outcome) -> StatusCode {
    match outcome {
        Outcome::Done | Outcome::Already => StatusCode::OK,
        Outcome::NotNow | Outcome::NoCall | Outcome::Busy | Outcome::Unavailable => {
            StatusCode::CONFLICT
        }
        Outcome::UnknownLanguage | Outcome::UnknownTarget => StatusCode::UNPROCESSABLE_ENTITY,
        Outcome::NotAllowed => StatusCode::FORBIDDEN,
        Outcome::UnknownAdvocate => StatusCode::NOT_FOUND,
    }
}

fn key(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().filter(|key| !key.is_empty() && key.len() <= once::LONGEST);
    key.map(Some).ok_or(Refusal::Malformed(http::StatusCode::BAD_REQUEST))
}
