//! `make bench`: what Northline's media and signalling cost on this machine, and how long sound
//! takes through it. `tests/README.md` says how to read what it prints.
//!
//! Ratios are against a floor measured in the same run, turn by turn, so that they mean the same
//! on every machine and on a busy one.

mod block;
mod comparison;
mod cpu;
mod delay;
mod effort;
mod engine;
mod floor;
mod generator;
mod load;
mod machine;
mod media;
mod party;
mod server;
mod table;
mod voice;

use std::error::Error;
use std::io::Write;
use std::process::ExitCode;

use effort::Effort;
use generator::Generator;
use machine::Machine;
use media::Report;

fn main() -> ExitCode {
    match measure(std::env::args().skip(1).collect()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            say("\nNOT VALID: too much was lost; measure again on a quieter machine");
            ExitCode::FAILURE
        }
        Err(error) => {
            say(&format!("the bench cannot run: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints all tables; whether all of them count.
fn measure(arguments: Vec<String>) -> Result<bool, Box<dyn Error>> {
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let effort = match () {
        () if has("--smoke") => Effort::SMOKE,
        () if has("--quick") => Effort::QUICK,
        () => Effort::FULL,
    };
    // Two sockets a leg, and the floor's one.
    os::limits::raise_descriptors(DESCRIPTORS)?;
    say(&Machine::look().to_string());
    let generator = Generator::new()?;
    let mut is_valid = true;
    let mut show = |report: &Report| {
        say(&format!("{}{}", report.table, report.note));
        is_valid &= report.is_valid;
    };
    show(&media::against_floor(&generator, &effort)?);
    show(&media::shards(&generator, &effort)?);
    let (sweep, highest) = media::sweep(&generator, &effort)?;
    show(&sweep);
    show(&delay::delays(&generator, &effort, highest)?);
    Ok(is_valid)
}

/// A reader that has gone away ends nothing.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

const DESCRIPTORS: u64 = 40_000;
