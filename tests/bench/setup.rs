//! Call set-ups: SIPp calls the real binary, which has one core to itself, from another one.
//!
//! A call is INVITE, 200, ACK, a tenth of a second of the dialplan's first prompt, BYE. Its cost is
//! the whole process's: signalling, dialplan, negotiation and ports on the one hand, and the media
//! shard with the prompt's packets on the other. It is said in milliseconds and against the floor,
//! which is measured just before and just after: a slow or busy machine is slow for both. Calls come
//! in rounds, and the median counts; in each, the core first sleeps between two calls, and then is
//! kept awake.

use std::error::Error;
use std::fs;
use std::net::UdpSocket;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use os::clock;

use crate::comparison::{Side, Spread};
use crate::effort::Effort;
use crate::generator::Generator;
use crate::load::Load;
use crate::media::Report;
use crate::table::Table;
use crate::usage::Usage;
use crate::vigil::Vigil;

/// `northline run` on the last core.
struct Hotline {
    child: Child,
    folder: PathBuf,
}

/// What SIPp and the kernel have seen.
struct Calls {
    failed: usize,
    /// INVITE to 200, in milliseconds.
    answered_after: Vec<f64>,
    cpu: Usage,
    took: Duration,
}

/// What the engine's core does while there is nothing to do.
#[derive(Clone, Copy)]
enum Leisure {
    Sleeps,
    KeptAwake,
}

/// The calls of one round, and what a participant's second of the bare loop took around it.
struct Round {
    calls: Calls,
    floor_micros: f64,
}

/// Calls at the rates of the effort, in rounds; what counts is the median of what calls cost in each.
pub(crate) fn setups(
    generator: &Generator,
    binary: &Path,
    effort: &Effort,
) -> Result<Report, Box<dyn Error>> {
    let heads = [
        "calls asked, the core",
        "made",
        "calls",
        "p50 ms",
        "p99 ms",
        "aim",
        "CPU ms/call",
        "least-most",
        "aim",
        "floor µs",
        "CPU / floor",
        "signalling",
        "in the kernel",
        "media",
        "in the kernel",
        "calls/s on one core",
        "valid",
    ];
    let mut table = Table::new("Call set-up, the engine on one core", &heads);
    let mut is_valid = true;
    for &rate in effort.rates {
        let (asleep, awake) = rounds(generator, binary, effort, rate)?;
        for (rounds, leisure) in [(asleep, "it sleeps between"), (awake, "kept awake")] {
            let failed: usize = rounds.iter().map(|round| round.calls.failed).sum();
            is_valid &= failed == 0;
            table.row(row(&format!("{rate}/s, {leisure}"), &rounds, failed));
        }
    }
    Ok(Report { table, note: String::new(), is_valid })
}

/// What rounds of the same kind came to.
fn row(name: &str, rounds: &[Round], failed: usize) -> [String; 17] {
    let each = |value: &dyn Fn(&Round) -> f64| Spread::of(rounds.iter().map(value));
    let part = |of: fn(&Usage) -> Duration| format!("{:.3}", each(&|r| r.millis(of)).median);
    let mut answered_after: Vec<f64> =
        rounds.iter().flat_map(|round| round.calls.answered_after.iter().copied()).collect();
    answered_after.sort_by(f64::total_cmp);
    let made = answered_after.len();
    let took: Duration = rounds.iter().map(|round| round.calls.took).sum();
    let cpu = each(&|round| round.millis(|cpu| cpu.total()));
    [
        name.to_owned(),
        format!("{:.0}/s", made as f64 / took.as_secs_f64()),
        format!("{made}, {failed} failed"),
        format!("{:.2}", quantile(&answered_after, 0.5)),
        format!("{:.2}", quantile(&answered_after, 0.99)),
        "10".to_owned(),
        format!("{:.3}", cpu.median),
        format!("{:.3}-{:.3}", cpu.least, cpu.most),
        AIM.to_owned(),
        format!("{:.0}", each(&|round| round.floor_micros).median),
        format!("{:.2}", each(&Round::against_floor).median),
        part(|cpu| cpu.signalling.all),
        part(|cpu| cpu.signalling.in_kernel),
        part(|cpu| cpu.media.all),
        part(|cpu| cpu.media.in_kernel),
        format!("{:.0}", 1_000.0 / cpu.median),
        if failed == 0 { "yes" } else { "NO" }.to_owned(),
    ]
}

/// As many rounds at `rate` as other figures have pairs, each once for each way to spend leisure, turn
/// by turn and with a server of its own: what it keeps of calls that are over, for half a minute, is
/// bounded, and more than 230 a second for that long are refused. The floor before each and after the
/// last.
fn rounds(
    generator: &Generator,
    binary: &Path,
    effort: &Effort,
    rate: usize,
) -> Result<(Vec<Round>, Vec<Round>), Box<dyn Error>> {
    let mut before = floor(generator, effort)?;
    let mut round = |leisure| -> Result<_, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let hotline = Hotline::start(binary, folder.path())?;
        let vigil = match leisure {
            Leisure::Sleeps => None,
            Leisure::KeptAwake => Some(Vigil::on(last_core())?),
        };
        let calls = hotline.takes(rate, rate * effort.calling.as_secs() as usize)?;
        drop((vigil, hotline));
        let after = floor(generator, effort)?;
        let floor_micros = (std::mem::replace(&mut before, after) + after) / 2.0;
        Ok(Round { calls, floor_micros })
    };
    let (mut asleep, mut awake) = (Vec::new(), Vec::new());
    for _ in 0..effort.pairs {
        asleep.push(round(Leisure::Sleeps)?);
        awake.push(round(Leisure::KeptAwake)?);
    }
    Ok((asleep, awake))
}

