//! The delay a conversation adds at zero network jitter: from a sound's arrival in a packet to its
//! departure in another, to the sample. Random phases, exact instants.

use std::time::Duration;

use model::{Chance, Instant};

use crate::behind::labours;
use crate::kit::{BURST, Bench, FRAME};

/// A room of three of whom `talkers` speak, as phases have it by `seed`.
fn room(seed: u64, talkers: usize) -> Bench {
    room_of(3, seed, talkers)
}

/// A room of as many members.
fn room_of(members: usize, seed: u64, talkers: usize) -> Bench {
    let mut bench = Bench::new();
    bench.chance = Chance::from_number(seed);
    for index in 0..members {
        bench.joins([310.0, 470.0, 730.0][index % 3]);
        bench.parties[index].is_speaking = index < talkers;
    }
    bench.confers(Vec::new());
    bench
}

/// Lets talkers burst one after the other for `seconds`; adds each listener's delays.
fn bursts(bench: &mut Bench, talkers: usize, seconds: usize, delays: &mut Vec<Duration>) {
    for burst in 0..5 * seconds {
        let speaker = burst % talkers;
        let first = bench.chance.below(FRAME as u64) as usize;
        bench.parties[speaker].burst = Some(first);
        let sent = bench.parties[speaker].next_send + sample(first);
        let from: Vec<_> = bench.parties.iter().map(|party| party.heard.len()).collect();
        bench.runs_ms(200);
        for listener in (0..3).filter(|&listener| listener != speaker) {
            let heard = onset(bench, listener, from[listener]).expect("the burst is heard");
            delays.push(heard.since(sent));
        }
    }
}

/// When a listener was sent the first sample of a burst.
fn onset(bench: &Bench, listener: usize, from: usize) -> Option<Instant> {
    let party = &bench.parties[listener];
    let samples = &party.samples[from * FRAME..];
    let first = samples.iter().position(|sample| sample.abs() > ONSET)?;
    Some(party.heard[from + first / FRAME].at + sample(first % FRAME))
}

fn sample(at: usize) -> Duration {
    Duration::from_micros(125) * at as u32
}

/// Median and 99th percentile in milliseconds.
fn quantiles(mut delays: Vec<Duration>) -> (f64, f64) {
    delays.sort_unstable();
    let quantile = |part: usize| delays[delays.len() * part / 100].as_secs_f64() * 1000.0;
    (quantile(50), quantile(99))
}

/// Over many rooms, from their second second on.
fn in_many_rooms(talkers: usize) -> (f64, f64) {
    let mut delays = Vec::new();
    for seed in 0..40 {
        let mut bench = room(seed, talkers);
        bench.runs_ms(1500);
        bursts(&mut bench, talkers, 4, &mut delays);
    }
    quantiles(delays)
}

/// After two hours in which the parties' clocks were 100 ppm fast, right, and 100 ppm slow.
fn after_two_hours(talkers: usize) -> (f64, f64) {
    let mut bench = room(1, talkers);
    for (party, interval_nanos) in
        bench.parties.iter_mut().zip([19_998_000, 20_000_000, 20_002_000])
    {
        party.interval_nanos = interval_nanos;
    }
    for _ in 0..72 {
        bench.runs_ms(100_000);
        bench.forgets_what_was_heard();
    }
    let mut delays = Vec::new();
    bursts(&mut bench, talkers, 100, &mut delays);
    quantiles(delays)
}

#[test]
fn one_talker_is_heard_within_a_millisecond_or_two() {
    let (median, p99) = in_many_rooms(1);
    assert!(median <= 1.5 && p99 <= 3.0, "p50 {median:.2} ms, p99 {p99:.2} ms");
    let (median, p99) = after_two_hours(1);
    assert!(median <= 1.5 && p99 <= 3.0, "after two hours p50 {median:.2} ms, p99 {p99:.2} ms");
}

#[test]
fn three_talkers_wait_for_the_shortest_arc_at_most() {
    let (median, p99) = in_many_rooms(3);
    assert!(median <= 5.0 && p99 <= 13.0, "p50 {median:.2} ms, p99 {p99:.2} ms");
    let (_, p99) = after_two_hours(3);
    assert!(p99 <= 15.0, "after two hours, at whatever phases: p99 {p99:.2} ms");
}

#[test]
fn a_second_after_its_thread_has_stalled_a_room_is_as_quick_as_before() {
    for (members, stall_ms) in [(3, 60), (3, 100), (3, 150), (12, 60), (12, 150)] {
        let [mut before, mut after] = [const { Vec::new() }; 2];
        for seed in 0..20 {
            let mut bench = room_of(members, seed, 3);
            bench.runs_ms(4_000);
            bursts(&mut bench, 3, 2, &mut before);
            labours(&mut bench, 1, Duration::from_millis(stall_ms));
            bench.runs_ms(1_000);
            bursts(&mut bench, 3, 2, &mut after);
        }
        let ((median, p99), (then, p99_then)) = (quantiles(before), quantiles(after));
        let what =
            format!("{members} members, {stall_ms} ms: {median} and {p99}, {then} and {p99_then}");
        assert!(then <= median + 2.5 && p99_then <= p99 + 2.5, "{what}");
    }
}

/// Above what two tones make together, below what is left of a burst in the trough of a third.
const ONSET: i16 = BURST / 8 * 5;
