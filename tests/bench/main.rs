//! `make bench`: what Northline's media and signalling cost on this machine, and how long sound
//! takes through it. `tests/README.md` says how to read what it prints.
//!
//! Ratios are against a floor measured in the same run, turn by turn, so that they mean the same
//! on every machine and on a busy one.

mod block;
mod caller;
mod comparison;
mod cpu;
mod delay;
mod effort;
mod engine;
mod floor;
mod generator;
mod instructions;
mod janus;
mod load;
mod machine;
mod media;
mod party;
mod peers;
mod room;
mod server;
mod setup;
mod sound;
mod table;
mod usage;
mod vigil;
mod voice;

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use effort::Effort;
use generator::Generator;
use load::Load;
use machine::{Machine, Withheld};
use media::Report;
use model::{MediaPolicy, Noise, Treatment};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match Task::read(&arguments).map(Task::run) {
        Some(Ok(true)) => ExitCode::SUCCESS,
        Some(Ok(false)) => {
            say("\nNOT VALID: too much was lost; measure again on a quieter machine");
            ExitCode::FAILURE
        }
        Some(Err(error)) => {
            say(&format!("the bench cannot run: {error}"));
            ExitCode::FAILURE
        }
        None => {
            say(USAGE);
            ExitCode::from(2)
        }
    }
}

/// What to do.
enum Task {
    /// Print all tables.
    Measure {
        effort: Effort,
        binary: Option<PathBuf>,
    },
    /// One long run of that many on the engine, for a profiler.
    Profile {
        participants: usize,
    },
    /// Print the engine's figures beside another mixer's.
    Peers {
        effort: Effort,
    },
    /// Print what set-ups cost, and nothing else.
    SetUps {
        effort: Effort,
        binary: PathBuf,
    },
    /// Be what callgrind and cachegrind count.
    Rooms {
        load: Load,
        frames: usize,
        policy: MediaPolicy,
    },
    Calls(usize),
}

impl Task {
    fn read(arguments: &[String]) -> Option<Self> {
        let mut task = Self::Measure { effort: Effort::FULL, binary: None };
        let mut words = arguments.iter().map(String::as_str);
        while let Some(word) = words.next() {
            match (word, &mut task) {
                ("--quick", Self::Measure { effort, .. }) => *effort = Effort::QUICK,
                ("--smoke", Self::Measure { effort, .. }) => *effort = Effort::SMOKE,
                ("--northline", Self::Measure { binary, .. }) => {
                    *binary = Some(path(words.next())?)
                }
                ("--set-ups", Self::Measure { effort, .. }) => {
                    task = Self::SetUps { effort: *effort, binary: path(words.next())? };
                }
                ("--profile", _) => {
                    task = Self::Profile { participants: words.next()?.parse().ok()? };
                }
                ("--peers", Self::Measure { effort, .. }) => task = Self::Peers { effort: *effort },
                ("--room" | "--levelled-room" | "--suppressed-room", _) => {
                    task = Self::room(word, &mut words)?;
                }
                ("--threes", _) => task = Self::threes(&mut words)?,
                ("--calls", _) => task = Self::Calls(words.next()?.parse().ok()?),
                _ => return None,
            }
        }
        Some(task)
    }

    fn room<'w>(kind: &str, words: &mut impl Iterator<Item = &'w str>) -> Option<Self> {
        let usual = MediaPolicy::default();
        let policy = match kind {
            "--levelled-room" => MediaPolicy { treatment: Treatment::Levelled, ..usual },
            "--suppressed-room" => MediaPolicy { noise: Noise::Suppressed, ..usual },
            _ => usual,
        };
        let mut number = || words.next()?.parse().ok();
        let parties: usize = number()?;
        let load = Load::one_room(parties, parties);
        Some(Self::Rooms { load, frames: number()?, policy })
    }

    fn threes<'w>(words: &mut impl Iterator<Item = &'w str>) -> Option<Self> {
        let mut number = || words.next()?.parse().ok();
        let load = Load::rooms_of_three(number()?);
        Some(Self::Rooms { load, frames: number()?, policy: MediaPolicy::default() })
    }

    /// Does it; whether all that was measured counts.
    fn run(self) -> Result<bool, Box<dyn Error>> {
        // Two sockets a leg, and the floor's one.
        os::limits::raise_descriptors(DESCRIPTORS)?;
        match self {
            Self::Measure { effort, binary } => measure(&effort, binary.as_deref()),
            Self::Profile { participants } => {
                let report = media::profiled(&Generator::new()?, participants)?;
                say(&report.table.to_string());
                Ok(report.is_valid)
            }
            Self::Peers { effort } => compare(&effort),
            Self::SetUps { effort, binary } => {
                say(&Machine::look().to_string());
                let report = setup::setups(&Generator::new()?, &binary, &effort)?;
                say(&report.table.to_string());
                Ok(report.is_valid)
            }
            Self::Rooms { load, frames, policy } => {
                instructions::run(load, frames, policy);
                Ok(true)
            }
            Self::Calls(calls) => {
                instructions::call(calls);
                Ok(true)
            }
        }
    }
}

/// Prints all tables; whether all of them count.
fn measure(effort: &Effort, binary: Option<&Path>) -> Result<bool, Box<dyn Error>> {
    say(&Machine::look().to_string());
    let withheld = Withheld::begin();
    let generator = Generator::new()?;
    let mut is_valid = true;
    let mut show = |report: Report| {
        say(format!("{}{}", report.table, report.note).trim_end());
        is_valid &= report.is_valid;
    };
    show(media::against_floor(&generator, effort)?);
    show(media::shards(&generator, effort)?);
    let (sweep, highest) = media::sweep(&generator, effort)?;
    show(sweep);
    show(delay::delays(&generator, effort, highest)?);
    show(delay::on_a_virtual_clock(effort));
    if let Some(binary) = binary {
        show(setup::setups(&generator, binary, effort)?);
    }
    if effort.counts_instructions {
        show(instructions::count()?);
    }
    say(&withheld.to_string());
    Ok(is_valid)
}

/// Prints the engine's figures beside another mixer's.
fn compare(effort: &Effort) -> Result<bool, Box<dyn Error>> {
    say(&Machine::look().to_string());
    let report = peers::janus(&Generator::new()?, effort)?;
    say(format!("{}{}", report.table, report.note).trim_end());
    Ok(report.is_valid)
}

/// A program's path, from wherever it is started.
fn path(word: Option<&str>) -> Option<PathBuf> {
    std::path::absolute(word?).ok()
}

/// A reader that has gone away ends nothing.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

const USAGE: &str = "northline-bench [--quick | --smoke] [--northline BINARY | --peers]
northline-bench [--quick | --smoke] --set-ups BINARY
northline-bench --profile PARTICIPANTS
northline-bench [--room | --levelled-room | --suppressed-room] PARTIES FRAMES
northline-bench --threes PARTICIPANTS FRAMES
northline-bench --calls CALLS";
const DESCRIPTORS: u64 = 40_000;
