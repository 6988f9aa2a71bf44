//! What an operator does: mistakes in the configuration, `reload`, SIGHUP, SIGTERM.

use std::fs;
use std::process::Output;
use std::time::Duration;

use rustix::process::Signal;

use crate::ear::Ear;
use crate::engine::{Engine, Setup, command_in};
use crate::ground::{CALLER, Ground, SECOND_CALLER};
use crate::program::until;
use crate::sipp::{Scenario, Sipp};

/// Callers hear `greeting` before they wait.
fn plan(greeting: &str) -> String {
    format!(
        "plan: short
languages: [en]
start: front-door
steps:
  front-door:
    play: {greeting}
    keys:
      2: wait
    then: wait
  wait:
    play: please-wait
    queue: crisis
    waiting: {{ music: calm, every: {{ 25s: still-with-you }} }}
    nobody-on-shift: stay
  stay:
    play: please-wait
    queue: crisis
    when-empty: keep
"
    )
}

async fn engine_with(ground: Ground, plan: &str) -> Engine {
    Engine::start(ground, &Setup { plan: Some(plan), ..Setup::default() }).await
}

/// Twenty calls that stay for some time.
async fn twenty_calls(ground: Ground, engine: &Engine) -> Sipp {
    let ear = Ear::open(ground.host(CALLER)).await;
    let calls = Scenario::new("hang-up", ground.host(CALLER)).with("port", ear.port().to_string());
    let calls = calls.calls(20, 20).pause(Duration::from_secs(7)).start(engine);
    engine.holds(|held| held.calls == 20, SOON).await;
    calls
}

fn text(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

#[tokio::test]
async fn o2_a_reload_changes_new_calls_only_and_says_what_changed() {
    let ground = Ground::new();
    let engine = engine_with(ground, &plan(LONG)).await;
    let running = twenty_calls(ground, &engine).await;
    engine.write_plan(&plan(SHORT));
    let answer = engine.ask("reload");
    assert!(answer.status.success(), "{}", text(&answer));
    let said = text(&answer);
    assert!(said.contains("step `front-door`: prompts changed"), "{said}");
    // The new call has soon heard its greeting; the old ones still hear theirs.
    let newer = Scenario::new("hang-up", ground.host(SECOND_CALLER));
    let newer = newer.pause(Duration::from_secs(5)).start(&engine);
    engine.holds(|held| held.waiting > 0, Duration::from_secs(5)).await;
    assert_eq!(engine.held().await.waiting, 1);
    newer.succeeds().await;
    running.succeeds().await;
    engine.holds_nothing(SOON).await;
}

#[tokio::test]
async fn o2_a_faulty_plan_is_refused_with_its_places_and_changes_nothing() {
    let ground = Ground::new();
    let engine = engine_with(ground, &plan(SHORT)).await;
    let running = twenty_calls(ground, &engine).await;
    engine.write_plan(&plan("conecting").replace("then: wait", "then: wiat"));
    let answer = engine.ask("reload");
    let said = text(&answer);
    assert!(!answer.status.success());
    assert!(said.contains("plan.yaml:6:11: "), "the place of the prompt: {said}");
    assert!(said.contains("plan.yaml:9:11: "), "the place of the step: {said}");
    assert!(said.contains("connecting") && said.contains("`wait`"), "how to mend it: {said}");
    assert!(said.contains("Nothing changed"), "{said}");
    running.succeeds().await;
    let newer = Scenario::new("hang-up", ground.host(SECOND_CALLER));
    let newer = newer.pause(Duration::from_secs(5)).start(&engine);
    engine.holds(|held| held.waiting == 1, Duration::from_secs(5)).await;
    newer.succeeds().await;
}

#[tokio::test]
async fn o2_sighup_reloads_as_the_command_does() {
    let ground = Ground::new();
    let engine = engine_with(ground, &plan(LONG)).await;
    for (plan, said) in [
        (plan("conecting"), "plan.yaml:6:11: "),
        (plan(SHORT), "live for new calls; changed:"),
        (plan(SHORT), "nothing that a caller could notice has changed"),
    ] {
        engine.write_plan(&plan);
        engine.signal(Signal::HUP);
        until(said, SOON, || engine.log().contains(said)).await;
    }
    assert!(!engine.log().contains('\x1b'), "no colours outside a terminal");
}

#[tokio::test]
async fn sigterm_refuses_new_calls_and_ends_with_the_last_running_one() {
    let ground = Ground::new();
    let mut engine = engine_with(ground, &plan(SHORT)).await;
    let ear = Ear::open(ground.host(CALLER)).await;
    let running =
        Scenario::new("hang-up", ground.host(CALLER)).with("port", ear.port().to_string());
    let running = running.pause(Duration::from_secs(6)).start(&engine);
    ear.hears(SOON).await;
    engine.signal(Signal::TERM);
    until("it drains", SOON, || engine.log().contains("draining")).await;
    let newer = Scenario::new("refused", ground.host(SECOND_CALLER));
    newer.with("status", "503").with("says", "Retry-After: *[0-9]+").play(&engine).await;
    assert!(ear.listen(Duration::from_secs(1)).await.count() > 40, "the running call goes on");
    assert!(engine.program.runs());
    running.succeeds().await;
    let status = engine.program.finished(SOON).await;
    assert!(status.success(), "{status}");
}

#[tokio::test]
async fn o2_every_mistake_of_a_configuration_is_shown_at_once_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::create_dir(folder.path().join("run")).expect("a new folder");
    let file = folder.path().join("northline.yaml");
    fs::write(&file, FIVE_MISTAKES).expect("written");
    let answer = command_in(folder.path()).args(["run", "--config"]).arg(&file).output();
    let answer = answer.expect("the binary runs");
    let said = text(&answer);
    assert!(!answer.status.success());
    for place in ["2:12", "4:10", "7:17", "9:1", "13:12"] {
        assert!(said.contains(&format!("northline.yaml:{place}: ")), "{place} in {said}");
    }
    assert!(said.contains("5 problems"), "{said}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_clearly() {
    let ground = Ground::new();
    let engine = Engine::start(ground, &Setup::default()).await;
    let folder = tempfile::tempdir().expect("a folder for the test");
    fs::create_dir(folder.path().join("run")).expect("a new folder");
    let file = folder.path().join("northline.yaml");
    let address = engine.address();
    let control = folder.path().join("control.sock");
    let control = control.display();
    fs::write(&file, format!("sip:\n  listen: [\"{address}\"]\ncontrol: {control}\n"))
        .expect("written");
    let answer = command_in(folder.path()).args(["run", "--config"]).arg(&file).output();
    let answer = answer.expect("the binary runs");
    let said = text(&answer);
    assert!(!answer.status.success());
    assert!(said.contains(&address.to_string()) && said.contains("in use"), "{said}");
    assert!(said.contains("another engine"), "{said}");
    engine.holds_nothing(SOON).await;
}

/// In lines 2, 4, 7, 9 and 13.
const FIVE_MISTAKES: &str = "\
sip:
  listen: [\"127.0.0.1\"]
media:
  ports: 20000
advocates:
  - name: alice
    languages: [klingon]
    password: a-long-password
trunk:
  - name: carrier
vendors:
  - name: lingua
    trunk: carier
    number: \"15550100\"
";
/// As long as a plan may keep a caller from the queue.
const LONG: &str = "[still-with-you, please-wait]";
/// Some two seconds.
const SHORT: &str = "connecting";
const SOON: Duration = Duration::from_secs(10);
