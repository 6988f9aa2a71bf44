//! How long interpreters took (I1), as an OpenMetrics histogram of the whole hotline: no language and
//! no vendor, since a class of one would be a caller (D6).

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;
use switchboard::{InterpreterWaits, WAITED_SECONDS};

/// Adds the waits to what is told.
pub(crate) fn register(registry: &mut Registry, waits: InterpreterWaits) {
    let help = "From the request for an interpreter until the first is in the conversation";
    registry.register("interpreter_wait_seconds", help, Waits(waits));
    let not_found: Counter = Counter::default();
    not_found.inc_by(waits.not_found);
    let help = "Searches for an interpreter that ended with nobody";
    registry.register("interpreters_not_found", help, not_found);
}

/// They are counted elsewhere.
#[derive(Debug)]
struct Waits(InterpreterWaits);

impl EncodeMetric for Waits {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> Result<(), std::fmt::Error> {
        let Self(InterpreterWaits { joined, total, .. }) = self;
        let ends = WAITED_SECONDS.iter().map(|&end| end as f64).chain([f64::INFINITY]);
        let classes: Vec<(f64, u64)> = ends.zip(joined.iter().copied()).collect();
        let all = joined.iter().sum();
        encoder.encode_histogram::<NoLabelSet>(total.as_secs_f64(), all, &classes, None)
    }

    fn metric_type(&self) -> MetricType {
        MetricType::Histogram
    }
}
