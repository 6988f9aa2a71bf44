//! The delay that the engine adds: from a burst's first sample sent to its first sample received.
//!
//! (arrival of outgoing packet m + j/fs) − (send time of incoming packet k + o/fs), where o and j
//! are the burst's first sample in each. The packets' own 20 ms are in neither.

use std::error::Error;
use std::time::Duration;

use model::MediaPolicy;

use crate::block::{Block, FULL_LOAD_P99};
use crate::comparison::Side;
use crate::effort::Effort;
use crate::generator::Generator;
use crate::load::Load;
use crate::media::{Highest, Report};
use crate::party::PACKET_TIME;
use crate::room::Room;
use crate::table::Table;

/// What a quantile may be at most, in milliseconds.
struct Aim {
    median: Option<f64>,
    p99: f64,
}

/// Delays with one talker, with three, and in the run that showed the highest load.
pub(crate) fn delays(
    generator: &Generator,
    effort: &Effort,
    highest: Highest,
) -> Result<Report, Box<dyn Error>> {
    let mut table = Table::new("Added delay at zero network jitter, random phases", &HEADS);
    let rooms = Load::rooms_of_three(effort.participants.min(DELAY_PARTICIPANTS));
    let one = (rooms.with_talkers(1), ONE_TALKER);
    let three = (rooms, THREE_TALKERS);
    let mut is_valid = true;
    for (load, aim) in [one, three] {
        let block = Side::Engine(load).run(generator, effort.delay, SEED)?;
        is_valid &= block.is_valid();
        table.row(row(load.to_string(), &block, &aim));
    }
    if let Some((load, block)) = highest {
        let aim = Aim { median: None, p99: FULL_LOAD_P99 };
        table.row(row(load.to_string(), &block, &aim));
    }
    Ok(Report { table, note: String::new(), is_valid })
}

/// The same rooms without machine, sockets and threads, for an hour as for a second: what the
/// mixing itself adds, with a shard that wakes once a millisecond.
pub(crate) fn on_a_virtual_clock(effort: &Effort) -> Report {
    let mut table = Table::new("The same on a virtual clock, no machine in it", &HEADS);
    for (talkers, aim) in [(1, ONE_TALKER), (3, THREE_TALKERS)] {
        let load = Load::one_room(3, talkers);
        let mut block = Block::default();
        for seed in 0..effort.virtual_rooms {
            block.append(virtual_room(load, seed));
        }
        table.row(row(format!("{} rooms: {load}", effort.virtual_rooms), &block, &aim));
    }
    Report { table, note: String::new(), is_valid: true }
}

/// What the parties of one room heard in its second ten seconds.
fn virtual_room(load: Load, seed: u64) -> Block {
    let mut room = Room::new(load, MediaPolicy::default(), Duration::from_millis(1), seed);
    room.run(VIRTUAL_PACKETS);
    room.begin();
    room.run(VIRTUAL_PACKETS);
    let mut block = Block { participants: load.participants(), ..Block::default() };
    block.window = PACKET_TIME * VIRTUAL_PACKETS as u32;
    room.parties.into_iter().for_each(|party| block.add(party.heard));
    block
}

fn row(name: String, block: &Block, aim: &Aim) -> [String; 9] {
    [
        name,
        block.delays.len().to_string(),
        format!("{:.2}", block.delay(0.5)),
        aim.median.map_or_else(|| "-".to_owned(), |aim| aim.to_string()),
        format!("{:.2}", block.delay(0.99)),
        aim.p99.to_string(),
        format!("{:.2}", block.delay(1.0)),
        block.missed.to_string(),
        if block.is_valid() { "yes" } else { "NO" }.to_owned(),
    ]
}

const HEADS: [&str; 9] =
    ["load", "bursts", "p50 ms", "aim", "p99 ms", "aim", "most ms", "unheard", "valid"];
const ONE_TALKER: Aim = Aim { median: Some(1.5), p99: 3.0 };
const THREE_TALKERS: Aim = Aim { median: Some(5.0), p99: 13.0 };
/// Ten seconds.
const VIRTUAL_PACKETS: usize = 500;
const DELAY_PARTICIPANTS: usize = 300;
const SEED: u64 = 77;

#[cfg(test)]
mod tests {
    use super::*;

    /// A listener whose frames left just before a talker's packets would hear it a frame late for
    /// ever.
    #[test]
    fn nobody_is_heard_a_frame_late_whatever_the_phases() {
        for (talkers, aim) in [(1, ONE_TALKER), (3, THREE_TALKERS)] {
            for seed in 0..200 {
                let block = virtual_room(Load::one_room(3, talkers), seed);
                let p99 = block.delay(0.99);
                assert!(block.is_valid() && block.missed == 0, "talkers {talkers}, seed {seed}");
                assert!(p99 <= aim.p99, "talkers {talkers}, seed {seed}: {p99} ms");
            }
        }
    }
}
