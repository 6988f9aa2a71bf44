//! `GET /metrics`: how the hotline and its media stand, in the OpenMetrics text format, for a
//! monitoring system to fetch. Numbers by queue and by media thread, and nothing about a call (D1,
//! O9).

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderName, header};
use model::ShardState;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use switchboard::{Capacity, InterpreterStep, QueueState, Snapshot};

use crate::gate::Shared;
use crate::refusal::{Refusal, Refused};
use crate::waits;

type Labels = [(&'static str, String); 1];

/// Everything that can be counted without a caller.
#[utoipa::path(get, path = "/metrics", tag = "boards", security(("token" = [])),
    responses(
        (status = 200, description = "OpenMetrics", content_type = OPEN_METRICS, body = String),
        (status = 403, body = Refused),
    ))]
pub(crate) async fn metrics(
    State(shared): State<Arc<Shared>>,
) -> Result<([(HeaderName, &'static str); 1], String), Refusal> {
    let latest = shared.latest();
    let seconds = |state: &QueueState| {
        let waited = state.longest_since.map(|since| os::clock::now().since(since).as_secs());
        waited.unwrap_or_default()
    };
    let text = text(&latest, seconds).map_err(|_| Refusal::Ending)?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text))
}

fn text(
    snapshot: &Snapshot,
    longest_wait: impl Fn(&QueueState) -> u64,
) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("northline");
    hotline(&mut registry, snapshot);
    queues(&mut registry, &snapshot.queues, longest_wait);
    shards(&mut registry, &snapshot.shards);
    waits::register(&mut registry, snapshot.waits);
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn hotline(registry: &mut Registry, snapshot: &Snapshot) {
    let interpreters = || snapshot.calls.iter().filter_map(|call| call.interpreter);
    let joined = interpreters().filter(|one| one.step == InterpreterStep::Joined).count();
    let capacity = match snapshot.capacity {
        Capacity::Free => 0,
        Capacity::Tight => 1,
        Capacity::Full => 2,
    };
    for (name, help, value) in [
        ("calls", "Calls that exist", snapshot.calls.len()),
        ("legs", "Legs that exist", snapshot.legs),
        ("draining", "Whether new calls are refused for good", usize::from(snapshot.draining)),
        ("capacity", "0: every new call is taken, 1: no measurements, 2: no callers", capacity),
        ("interpreters_sought", "Interpreters who are sought", interpreters().count() - joined),
        ("interpreters_joined", "Interpreters in a conversation", joined),
    ] {
        let gauge: Gauge = Gauge::default();
        gauge.set(whole(value as u64));
        registry.register(name, help, gauge);
    }
}

fn queues(registry: &mut Registry, queues: &[QueueState], longest: impl Fn(&QueueState) -> u64) {
    let columns: [Column<'_, QueueState>; 7] = [
        ("queue_waiting", "Callers in line", &|queue| queue.waiting as u64),
        ("queue_waiting_by_text", "Those of them with text alone", &|queue| queue.by_text as u64),
        ("queue_longest_wait_seconds", "How long the first of them has waited", &longest),
        ("queue_talking", "Callers who talk with an advocate", &|queue| queue.talking as u64),
        ("queue_ready", "Advocates who are ready or being rung", &|queue| queue.ready as u64),
        ("queue_on_shift", "Advocates who are not away", &|queue| queue.on_shift as u64),
        ("queue_readers", "Those of them who could read", &|queue| queue.readers as u64),
    ];
    for (name, help, value) in columns {
        let rows = queues.iter().map(|queue| ("queue", queue.queue.to_string(), value(queue)));
        registry.register(name, help, gauges(rows));
    }
}

fn shards(registry: &mut Registry, shards: &[ShardState]) {
    let rows = |value: &dyn Fn(&ShardState) -> u64| -> Vec<Row> {
        let rows = shards.iter().enumerate();
        rows.map(|(index, shard)| ("shard", index.to_string(), value(shard))).collect()
    };
    for (name, help, value) in SHARD_GAUGES {
        registry.register(name, help, gauges(rows(&value).into_iter()));
    }
    for (name, help, value) in SHARD_COUNTERS {
        registry.register(name, help, counters(rows(&value).into_iter()));
    }
}

/// A label, its value, and the number under it.
type Row = (&'static str, String, u64);
type Column<'a, T> = (&'static str, &'static str, &'a dyn Fn(&T) -> u64);
type OfShard = (&'static str, &'static str, fn(&ShardState) -> u64);

