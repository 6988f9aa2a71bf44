//! Instructions per participant and frame in the pure shard, counted by callgrind: no socket, no
//! thread, no clock, and the same number on a busy machine as on a quiet one.

use std::error::Error;
use std::process::Command;
use std::time::Duration;

use crate::load::Load;
use crate::media::Report;
use crate::room::Room;
use crate::table::Table;

/// Rooms to count, and over how many frames.
const ROOMS: [(Load, usize); 2] = [(Load::one_room(3, 3), 200), (Load::one_room(500, 500), 5)];

/// Counts the instructions of each room.
pub(crate) fn count() -> Result<Report, Box<dyn Error>> {
    let mut table = Table::new(
        "Instructions per participant and frame, without sockets (callgrind)",
        &["room", "instructions"],
    );
    for (load, frames) in ROOMS {
        // What comes before the first frame is in both runs.
        let (short, long) = (collected(&load, frames)?, collected(&load, 2 * frames)?);
        let each = (long - short) as f64 / (frames * load.participants()) as f64;
        table.row([load.to_string(), format!("{each:.0}")]);
    }
    Ok(Report { table, note: String::new(), is_valid: true })
}

/// A room of that many parties, all talking, for that many frames.
pub(crate) fn run(parties: usize, frames: usize) {
    Room::new(Load::one_room(parties, parties), Duration::ZERO, SEED).run(frames);
}

/// How many instructions this program takes for a room, by callgrind's own count.
fn collected(load: &Load, frames: usize) -> Result<u64, Box<dyn Error>> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(std::env::current_exe()?);
    valgrind.args(["--room", &load.participants().to_string(), &frames.to_string()]);
    let output = valgrind.output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : "));
    let count = count.and_then(|(_, count)| count.trim().parse().ok());
    count.ok_or_else(|| format!("callgrind said no count:\n{said}").into())
}

const SEED: u64 = 5;
