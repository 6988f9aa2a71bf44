//! Instructions counted by callgrind, per participant and frame in the pure shard and per call in
//! the pure signalling: no socket, no thread, no clock, and the same numbers on a busy machine as on
//! a quiet one.

use std::error::Error;
use std::process::Command;
use std::time::Duration;

use model::MediaPolicy;

use crate::caller::Caller;
use crate::load::Load;
use crate::media::Report;
use crate::room::Room;
use crate::table::Table;

/// Rooms to count, what is done to their parties' sound, and over how many frames.
const ROOMS: [(Load, &str, usize); 5] = [
    (Load::one_room(3, 3), "", 200),
    (Load::one_room(3, 3), "levelled", 200),
    (Load::one_room(3, 3), "suppressed", 50),
    (Load::one_room(500, 500), "", 5),
    (Load::one_room(500, 500), "levelled", 5),
];
/// Calls to count.
const CALLS: usize = 1_000;

/// Counts the instructions of each room, and of calls.
pub(crate) fn count() -> Result<Report, Box<dyn Error>> {
    let mut table = Table::new(
        "Instructions per participant and frame, and per call, without sockets (callgrind)",
        &["what", "instructions"],
    );
    if !is_installed() {
        let note = "NOT COUNTED: valgrind is not installed; `make bench` installs it\n".to_owned();
        return Ok(Report { table, note, is_valid: true });
    }
    for (load, kind, frames) in ROOMS {
        let (room, treated) = match kind {
            "" => ("--room".to_owned(), String::new()),
            kind => (format!("--{kind}-room"), format!(", {kind}")),
        };
        let run = |frames: usize| {
            collected(&[&room, &load.participants().to_string(), &frames.to_string()])
        };
        // What comes before the first frame is in both runs.
        let more = run(2 * frames)? - run(frames)?;
        let each = more as f64 / (frames * load.participants()) as f64;
        table.row([format!("{load}{treated}"), format!("{each:.0}")]);
    }
    let run = |calls: usize| collected(&["--calls", &calls.to_string()]);
    let each = (run(2 * CALLS)? - run(CALLS)?) as f64 / CALLS as f64;
    table.row(["a call's signalling".to_owned(), format!("{each:.0}")]);
    Ok(Report { table, note: String::new(), is_valid: true })
}

/// A load on the virtual clock, for that many frames.
pub(crate) fn run(load: Load, frames: usize, policy: MediaPolicy) {
    Room::new(load, policy, Duration::ZERO, SEED).run(frames);
}

/// That many calls.
pub(crate) fn call(calls: usize) {
    let mut caller = Caller::new();
    (0..calls).for_each(|number| caller.calls(number));
}

/// Whether there is anything to count with.
fn is_installed() -> bool {
    let asked = Command::new("valgrind").arg("--version").output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// How many instructions this program takes with these arguments, by callgrind's own count.
fn collected(arguments: &[&str]) -> Result<u64, Box<dyn Error>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(std::env::current_exe()?).args(arguments);
    let output = valgrind.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    let count = count.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| format!("callgrind said no count:\n{said}").into())
}

const SEED: u64 = 5;
