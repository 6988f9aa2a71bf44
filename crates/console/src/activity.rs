//! `GET /v1/activity`: who talks, how loud, who talks at once and who is not heard at all, as
//! server-sent events: at most one a second, and only when something is different. The latest state
//! counts: nothing is numbered, kept or resumed, and no slow reader is waited for.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Extension, State};
use axum::response::sse::{self, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use serde::Serialize;
use switchboard::Snapshot;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior, interval};
use utoipa::ToSchema;

use crate::Who;
use crate::boards::seen;
use crate::gate::{Asks, Shared};
use crate::refusal::{Refusal, Refused};
use crate::streams::Room;
use crate::views::{SoundRow, sound};

/// What is heard of one call's parties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Activity {
    call: String,
    /// Whether two parties or more talk at once.
    overlap: bool,
    /// Whether somebody of a conversation is not heard at all.
    one_way: bool,
    lines: Vec<SoundRow>,
}

/// What is heard in the calls that may be seen, from now on.
///
/// Each event has a list of [`Activity`] as data. No content: a party is a role, a level a step of
/// 3 dB.
#[utoipa::path(
    get, path = "/v1/activity", tag = "events", security(("token" = [])),
    responses(
        (status = 200, description = "A stream of lists", content_type = "text/event-stream",
            body = [Activity]),
        (status = 403, body = Refused),
        (status = 503, description = "Too many streams", body = Refused),
    )
)]
pub(crate) async fn activity(
    State(shared): State<Arc<Shared>>,
    Extension(asks): Extension<Asks>,
) -> Result<Sse<impl Stream<Item = Result<sse::Event, Infallible>>>, Refusal> {
    let room = shared.streams.room(asks.client)?;
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let boards = shared.ports.boards.clone();
    let reader = Reader { who: asks.who, boards, seconds, last: None, _room: room };
    let stream = stream::unfold(reader, |mut reader| async {
        let event = reader.next().await?;
        Some((Ok(event), reader))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE)))
}

/// One client, and what it was told last.
struct Reader {
    who: Who,
    boards: watch::Receiver<Arc<Snapshot>>,
    seconds: Interval,
    last: Option<Vec<Activity>>,
    _room: Room,
}

impl Reader {
    /// The next event; `None` when the engine has ended.
    async fn next(&mut self) -> Option<sse::Event> {
        loop {
            self.seconds.tick().await;
            self.boards.has_changed().ok()?;
            let heard = heard(&self.boards.borrow(), self.who);
            if self.last.as_ref() != Some(&heard) {
                let event = sse::Event::default().event("activity").json_data(&heard);
                self.last = Some(heard);
                // These values always are JSON.
                return event.ok();
            }
        }
    }
}

fn heard(snapshot: &Snapshot, who: Who) -> Vec<Activity> {
    let activity = |call: &switchboard::CallState| Activity {
        call: call.call.to_string(),
        overlap: call.has_overlap(),
        one_way: call.is_one_way(),
        lines: call.lines.iter().map(sound).collect(),
    };
    seen(snapshot, who).map(activity).collect()
}

const ALIVE: Duration = Duration::from_secs(15);
