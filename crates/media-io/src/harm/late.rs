//! A shard's thread that is kept waiting.

use std::time::Duration;

use super::bench::{Bench, Mixed};

fn waits(bench: &mut Bench, late: Duration) {
    bench.now = bench.station.deadline(bench.now).expect("a frame is due") + late;
    bench.station.handle_timeout(bench.now);
    bench.station.flush(bench.now);
}

#[test]
fn a_deadline_that_is_met_2_ms_late_is_counted_and_what_was_missed_is_never_sent_in_a_burst() {
    let mut bench = Bench::new(34_400, Mixed::Pairwise);
    bench.runs(30);
    let before = bench.tally.read();
    waits(&mut bench, Duration::from_micros(1_900));
    assert_eq!(bench.tally.read().late, before.late);
    waits(&mut bench, Duration::from_millis(2));
    assert_eq!(bench.tally.read().late, before.late + 1);
    bench.runs(1);
    let before = bench.tally.read();
    waits(&mut bench, Duration::from_millis(100));
    let after = bench.tally.read();
    let legs = bench.parties.len() as u64;
    assert_eq!((after.late, after.sent), (before.late + 1, before.sent + legs), "one each");
    assert!(after.skipped - before.skipped >= 4 * legs, "what was missed is left out, and counted");
}
