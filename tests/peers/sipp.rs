//! SIPp, which plays a scenario of `scenarios/` against the engine.
//!
//! `{{word}}` in a scenario stands for a value that the test gives, or for the file of that name
//! in `scenarios/parts`, so that the INVITE is written once; `{{word name=value}}` gives that part a
//! value of its own.

use std::fs;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use tokio::runtime;

use crate::engine::Engine;
use crate::program::Program;

/// A scenario to play.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    name: &'static str,
    from: IpAddr,
    number: &'static str,
    transport: Transport,
    words: Vec<(&'static str, String)>,
    calls: usize,
    per_second: usize,
    pause: Duration,
    call_id: &'static str,
}

/// What SIP goes over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Udp,
    Tcp,
}

/// The same over UDP and over TCP, at once: each in a runtime of its own, so that what one listens
/// for does not take the other's time, and the phones in it go on meanwhile.
pub(crate) fn over_both<F: Future<Output = ()>>(case: impl Fn(Transport) -> F + Sync) {
    let play = |transport| {
        let runtime = runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.expect("threads").block_on(case(transport));
    };
    thread::scope(|both| {
        both.spawn(|| play(Transport::Udp));
        play(Transport::Tcp);
    });
}

/// SIPp at work.
#[derive(Debug)]
pub(crate) struct Sipp {
    program: Program,
    name: &'static str,
    errors: PathBuf,
}

impl Scenario {
    /// The scenario `name`, played once from that address.
    pub(crate) fn new(name: &'static str, from: IpAddr) -> Self {
        let pause = Duration::from_millis(200);
        Self {
            name,
            from,
            number: "100",
            transport: Transport::Udp,
            words: Vec::new(),
            calls: 1,
            per_second: 1,
            pause,
            call_id: "%u-%p@%s",
        }
    }

    pub(crate) fn over(self, transport: Transport) -> Self {
        Self { transport, ..self }
    }

    /// To that number.
    pub(crate) fn dialling(self, number: &'static str) -> Self {
        Self { number, ..self }
    }

    /// With the value of a word.
    pub(crate) fn with(mut self, word: &'static str, value: impl Into<String>) -> Self {
        self.words.push((word, value.into()));
        self
    }

    /// As so many calls, and so many new ones a second.
    pub(crate) fn calls(self, calls: usize, per_second: usize) -> Self {
        Self { calls, per_second, ..self }
    }

    /// With pauses of that length.
    pub(crate) fn pause(self, pause: Duration) -> Self {
        Self { pause, ..self }
    }

    /// With that Call-ID, for a single call.
    pub(crate) fn call_id(self, call_id: &'static str) -> Self {
        Self { call_id, ..self }
    }

    /// Begins to play it.
    pub(crate) fn start(self, engine: &Engine) -> Sipp {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let file = |ending| engine.folder().join(format!("{}-{number}.{ending}", self.name));
        let (played, errors) = (file("xml"), file("errors"));
        fs::write(&played, self.written()).expect("the test's folder can be written");
        let mut command = self.command(engine.address(), &played, &errors);
        let program = Program::start(command.current_dir(engine.folder()), &file("log"));
        Sipp { program, name: self.name, errors }
    }

    /// Plays it; it must succeed.
    pub(crate) async fn play(self, engine: &Engine) {
        self.start(engine).succeeds().await;
    }

    fn command(&self, engine: SocketAddr, played: &Path, errors: &Path) -> Command {
        let mut command = Command::new("sipp");
        let from = self.from.to_string();
        let transport = match self.transport {
            Transport::Udp => "u1",
            Transport::Tcp => "t1",
        };
        command.arg(engine.to_string()).arg("-sf").arg(played);
        command.args(["-i", &from, "-mi", &from, "-p", "5060", "-t", transport, "-nostdin"]);
        command.args(["-m", &self.calls.to_string(), "-r", &self.per_second.to_string()]);
        command.args(["-d", &self.pause.as_millis().to_string(), "-s", self.number]);
        // OPTIONS of the engine, which finds out whether a silent phone is alive, are answered.
        command.args(["-cid_str", self.call_id, "-aa"]);
        command.args(["-timeout", "60", "-timeout_error", "-trace_err", "-error_file"]);
        command.arg(errors);
        command
    }

    fn written(&self) -> String {
        let mut text = part(&format!("{}.xml", self.name));
        while let Some((before, rest)) = text.split_once("{{") {
            let (word, after) = rest.split_once("}}").expect("{{ has its }}");
            text = format!("{before}{}{after}", self.meaning(word).trim_end());
        }
        text
    }

    fn meaning(&self, word: &str) -> String {
        let (word, own) = word.split_once(' ').unwrap_or((word, ""));
        let given = self.words.iter().find(|(name, _)| *name == word);
        let mut meaning = given.map_or_else(|| part(&format!("parts/{word}")), |(_, v)| v.clone());
        for (name, value) in own.split(' ').filter_map(|own| own.split_once('=')) {
            meaning = meaning.replace(&format!("{{{{{name}}}}}"), value);
        }
        meaning
    }
}

impl Sipp {
    /// Waits until all calls went as the scenario says.
    pub(crate) async fn succeeds(mut self) {
        let status = self.program.finished(Duration::from_secs(70)).await;
        let errors = fs::read_to_string(&self.errors).unwrap_or_default();
        assert!(status.success(), "{}: {status}\n{errors}\n{}", self.name, self.program.said());
    }
}

fn part(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/scenarios").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
