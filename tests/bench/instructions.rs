//! Instructions per participant and frame in the pure shard, counted by callgrind: no socket, no
//! thread, no clock, and the same number on a busy machine as on a quiet one.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use ::media::{Channel, Library, Negotiator, Output, Shard};
use model::{Chance, Instant, LegId, MediaCommand};

use crate::engine::{everyone_hears_everyone, opening};
use crate::load::Load;
use crate::media::Report;
use crate::party::Party;
use crate::table::Table;
use crate::voice::Voice;

/// Rooms to count, and over how many frames.
const ROOMS: [(Load, usize); 2] = [(Load::one_room(3, 3), 200), (Load::one_room(30, 30), 20)];

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
    let load = Load::one_room(parties, parties);
    let mut room = Room::new(&load);
    let voice = Voice::new();
    for frame in 0..frames {
        for party in 0..parties {
            room.hears(party, voice.murmur(frame + party));
        }
    }
}

struct Room {
    negotiator: Negotiator,
    shard: Shard,
    /// In the order in which they send.
    parties: Vec<Party>,
}

impl Room {
    fn new(load: &Load) -> Self {
        let negotiator = Negotiator::new(Chance::from_number(1), Arc::new(Library::default()));
        let shard = Shard::new(load.participants());
        let mut this = Self { negotiator, shard, parties: Vec::new() };
        for number in 0..load.participants() {
            let address = address(number);
            this.command(opening(load, number, address));
            let phase = PACKET_TIME * number as u32 / load.participants() as u32;
            this.parties.push(Party::new(number, address, phase));
        }
        this.command(everyone_hears_everyone(load, 0));
        this
    }

    fn command(&mut self, command: MediaCommand) {
        self.negotiator.handle_command(START, command, Some(address(0).port()));
        while let Some(output) = self.negotiator.poll_output() {
            if let Output::Shard { command, .. } = output {
                self.shard.handle_command(START, command);
            }
        }
    }

    /// The next packet of one party comes in, after everything that is due before.
    fn hears(&mut self, number: usize, payload: &[u8; crate::voice::SAMPLES]) {
        let party = &mut self.parties[number];
        let now = START + PACKET_TIME * party.sent as u32 + party.phase;
        let (source, mut packet) = (party.target, party.packet(payload));
        while let Some(due) = self.shard.deadline().filter(|&due| due <= now) {
            self.shard.handle_timeout(due);
            self.drain();
        }
        self.shard.handle_packet(now, LegId(number as u64), Channel::Rtp, source, &mut packet);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(packet) = self.shard.poll_transmit() {
            std::hint::black_box(packet.bytes());
        }
        while self.shard.poll_event().is_some() {}
    }
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

fn address(number: usize) -> SocketAddr {
    (Ipv4Addr::new(192, 0, 2, 1), 10_000 + 2 * number as u16).into()
}

const PACKET_TIME: Duration = Duration::from_millis(20);
const START: Instant = Instant::from_nanos(5_000_000_000);
