//! The control socket: the API for whoever may open a file.

use std::path::Path;

use model::VendorId;
use switchboard::{InterpreterState, InterpreterStep, Mode};
use tokio::net::UnixStream;

use super::*;
use crate::{Operator, Reloaded};

/// Serves the control socket in `folder`, and returns its path.
async fn controlled(served: &Served, folder: &Path) -> std::path::PathBuf {
    let path = folder.join("control.sock");
    let socket = ControlSocket::bind(&path).await.expect("a socket");
    tokio::spawn(served.console.clone().serve_control(socket));
    path
}

/// A call whose caller speaks and waits for an interpreter.
fn interpreted() -> CallState {
    let quality = Quality::default();
    let (party, sound) = (Party::Caller, Sound::Speech);
    let line = Line { party, secure: true, text: false, quality, sound, level_dbov: Some(-24) };
    let (vendor, step) = (Some(VendorId(0)), InterpreterStep::OnHold);
    let interpreter = InterpreterState {
        language: Language::ENGLISH,
        vendor,
        step,
        mode: Mode::Consecutive,
        since: Instant::ZERO,
    };
    CallState { interpreter: Some(interpreter), ..call(line) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_may_open_the_control_socket_is_an_operator_without_a_token() {
    let served = served(Proxy::None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = controlled(&served, folder.path()).await;
    let snapshot = Snapshot { calls: vec![interpreted()], legs: 3, ..Snapshot::default() };
    served.board.send_replace(Arc::new(snapshot));
    let mut operator = Operator::connect(&path).await.expect("it listens");
    let board = operator.board().await.expect("a board");
    assert_eq!((board.calls, board.legs, board.interpreters_sought), (1, 3, 1));
    let audio = &board.audio;
    assert_eq!((audio.legs, audio.secure, audio.speaking), (1, 1, 1));
    assert_eq!((audio.softest_dbov, audio.loudest_dbov), (Some(-24), Some(-24)));
    let searches = operator.interpreters().await.expect("the searches");
    assert_eq!((&*searches[0].step, searches[0].call.as_ref()), ("on-hold", None), "O9");
    assert!(operator.advocates().await.expect("no advocates").is_empty());
    assert!(operator.shards().await.expect("no shards").is_empty());
    for _ in 0..1000 {
        assert_eq!(operator.held().await.expect("counts").tasks, 9);
    }
    let live = Reloaded::Live("nothing changed".to_owned());
    assert_eq!(operator.reload().await.expect("an answer"), live);
}

#[tokio::test]
async fn the_control_socket_opens_no_more_than_an_operators_token() {
    let served = served(Proxy::None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = controlled(&served, folder.path()).await;
    for (line, expected) in [
        ("GET /v1/me", 200),
        ("GET /v1/calls", 403),
        ("POST /v1/acts/ready", 403),
        ("GET /nothing", 404),
    ] {
        let mut stream = UnixStream::connect(&path).await.expect("it listens");
        let head = format!("{line} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        assert_eq!(status(&answer), expected, "{line}: {answer}");
    }
}

#[tokio::test]
async fn who_asks_nothing_holds_nobody_up_and_who_is_gone_is_said() {
    let served = served(Proxy::None).await;
    let folder = tempfile::tempdir().expect("a folder");
    let path = controlled(&served, folder.path()).await;
    let _silent = UnixStream::connect(&path).await.expect("it listens");
    let mut operator = Operator::connect(&path).await.expect("it listens");
    operator.board().await.expect("a board");
    let error = ControlSocket::bind(&path).await.expect_err("another engine");
    assert_eq!(error.to_string(), "an engine runs there already");
    let nobody = folder.path().join("other.sock");
    drop(std::os::unix::net::UnixListener::bind(&nobody).expect("a socket"));
    let error = Operator::connect(&nobody).await.expect_err("its engine is dead");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn only_a_socket_makes_room_for_the_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("control.sock");
    drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket"));
    drop(ControlSocket::bind(&path).await.expect("in place of a dead engine's"));
    assert!(!path.exists(), "it goes with its engine");
    std::fs::write(&path, "a plan").expect("a file");
    let error = ControlSocket::bind(&path).await.expect_err("a file of somebody's");
    assert_eq!(error.to_string(), "something that is no socket lies there");
    assert_eq!(std::fs::read_to_string(&path).expect("it is still there"), "a plan");
}
