//! `northline run`, as an operator runs it.

use std::env;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::Duration;

use northline::commands;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::ground::Ground;
use crate::network::Network;
use crate::program::{Program, eventually, until};

/// What an engine is started with, besides what every test needs.
#[derive(Clone, Debug)]
pub(crate) struct Setup<'a> {
    /// The dialplan; the built-in one without it.
    pub(crate) plan: Option<&'a str>,
    /// More sections of the configuration: `advocates:` and so on.
    pub(crate) sections: &'a str,
    /// More trunks, as items of the list.
    pub(crate) trunks: &'a str,
    /// How many media threads; the usual number without it.
    pub(crate) shards: Option<usize>,
    /// `RUST_LOG`.
    pub(crate) log: &'a str,
}

impl Default for Setup<'_> {
    fn default() -> Self {
        Self { plan: None, sections: "", trunks: "", shards: None, log: "info" }
    }
}

/// A running engine.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) program: Program,
    address: SocketAddr,
    folder: TempDir,
    control: PathBuf,
}

/// How much of everything an engine holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) calls: usize,
    pub(crate) waiting: usize,
    pub(crate) legs: usize,
}

/// What is left in every part of an engine: the last line of `northline status`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) signalling: usize,
    pub(crate) transactions: usize,
    pub(crate) media: usize,
    pub(crate) tasks: usize,
    pub(crate) healed: usize,
}

impl Engine {
    /// Starts an engine and waits until it takes calls.
    pub(crate) async fn start(ground: Ground, setup: &Setup<'_>) -> Self {
        let address = ground.engine();
        let (sip, callers) = (format!("\"{address}\"]"), ground.callers());
        let callers = format!("{callers}, 127.0.0.1/32");
        Self::start_in(&Network::Own, address, &sip, &callers, setup).await
    }

    /// Starts one in `network`, reached at `address`, listening at `sip` (the rest of the list and
    /// of its section) and open to `callers`.
    pub(crate) async fn start_in(
        network: &Network,
        address: SocketAddr,
        sip: &str,
        callers: &str,
        setup: &Setup<'_>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        let path = folder.path();
        // What it is given is apart from what it may write.
        for name in ["given", "run"] {
            fs::create_dir(path.join(name)).expect("a new folder");
        }
        if let Some(plan) = setup.plan {
            fs::write(plan_in(path), plan).expect("the plan is written");
        }
        fs::write(configuration_in(path), configuration(sip, callers, setup, path))
            .expect("written");
        let mut command = in_folder(network.command(binary()), path);
        command.args(["run", "--config"]).arg(configuration_in(path));
        command.env("RUST_LOG", setup.log);
        let control = path.join("run/control.sock");
        Self::run(&mut command, address, folder, |_| Some(control.clone())).await
    }

