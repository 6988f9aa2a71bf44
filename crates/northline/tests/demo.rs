//! `northline demo`, each of its faults, and `northline run --demo`: the binary as a newcomer runs
//! it. All run at once; each takes its own ports.

use std::io::{BufRead, BufReader, Read};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use model::Chance;
use northline::assets::demo_voice;
use northline::phone::{AnswerPolicy, Call, Phone, PhoneSettings, listen};
use tokio::time::{Instant, sleep, timeout};

fn northline(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_northline"));
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn demo(fault: Option<&str>) -> Output {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let arguments: Vec<&str> = match fault {
        Some(fault) => vec!["demo", "--fault", fault],
        None => vec!["demo"],
    };
    let output = northline(&arguments).current_dir(&folder).output().expect("the binary runs");
    if fault.is_none() {
        for party in ["caller", "advocate", "interpreter"] {
            check_recording(&folder.path().join("demo").join(party).with_extension("wav"));
        }
    }
    output
}

fn check_recording(path: &Path) {
    let heard = std::fs::read(path).expect("a WAV for each party");
    let seconds = (heard.len() - 44) / 16_000;
    assert!(heard.starts_with(b"RIFF") && seconds > 20, "{seconds} s in {}", path.display());
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// What each fault is noticed by.
const FAULTS: [(&str, &str); 6] = [
    ("leak-vendor-prompt", "the caller heard the vendor's"),
    ("break-n-minus-one", "is heard by the same phone that speaks"),
    ("drop-second-vendor", "no interpreter could be reached"),
    ("skip-announcement", "did not hear that the interpreter was lost"),
    ("silent-greeting", "did not hear the greeting"),
    ("leak-leg", "are left of a call that is over"),
];

#[test]
fn the_demonstration_tells_the_whole_call_and_notices_every_fault() {
    let start = |fault| std::thread::spawn(move || demo(fault));
    let (right, faulty) = (start(None), FAULTS.map(|(fault, _)| start(Some(fault))));
    tells_the_whole_call(&right.join().expect("it ends"));
    for ((fault, named), run) in FAULTS.into_iter().zip(faulty) {
        let output = run.join().expect("it ends");
        let (said, problems) = (text(&output.stdout), text(&output.stderr));
        assert!(!output.status.success(), "{fault} was not noticed\n{said}");
        assert!(problems.contains(named), "{fault}: {problems}{said}");
    }
}

fn tells_the_whole_call(output: &Output) {
    let (said, problems) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{said}{problems}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.len() <= 25, "{} lines\n{said}", lines.len());
    assert!(lines.iter().all(|line| line.len() <= 100), "{said}");
    assert_eq!(shape(&said), shape(shown_in_readme()), "the README shows another call\n{said}");
    for listener in ["caller hears", "advocate hears", "interpreter hears"] {
        let rows: Vec<_> = lines.iter().filter(|line| line.contains(listener)).collect();
        assert_eq!(rows.len(), 2, "{said}");
        let exact =
            |row: &&&str| row.matches("yes").count() == 2 && row.matches("no ").count() == 1;
        assert!(rows.iter().all(exact), "{said}");
    }
}

/// The lines with every measured number and unit taken out.
fn shape(said: &str) -> Vec<String> {
    let word = |word: &str| match word.trim_end_matches([',', ';', ':']) {
        number if number.parse::<f32>().is_ok() => "#".to_owned(),
        "ms" | "s" => "unit".to_owned(),
        other => other.to_owned(),
    };
    let line = |line: &str| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
    said.lines().map(line).collect()
}

/// What the README shows of this demonstration.
fn shown_in_readme() -> &'static str {
    let readme = include_str!("../../../README.md");
    let shown = readme.split("```\n").find(|block| block.starts_with("One call over real SIP"));
    shown.expect("the README shows the demonstration")
}

/// `northline run --demo`, ended when it is dropped.
struct Trial {
    child: Child,
    server: SocketAddr,
    said: BufReader<ChildStdout>,
}

