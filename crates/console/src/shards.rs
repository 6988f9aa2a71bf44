//! How the media threads stand: load, lateness and what they drop. Numbers, and nothing about a
//! call (O9).

use std::borrow::Cow;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use model::{Scheduling, ShardState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::gate::Shared;
use crate::refusal::Refused;

/// One media thread. Counts grow from its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShardRow {
    /// Its number, from 0.
    pub shard: usize,
    /// Percent of a core it worked in the last half second.
    pub load_percent: u8,
    /// `fifo` (real-time), `nice` or `ordinary`, as the system granted it.
    #[schema(example = "fifo")]
    pub scheduling: Option<Cow<'static, str>>,
    /// Legs it serves.
    pub legs: u64,
    /// Rooms it mixes.
    pub rooms: u64,
    /// Packets.
    pub received: u64,
    /// Packets.
    pub sent: u64,
    /// Packets the kernel would not take.
    pub send_failed: u64,
    /// Errors on receiving.
    pub receive_failed: u64,
    /// Times a peer's machine said that nobody listens there.
    pub peer_refused: u64,
    /// Packets dropped that were not from a leg's peer.
    pub strangers: u64,
    /// Packets dropped that could not be understood.
    pub malformed: u64,
    /// Packets dropped that were not made with an encrypted peer's key.
    pub forged: u64,
    /// Wake-ups more than 2 ms after their time.
    pub late: u64,
    /// Frames of sound that were never made, because the thread came too late for them.
    pub skipped: u64,
    /// Defects that took the leg in hand, and no other.
    pub panicked: u64,
    /// Times its ring was full for 100 ms.
    pub stalled: u64,
    /// Times it hung, and another thread was put in its place.
    pub replaced: u64,
    /// Whether it hangs now.
    pub stuck: bool,
}

/// How each media thread stands.
#[utoipa::path(get, path = "/v1/shards", tag = "boards", security(("token" = [])),
    responses((status = 200, body = [ShardRow]), (status = 403, body = Refused)))]
pub(crate) async fn shards(State(shared): State<Arc<Shared>>) -> Json<Vec<ShardRow>> {
    Json(shared.latest().shards.iter().enumerate().map(row).collect())
}

fn row((shard, state): (usize, &ShardState)) -> ShardRow {
    ShardRow {
        shard,
        load_percent: state.load_percent,
        scheduling: state.scheduling.map(|granted| scheduling(granted).into()),
        legs: state.legs,
        rooms: state.rooms,
        received: state.received,
        sent: state.sent,
        send_failed: state.send_failed,
        receive_failed: state.receive_failed,
        peer_refused: state.peer_refused,
        strangers: state.strangers(),
        malformed: state.malformed,
        forged: state.forged,
        late: state.late,
        skipped: state.skipped,
        panicked: state.panicked,
        stalled: state.stalled,
        replaced: state.replaced,
        stuck: state.is_stuck,
    }
}

const fn scheduling(scheduling: Scheduling) -> &'static str {
    match scheduling {
        Scheduling::Fifo => "fifo",
        Scheduling::Nice => "nice",
        Scheduling::Ordinary => "ordinary",
    }
}
