//! `GET /v1/events`: what happens, as server-sent events that resume by number without a gap.
//!
//! A reader that is slower than the ring is not waited for: it gets a `gap` event with the first
//! number there is, and should read the boards again.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{self, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use utoipa::{IntoParams, ToSchema};

use crate::Who;
use crate::event::Event;
use crate::gate::{Asks, Shared};
use crate::refusal::{Refusal, Refused};
use crate::screens::OpenScreen;
use crate::streams::Room;

/// Where to begin.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct From {
    /// The last number that was read; without it, and without `Last-Event-ID`, what is to come.
    after: Option<u64>,
}

/// Events were missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Gap {
    /// The first number that there still is.
    first: u64,
}

/// What happens, from now on or after a number.
///
/// An advocate who listens has a screen open: callers who write are offered to her first. Each event
/// has its number as `id` and an [`Event`] as data. `gap` says that events are missing.
#[utoipa::path(
    get, path = "/v1/events", tag = "events", security(("token" = [])),
    params(From, ("Last-Event-ID" = Option<u64>, Header)),
    responses(
        (status = 200, description = "A stream of events", content_type = "text/event-stream",
            body = Event),
        (status = 400, description = "No number", body = Refused),
        (status = 503, description = "Too many streams", body = Refused),
    )
)]
pub(crate) async fn events(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
    from: Result<Query<From>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Refusal> {
    let malformed = Refusal::Malformed(StatusCode::BAD_REQUEST);
    let Query(from) = from.map_err(|_| malformed)?;
    let last = match headers.get("last-event-id") {
        // A browser that resumes repeats its first address: the header is newer (HTML §9.2.4).
        Some(id) => Some(id.to_str().ok().and_then(|id| id.parse().ok()).ok_or(malformed)?),
        None => from.after,
    };
    let room = shared.streams.room(asks.client)?;
    let newest = shared.ports.events.newest();
    let read = last.unwrap_or_else(|| *newest.borrow());
    // Where a stream begins is said at once, so that one cut before its first event resumes there.
    let ready = VecDeque::from_iter(last.is_none().then(|| id(read)));
    let screen = match asks.who {
        Who::Advocate(advocate) => Some(shared.ports.screens.opens(advocate, None)),
        _ => None,
    };
    let who = asks.who;
    let reader = Reader { shared, who, read, newest, ready, _room: room, _screen: screen };
    let stream = stream::unfold(reader, |mut reader| async {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE)))
}

/// No event, but the number after which the next one comes.
fn id(read: u64) -> sse::Event {
    sse::Event::default().id(read.to_string())
}

/// One client's place in the ring.
struct Reader {
    shared: Arc<Shared>,
    who: Who,
    read: u64,
    newest: watch::Receiver<u64>,
    ready: VecDeque<sse::Event>,
    _room: Room,
    /// An advocate's.
    _screen: Option<OpenScreen>,
}

impl Reader {
    /// The next event; `None` when the engine has ended.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            // Marked before it is read, so that nothing written meanwhile is slept through.
            self.newest.mark_unchanged();
            if !self.fetch() {
                self.newest.changed().await.ok()?;
            }
        }
    }

    /// Takes what there is; says whether there was anything.
    fn fetch(&mut self) -> bool {
        let batch = self.shared.ports.events.after(self.read);
        let any = batch.gap.is_some() || !batch.events.is_empty();
        self.read = batch.read;
        let gap = batch.gap.map(|first| {
            let event = sse::Event::default().event("gap").id((first - 1).to_string());
            event.json_data(Gap { first })
        });
        let names = &self.shared.names;
        let seen = batch.events.iter().filter_map(|event| event.seen_by(self.who, names));
        let events = seen.map(|event| {
            let named = sse::Event::default().event(event.event).id(event.number.to_string());
            named.json_data(event)
        });
        // These values always are JSON.
        self.ready.extend(gap.into_iter().chain(events).filter_map(Result::ok));
        any
    }
}

const ALIVE: Duration = Duration::from_secs(15);
