//! The delay that the engine adds: from a burst's first sample sent to its first sample received.
//!
//! (arrival of outgoing packet m + j/fs) − (send time of incoming packet k + o/fs), where o and j
//! are the burst's first sample in each. The packets' own 20 ms are in neither.

use std::error::Error;
use std::time::Duration;

use crate::comparison::Side;
use crate::effort::Effort;
use crate::generator::Generator;
use crate::load::Load;
use crate::media::Report;
use crate::table::Table;

/// What a quantile may be at most, in milliseconds.
struct Aim {
    median: Option<f64>,
    p99: f64,
}

/// Delays with one talker, with three, and at the highest load.
pub(crate) fn delays(
    generator: &Generator,
    effort: &Effort,
    highest: Option<Load>,
) -> Result<Report, Box<dyn Error>> {
    let heads = ["load", "bursts", "p50 ms", "aim", "p99 ms", "aim", "most ms", "unheard", "valid"];
    let mut table = Table::new("Added delay at zero network jitter, random phases", &heads);
    let rooms = Load::rooms_of_three(effort.participants.min(DELAY_PARTICIPANTS));
    let one = (rooms.with_talkers(1), Aim { median: Some(1.5), p99: 3.0 });
    let three = (rooms, Aim { median: Some(5.0), p99: 13.0 });
    let most = highest.map(|load| (load, Aim { median: None, p99: 20.0 }));
    let mut is_valid = true;
    for (load, aim) in [one, three].into_iter().chain(most) {
        let mut block = Side::Engine(load).run(generator, effort.delay, SEED)?;
        block.delays.sort_unstable();
        is_valid &= block.is_valid();
        table.row([
            load.to_string(),
            block.delays.len().to_string(),
            format!("{:.2}", millis(&block.delays, 0.5)),
            aim.median.map_or_else(|| "-".to_owned(), |aim| aim.to_string()),
            format!("{:.2}", millis(&block.delays, 0.99)),
            aim.p99.to_string(),
            format!("{:.2}", millis(&block.delays, 1.0)),
            block.missed.to_string(),
            if block.is_valid() { "yes" } else { "NO" }.to_owned(),
        ]);
    }
    Ok(Report { table, note: String::new(), is_valid })
}

/// The quantile of sorted delays, in milliseconds.
pub(crate) fn millis(delays: &[Duration], quantile: f64) -> f64 {
    let last = delays.len().saturating_sub(1) as f64;
    let delay = delays.get((last * quantile).round() as usize);
    delay.map_or(f64::NAN, |delay| delay.as_secs_f64() * 1_000.0)
}

const DELAY_PARTICIPANTS: usize = 300;
const SEED: u64 = 77;