    /// Starts `northline run --lab`, without a configuration.
    pub(crate) async fn lab(ground: Ground) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the test");
        fs::create_dir(folder.path().join("run")).expect("a new folder");
        let address = ground.engine();
        let mut command = command_in(folder.path());
        command.args(["run", "--lab", "--rtp-ports", "20000-22999"]);
        command.args(["--sip", &address.to_string()]);
        let announced = |said: &str| {
            let (_, rest) = said.split_once("control socket ")?;
            Some(PathBuf::from(rest.lines().next()?))
        };
        Self::run(&mut command, address, folder, announced).await
    }

    /// Starts it and waits until it takes calls; `control` finds its socket, given what it has said.
    async fn run(
        command: &mut Command,
        address: SocketAddr,
        folder: TempDir,
        control: impl Fn(&str) -> Option<PathBuf>,
    ) -> Self {
        let program = Program::start(command, &folder.path().join("run/log"));
        let mut said = None;
        until("it starts", STARTS_WITHIN, || {
            said = control(&program.said());
            said.is_some()
        })
        .await;
        let mut engine = Self { program, address, folder, control: said.expect("waited for it") };
        engine.up().await;
        engine
    }

    async fn up(&mut self) {
        let (control, program) = (&self.control, &mut self.program);
        eventually(STARTS_WITHIN, async || {
            assert!(program.runs(), "the engine does not start: {}", program.said());
            let answer = commands::status(control).await;
            answer.map_err(|_| "it answers")
        })
        .await;
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// A folder for what a test makes beside the engine.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of everything that the engine itself can have written.
    pub(crate) fn written(&self) -> PathBuf {
        self.folder().join("run")
    }

    /// What it has said on its output.
    pub(crate) fn log(&self) -> String {
        self.program.said()
    }

    /// What it holds now.
    pub(crate) async fn held(&self) -> Held {
        let answer = commands::status(&self.control).await.expect("it runs");
        let count = |name: &str| {
            let line = answer.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|count| count.trim().parse().ok()).expect("a count of each")
        };
        Held { calls: count("calls"), waiting: count("waiting"), legs: count("legs") }
    }

    /// What is left in every part.
    pub(crate) async fn left(&self) -> Left {
        let answer = commands::status(&self.control).await.expect("it runs");
        let line = answer.lines().find(|line| line.starts_with("held:")).expect("a line");
        let count = |name: &str| {
            let after = line.split_once(name).expect("every count has its name").1.trim_start();
            let digits = after.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            digits.parse().expect("a count")
        };
        Left {
            signalling: count("signalling"),
            transactions: count("transactions"),
            media: count("media"),
            tasks: count("tasks"),
            healed: count("healed"),
        }
    }

    /// The legs and the rooms of each media thread.
    pub(crate) async fn shards(&self) -> Vec<(usize, usize)> {
        let answer = commands::status(&self.control).await.expect("it runs");
        let rows = answer.lines().filter(|line| line.starts_with("shard "));
        let count = |row: &str, column: usize| {
            row.split_whitespace().nth(column).and_then(|word| word.parse().ok()).expect("a count")
        };
        // "shard", its number, its load, then these.
        rows.map(|row| (count(row, 3), count(row, 4))).collect()
    }

    /// Waits until what is left in every part is as `expected`.
    pub(crate) async fn leaves(&self, expected: impl Fn(Left) -> bool, within: Duration) {
        eventually(within, async || {
            let left = self.left().await;
            expected(left).then_some(()).ok_or_else(|| format!("{left:?} is left"))
        })
        .await;
    }

    /// The memory it has in use.
    pub(crate) fn resident_kib(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.program.id()));
        let status = status.expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.split_whitespace().next());
        kib.and_then(|kib| kib.parse().ok()).expect("a number of KiB")
    }

    /// Waits until what it holds is as `expected`.
    pub(crate) async fn holds(&self, expected: impl Fn(Held) -> bool, within: Duration) {
        eventually(within, async || {
            let held = self.held().await;
            expected(held).then_some(()).ok_or_else(|| format!("{held:?}"))
        })
        .await;
    }

    /// Waits until nothing is left of any call.
    pub(crate) async fn holds_nothing(&self, within: Duration) {
        self.holds(|held| held == Held::default(), within).await;
    }

    /// Changes the plan's file; nothing else happens yet.
    pub(crate) fn write_plan(&self, plan: &str) {
        fs::write(plan_in(self.folder()), plan).expect("the plan is written");
    }

    /// Runs `northline <command> --config` for this engine.
    pub(crate) fn ask(&self, command: &str) -> Output {
        let mut asking = command_in(self.folder());
        asking.arg(command).arg("--config").arg(configuration_in(self.folder()));
        asking.output().expect("the binary runs")
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        self.program.signal(signal);
    }
}

impl Drop for Engine {
    /// A test that fails shows what the engine said.
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- northline\n{}", self.log());
        }
    }
}

/// The binary, with everything that it may write in `folder`.
pub(crate) fn command_in(folder: &Path) -> Command {
    in_folder(Command::new(binary()), folder)
}

fn in_folder(mut command: Command, folder: &Path) -> Command {
    let run = folder.join("run");
    command.current_dir(&run).env("HOME", &run).env("TMPDIR", &run);
    command
}

/// `northline`: the one that `tests/run` has built, or built once from the sources of this test.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| env::var_os("NORTHLINE_BINARY").map_or_else(build, PathBuf::from))
}

fn build() -> PathBuf {
    let test = env::current_exe().expect("this test is a program");
    let built = test.ancestors().nth(2).expect("<target>/<profile>/deps/<test>");
    let target = built.parent().expect("<target>/<profile>");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--package", "northline", "--target-dir"]);
    cargo.arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
    if built.ends_with("release") {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo runs").success(), "northline does not build");
    built.join("northline")
}

fn configuration(sip: &str, callers: &str, setup: &Setup<'_>, folder: &Path) -> String {
    let Setup { sections, trunks, shards, .. } = setup;
    let shards = shards.map(|count| format!("  shards: {count}\n")).unwrap_or_default();
    let control = folder.join("run/control.sock");
    let plan = match setup.plan {
        Some(_) => format!("dialplan: {}\n", plan_in(folder).display()),
        None => String::new(),
    };
    format!(
        "sip: {{ legacy-md5: yes, listen: [{sip} }}\n\
         media:\n  ports: 20000-27999\n{shards}\
         control: {control}\n{plan}\
         trunks:\n  - name: carrier\n    from: [{callers}]\n{trunks}\n{sections}\n",
        control = control.display()
    )
}

fn plan_in(folder: &Path) -> PathBuf {
    folder.join("given/plan.yaml")
}

fn configuration_in(folder: &Path) -> PathBuf {
    folder.join("given/northline.yaml")
}

/// A debug build on a busy machine reads all recordings.
const STARTS_WITHIN: Duration = Duration::from_secs(30);
