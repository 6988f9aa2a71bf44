//! The bench runs and prints every table. Nothing here depends on how fast.

use std::process::Command;

#[test]
fn the_bench_runs_and_prints_every_table() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_northline-bench"));
    bench.arg("--smoke");
    // Built by whoever runs all tests; without it the bench leaves the calls out.
    let binary = std::env::var_os("NORTHLINE_BINARY");
    if let Some(binary) = &binary {
        bench.arg("--northline").arg(binary);
    }
    let output = bench.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let calls = binary.map(|_| "Call set-up");
    for title in ["machine:", "against the floor", "Two shards", "by load", "Added delay"]
        .into_iter()
        .chain(calls)
    {
        assert!(text.contains(title), "no {title:?} in:\n{text}");
    }
    assert!(!text.contains("cannot run"), "{text}");
}

#[test]
fn a_room_for_callgrind_runs() {
    let mut room = Command::new(env!("CARGO_BIN_EXE_northline-bench"));
    let status = room.args(["--room", "3", "10"]).status().expect("it starts");
    assert!(status.success());
}

#[test]
fn calls_for_callgrind_run() {
    let mut calls = Command::new(env!("CARGO_BIN_EXE_northline-bench"));
    let status = calls.args(["--calls", "10"]).status().expect("it starts");
    assert!(status.success());
}

#[test]
fn an_unknown_argument_is_answered_by_the_known_ones() {
    let mut bench = Command::new(env!("CARGO_BIN_EXE_northline-bench"));
    let output = bench.arg("--slow").output().expect("it starts");
    assert!(String::from_utf8_lossy(&output.stdout).contains("--quick"));
    assert_eq!(output.status.code(), Some(2));
}