fn gauges(rows: impl Iterator<Item = Row>) -> Family<Labels, Gauge> {
    let family = Family::<Labels, Gauge>::default();
    for (label, of, value) in rows {
        family.get_or_create(&[(label, of)]).set(whole(value));
    }
    family
}

fn counters(rows: impl Iterator<Item = Row>) -> Family<Labels, Counter> {
    let family = Family::<Labels, Counter>::default();
    for (label, of, value) in rows {
        family.get_or_create(&[(label, of)]).inc_by(value);
    }
    family
}

fn whole(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

const SHARD_GAUGES: [OfShard; 4] = [
    ("shard_load_percent", "Percent of a core it works", |shard| shard.load_percent.into()),
    ("shard_legs", "Legs it serves", |shard| shard.legs),
    ("shard_rooms", "Rooms in which they hear each other", |shard| shard.rooms),
    ("shard_stuck", "Whether its thread hangs", |shard| shard.is_stuck.into()),
];
const SHARD_COUNTERS: [OfShard; 13] = [
    ("shard_received", "Packets received", |shard| shard.received),
    ("shard_sent", "Packets sent", |shard| shard.sent),
    ("shard_send_failed", "Packets the kernel would not take", |shard| shard.send_failed),
    ("shard_receive_failed", "Errors on receiving", |shard| shard.receive_failed),
    ("shard_peer_refused", "Times nobody listened at a peer's port", |shard| shard.peer_refused),
    ("shard_strangers", "Packets that were not from a leg's peer", |shard| shard.strangers()),
    ("shard_malformed", "Packets that could not be understood", |shard| shard.malformed),
    ("shard_forged", "Packets not made with the peer's key", |shard| shard.forged),
    ("shard_late", "Wake-ups more than 2 ms after their time", |shard| shard.late),
    ("shard_skipped", "Frames never made, for want of time", |shard| shard.skipped),
    ("shard_panicked", "Defects that took one leg from it", |shard| shard.panicked),
    ("shard_stalled", "Times its ring was full for 100 ms", |shard| shard.stalled),
    ("shard_replaced", "Times it hung and was replaced", |shard| shard.replaced),
];
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use switchboard::InterpreterWaits;

    use super::*;

    #[test]
    fn o05_every_number_has_its_queue_or_thread_and_nothing_names_a_call() {
        let queue = QueueState {
            queue: "crisis".into(),
            waiting: 2,
            by_text: 1,
            longest_since: None,
            talking: 1,
            ready: 0,
            on_shift: 3,
            readers: 2,
        };
        let shard = ShardState { load_percent: 12, late: 7, ..ShardState::default() };
        let snapshot = Snapshot {
            capacity: Capacity::Tight,
            legs: 5,
            queues: vec![queue],
            shards: vec![ShardState::default(), shard],
            waits: InterpreterWaits {
                joined: [1, 0, 2, 0, 0, 0, 0, 0, 0, 1],
                total: Duration::from_millis(447_500),
                not_found: 3,
            },
            ..Snapshot::default()
        };
        let text = text(&snapshot, |_| 95).expect("a string takes all");
        for line in [
            "# TYPE northline_shard_late counter",
            "northline_shard_late_total{shard=\"1\"} 7",
            "northline_shard_load_percent{shard=\"1\"} 12",
            "northline_shard_late_total{shard=\"0\"} 0",
            "northline_queue_longest_wait_seconds{queue=\"crisis\"} 95",
            "northline_queue_waiting{queue=\"crisis\"} 2",
            "northline_queue_waiting_by_text{queue=\"crisis\"} 1",
            "northline_queue_readers{queue=\"crisis\"} 2",
            "northline_capacity 1",
            "northline_legs 5",
            "# TYPE northline_interpreter_wait_seconds histogram",
            "northline_interpreter_wait_seconds_bucket{le=\"10.0\"} 1",
            "northline_interpreter_wait_seconds_bucket{le=\"30.0\"} 3",
            "northline_interpreter_wait_seconds_bucket{le=\"+Inf\"} 4",
            "northline_interpreter_wait_seconds_sum 447.5",
            "northline_interpreter_wait_seconds_count 4",
            "northline_interpreters_not_found_total 3",
            "# EOF",
        ] {
            assert!(text.lines().any(|said| said == line), "{line} is missing:\n{text}");
        }
    }
}