impl Trial {
    fn start() -> Self {
        let mut child = northline(&["run", "--demo", "--sip", "127.0.0.1:0"])
            .stderr(Stdio::null())
            .spawn()
            .expect("the binary runs");
        let mut said = BufReader::new(child.stdout.take().expect("piped"));
        let lines = [(); 3].map(|()| {
            let mut line = String::new();
            said.read_line(&mut line).expect("it says where to dial");
            line
        });
        let [dial, register, stop] = lines;
        assert!(register.contains("alice") && register.contains("password"), "{register}");
        assert!(stop.contains("Ctrl-C") && stop.contains("control.sock"), "{stop}");
        let server = dial.split_once("sip:help@").and_then(|(_, rest)| rest.split(' ').next());
        let server = server.and_then(|server| server.parse().ok()).expect("where to dial");
        Self { child, server, said }
    }

    /// What Ctrl-C does.
    fn interrupt(&self) {
        let pid = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {pid}")]).status();
        assert!(sent.is_ok_and(|status| status.success()), "the signal is sent");
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // It has ended already, unless a check has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn dials_help(server: SocketAddr, seed: u64) -> (Phone, Call) {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let settings = PhoneSettings { address, server, account: None, on_call: AnswerPolicy::Never };
    let phone = Phone::start(settings, Chance::from_number(seed)).await.expect("a socket");
    let call = phone.call("help").await.expect("a port");
    timeout(Duration::from_secs(5), call.answered()).await.expect("at once").expect("answered");
    (phone, call)
}

/// Waits until `call` has heard the first two seconds of a voice, said after `from`.
async fn hears(call: &Call, voice: &str, from: usize) -> usize {
    let voice: Arc<[i16]> = demo_voice(voice).expect("built in").into();
    let opening = &voice[..16_000.min(voice.len())];
    let (mut at, mut likest) = (from, 0.0_f32);
    let patience = Instant::now() + Duration::from_secs(120);
    while at < from + MOST_HEARD && Instant::now() < patience {
        let heard = call.heard().samples;
        if heard.len() < at + 2 * SLACK + opening.len() {
            sleep(Duration::from_millis(100)).await;
            continue;
        }
        let found = listen::locate(&heard, opening, at + SLACK, SLACK);
        if found.share > 0.25 {
            return found.start;
        }
        likest = likest.max(found.share);
        at += 2 * SLACK;
    }
    panic!("not heard in the {} s looked through; at most {likest:.2} of it", (at - from) / 8_000);
}

const SLACK: usize = 4_000;
/// A minute, however long it takes a busy machine to look through it.
const MOST_HEARD: usize = 60 * 8_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_softphone_alone_reaches_an_advocate_and_an_interpreter_call_after_call() {
    let mut trial = Trial::start();
    let (_phone, call) = dials_help(trial.server, 1).await;
    let greeted = hears(&call, "advocate-1", 0).await;
    hears(&call, "interpreter-a-vi-1", greeted).await;
    call.hang_up().await;
    let (_phone, call) = dials_help(trial.server, 2).await;
    hears(&call, "advocate-1", 0).await;
    trial.interrupt();
    timeout(Duration::from_secs(5), call.ended()).await.expect("a stop ends its calls");
    let status =
        tokio::task::spawn_blocking(move || trial.child.wait().map(|status| (status, trial)));
    let (status, mut trial) = status.await.expect("waited").expect("it ends");
    let mut rest = String::new();
    trial.said.read_to_string(&mut rest).expect("text");
    assert!(status.success() && rest.is_empty(), "{status} {rest}");
}

#[test]
fn a_hotline_for_trying_out_refuses_addresses_that_others_can_reach() {
    let output = northline(&["run", "--demo", "--sip", "0.0.0.0:0"]).output().expect("it runs");
    assert!(!output.status.success() && text(&output.stderr).contains("loopback"));
}