/// What the bare loop takes for a participant's second just now, in microseconds.
fn floor(generator: &Generator, effort: &Effort) -> Result<f64, Box<dyn Error>> {
    let load = Load::rooms_of_three(effort.participants);
    let block = Side::Floor(load).run(generator, effort.times, 0)?;
    Ok(block.micros_per_participant_second())
}

impl Hotline {
    fn start(binary: &Path, folder: &Path) -> Result<Self, Box<dyn Error>> {
        fs::write(folder.join("northline.yaml"), configuration(folder))?;
        fs::write(folder.join("call.xml"), include_str!("call.xml"))?;
        let log = fs::File::create(folder.join("log"))?;
        let mut command = on_core(last_core(), binary);
        command.args(["run", "--config"]).arg(folder.join("northline.yaml"));
        command.env("RUST_LOG", "warn").current_dir(folder).stdin(Stdio::null());
        let child = command.stdout(log.try_clone()?).stderr(log).spawn()?;
        let mut hotline = Self { child, folder: folder.to_owned() };
        hotline.wait(binary)?;
        Ok(hotline)
    }

    /// Until it takes calls.
    fn wait(&mut self, binary: &Path) -> Result<(), Box<dyn Error>> {
        let since = clock::now();
        loop {
            let mut status = Command::new(binary);
            status.args(["status", "--config"]).arg(self.folder.join("northline.yaml"));
            if status.stdout(Stdio::null()).stderr(Stdio::null()).status()?.success() {
                return Ok(());
            }
            let is_gone = self.child.try_wait()?.is_some();
            if is_gone || clock::now().since(since) > STARTS_WITHIN {
                return Err(fs::read_to_string(self.folder.join("log"))?.into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Lets SIPp make `count` calls, `rate` new ones a second.
    fn takes(&self, rate: usize, count: usize) -> Result<Calls, Box<dyn Error>> {
        // Somebody listens to the prompts, so that the kernel refuses nothing.
        let ear = UdpSocket::bind((CALLER, 0))?;
        let mut sipp = on_core(0, Path::new("sipp"));
        sipp.arg(format!("{ENGINE}:5060"))
            .args(["-sf", "call.xml", "-s", "100", "-aa", "-nostdin"]);
        sipp.args(["-i", CALLER, "-p", "5060", "-mi", CALLER, "-d", "100"]);
        sipp.args(["-key", "ear", &ear.local_addr()?.port().to_string()]);
        sipp.args(["-m", &count.to_string(), "-r", &rate.to_string(), "-l", "100000"]);
        sipp.args(["-trace_rtt", "-rtt_freq", "1", "-trace_stat", "-stf", "stat.csv", "-fd", "1"]);
        sipp.args(["-timeout", &format!("{}s", 2 * count / rate + 10)]);
        sipp.current_dir(&self.folder).stdin(Stdio::null());
        let (since, before) = (clock::now(), Usage::of_process(self.child.id()));
        let output = sipp.output()?;
        let took = clock::now().since(since);
        let cpu = Usage::of_process(self.child.id()) - before;
        let answered_after = response_times(&self.folder)?;
        let made = answered_after.len();
        if made == 0 {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        Ok(Calls { failed: count - made, answered_after, cpu, took })
    }
}

impl Drop for Hotline {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Round {
    /// Milliseconds of a core for each call.
    fn millis(&self, of: impl Fn(&Usage) -> Duration) -> f64 {
        of(&self.calls.cpu).as_secs_f64() * 1_000.0 / self.calls.answered_after.len() as f64
    }

    /// What a call takes, in participant's seconds of the bare loop.
    fn against_floor(&self) -> f64 {
        1_000.0 * self.millis(Usage::total) / self.floor_micros
    }
}

fn quantile(sorted: &[f64], quantile: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    sorted.get((last * quantile).round() as usize).copied().unwrap_or(f64::NAN)
}

/// SIPp's own measurements: `date;milliseconds;name` a line.
fn response_times(folder: &Path) -> Result<Vec<f64>, Box<dyn Error>> {
    let mut times = Vec::new();
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().ends_with("_rtt.csv") {
            let text = fs::read_to_string(entry.path())?;
            let cells = text.lines().filter_map(|line| line.split(';').nth(1)?.parse().ok());
            times.extend(cells.collect::<Vec<f64>>());
        }
    }
    Ok(times)
}

fn configuration(folder: &Path) -> String {
    format!(
        "sip:\n  listen: [\"{ENGINE}:5060\"]\nmedia:\n  ports: 10000-31999\n\
         control: {}\ntrunks:\n  - name: bench\n    from: [{CALLER}]\n",
        folder.join("control.sock").display()
    )
}

fn on_core(core: usize, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", &core.to_string()]).arg(program);
    command
}

fn last_core() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from) - 1
}

/// Milliseconds, whatever the machine.
const AIM: &str = "0.5";
const ENGINE: &str = "127.250.1.1";
const CALLER: &str = "127.250.1.2";
const STARTS_WITHIN: Duration = Duration::from_secs(30);
