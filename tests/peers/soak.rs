//! Two thousand calls at fifty a second, half of them abandoned at a random moment in whatever state
//! they are: ringing, greeted, waiting, with an advocate, with an interpreter sought or there.
//! Afterwards nothing of them is left in any part of the engine.
//!
//! The phones are simulated but real on the wire: their own SIP and RTP, a socket each.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use model::Chance;
use northline::phone::{AnswerPolicy, Call, KeyStyle, Phone};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep, timeout};

use crate::engine::{Engine, Left, Setup};
use crate::ground::{DESK, Ground, VENDOR};
use crate::phones::{phone_that, vendor};
use crate::speech::prompt;

const PLAN: &str = "
plan: soak
languages: [en]
start: greeting
steps:
  greeting:
    play: please-wait
    then: wait
  wait:
    queue: crisis
    waiting: { music: calm, every: { 25s: [still-with-you, position] } }
    nobody-on-shift: stay
  stay: { play: nobody-now, queue: crisis, when-empty: keep }
";
const ADVOCATES: u8 = 24;
const CALLERS: u8 = 8;
const CALLS_A_ROUND: usize = 1000;
const BETWEEN_CALLS: Duration = Duration::from_millis(20);
/// What an advocate presses for Vietnamese.
const INTERPRETER: &str = "*5103";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn c11_two_thousand_calls_half_of_them_abandoned_at_any_moment_leave_nothing() {
    let ground = Ground::new();
    let line = phone_that(ground, VENDOR, None, AnswerPolicy::Never).await;
    let sections = sections(ground, line.address().port());
    let setup = Setup { plan: Some(PLAN), sections: &sections, log: "error", ..Setup::default() };
    let engine = Engine::start(ground, &setup).await;
    let shift = Arc::new(AtomicBool::new(true));
    let mut staff = JoinSet::new();
    staff.spawn(brings_interpreters(line));
    for number in 0..ADVOCATES {
        let name = name(number);
        let desk =
            phone_that(ground, DESK + number, Some((&name, PASSWORD)), AnswerPolicy::Never).await;
        desk.register().await.expect("the engine knows her");
        staff.spawn(works(desk, Arc::clone(&shift), Chance::from_number(number.into())));
    }
    // Not sooner: an engine that has just started may not have begun to listen yet.
    let before = engine.left().await;

    // The first thousand fill what is kept for good: buffers, tables, the allocator's own.
    callers(ground, 1).await;
    engine.leaves(|left| left.signalling + left.media <= STAR_CODES, SOON).await;
    let full = engine.resident_kib();
    callers(ground, 2).await;
    shift.store(false, Ordering::Relaxed);

    engine.holds_nothing(LEAVE_WITHIN).await;
    let gone = |left: Left| left == Left { tasks: left.tasks, ..Left::default() };
    engine.leaves(gone, TRANSACTIONS_END).await;
    let Left { tasks, .. } = engine.left().await;
    assert!(tasks <= before.tasks, "{tasks} tasks, {} before", before.tasks);
    let grown = engine.resident_kib().saturating_sub(full);
    assert!(grown < MEMORY_KIB, "{grown} KiB more after the second thousand calls");
    assert!(!engine.log().contains("panicked"), "{}", engine.log());
}

/// A thousand calls, fifty a second, until the last is over.
async fn callers(ground: Ground, round: u64) {
    let mut phones = Vec::new();
    for host in 2..2 + CALLERS {
        phones.push(phone_that(ground, host, None, AnswerPolicy::Never).await);
    }
    let mut chance = Chance::from_number(round);
    let (mut calls, mut clock) = (JoinSet::new(), interval(BETWEEN_CALLS));
    for number in 0..CALLS_A_ROUND {
        clock.tick().await;
        let call = phones[number % phones.len()].call("100").await.expect("a port");
        calls.spawn(lives(call, chance.split()));
    }
    while let Some(lived) = calls.join_next().await {
        lived.expect("no call fails");
    }
}

/// One caller: she gives up at any moment, or stays until somebody ends the call, or nobody came.
async fn lives(call: Call, mut chance: Chance) {
    let gives_up = chance.below(2) == 0;
    let patience = if gives_up { chance.below(6_000) } else { 10_000 };
    let _ = timeout(Duration::from_millis(patience), call.ended()).await;
    call.hang_up().await;
}

/// An advocate: ready, takes calls or turns them away, brings an interpreter now and then, ends the
/// call or waits for its end, and is ready again. After the shift her phone only answers for itself.
async fn works(mut desk: Phone, shift: Arc<AtomicBool>, mut chance: Chance) {
    while shift.load(Ordering::Relaxed) {
        if let Ok(code) = desk.call("*1").await {
            let _ = timeout(SOON, code.ended()).await;
            code.hang_up().await;
        }
        let Ok(Some(call)) = timeout(SOON, desk.incoming()).await else { continue };
        sleep(Duration::from_millis(chance.below(1_500))).await;
        match chance.below(8) {
            0 => call.turn_away(),
            1 => {}
            _ => talks(&call, &mut chance).await,
        }
        let _ = timeout(SOON, call.ended()).await;
        call.hang_up().await;
    }
    while let Some(call) = desk.incoming().await {
        call.turn_away();
    }
}

async fn talks(call: &Call, chance: &mut Chance) {
    call.answer();
    sleep(Duration::from_millis(chance.below(1_000))).await;
    if chance.below(3) == 0 {
        let _ = timeout(SOON, call.press(INTERPRETER, KeyStyle::Rfc4733)).await;
        sleep(Duration::from_millis(chance.below(6_000))).await;
    }
    if chance.below(4) > 0 {
        call.hang_up().await;
    }
}

/// The vendor's line: busy, silent, or an interpreter who speaks, and may hang up at any moment.
async fn brings_interpreters(mut line: Phone) {
    let hello: Arc<[i16]> = Arc::from(prompt("demo/interpreter-a-hello"));
    let mut chance = Chance::from_number(0);
    let mut calls = JoinSet::new();
    while let Some(call) = line.incoming().await {
        let (mut chance, hello) = (chance.split(), Arc::clone(&hello));
        calls.spawn(async move {
            match chance.below(5) {
                0 => return call.turn_away(),
                1 => {}
                _ => call.answer(),
            }
            sleep(Duration::from_millis(500 + chance.below(1_500))).await;
            drop(call.speak(hello));
            let _ = timeout(Duration::from_millis(chance.below(8_000)), call.ended()).await;
            call.hang_up().await;
        });
    }
}

fn sections(ground: Ground, vendor_port: u16) -> String {
    let people = (0..ADVOCATES).map(|number| {
        format!("  - {{ name: {}, password: {PASSWORD}, languages: [en] }}\n", name(number))
    });
    format!("advocates:\n{}{}", people.collect::<String>(), vendor(ground, vendor_port, "4711"))
}

fn name(number: u8) -> String {
    format!("advocate-{number}")
}

const PASSWORD: &str = "a-long-password";
const SOON: Duration = Duration::from_secs(10);
/// An advocate may dial a code at any moment.
const STAR_CODES: usize = 2 * ADVOCATES as usize;
/// The last advocate waits so long for a call.
const LEAVE_WITHIN: Duration = Duration::from_secs(30);
/// RFC 3261 Timer H and some more.
const TRANSACTIONS_END: Duration = Duration::from_secs(45);
const MEMORY_KIB: usize = 4 * 1024;
