//! The media tables: CPU against the floor, the sweep over loads, two shards against one.

use std::error::Error;

use crate::block::Block;
use crate::comparison::{Comparison, Side, Spread};
use crate::effort::Effort;
use crate::generator::{Generator, Times};
use crate::load::Load;
use crate::table::Table;

/// A load that is compared with the floor, and what it may cost at most.
const LOADS: [(Load, f64); 3] = [
    (Load::rooms_of_three(90), 2.0),
    (Load::one_room(500, 500), 1.8),
    (Load::one_room(500, 3), 1.8),
];

/// What rooms of three may cost at most.
const AIM: f64 = 1.6;
/// What the least load of the sweep may cost, against the highest.
const AIM_SWEEP: f64 = 1.3;
/// How much of what the floor carries the engine is to carry.
const AIM_LIMIT: f64 = 0.6;
/// What two shards may cost, against one.
const AIM_SHARDS: f64 = 1.15;

/// One table and whether all of it counts.
pub(crate) struct Report {
    pub(crate) table: Table,
    pub(crate) note: String,
    pub(crate) is_valid: bool,
}

/// The most that the engine carries, and the run that showed it.
pub(crate) type Highest = Option<(Load, Block)>;

/// Every load against the floor.
pub(crate) fn against_floor(
    generator: &Generator,
    effort: &Effort,
) -> Result<Report, Box<dyn Error>> {
    let heads = ["load", "floor µs", "engine µs", "ratio", "range", "aim", "lost", "late", "valid"];
    let mut table = Table::new("CPU per participant-second, against the floor", &heads);
    let usual = (Load::rooms_of_three(effort.participants), AIM);
    let mut is_valid = true;
    let (mut scheduling, mut sent_late) = (None, 0.0);
    for (load, aim) in std::iter::once(usual).chain(LOADS) {
        let sides = (Side::Floor(load), Side::Engine(load));
        let comparison = Comparison::run(generator, sides, effort.times, effort.pairs)?;
        is_valid &= comparison.is_valid();
        scheduling = scheduling.or(comparison.others().find_map(|block| block.scheduling));
        sent_late = comparison.others().map(Block::sent_late).fold(sent_late, f64::max);
        table.row(row(&load.to_string(), &comparison, aim));
    }
    let got = scheduling.map_or_else(|| "unknown".to_owned(), |class| class.to_string());
    let note = format!(
        "scheduling of the measured threads: {got}; \
         sent more than 5 ms late by the generator itself: {} at most",
        percent(sent_late)
    );
    Ok(Report { table, note, is_valid })
}

/// From few participants to the most that the bare loop carries beside the generator, with nothing
/// lost and nobody heard late: that is the machine's limit. Returns also the most that the engine
/// carries, with the longer run that showed it; what is above is shown all the same.
pub(crate) fn sweep(
    generator: &Generator,
    effort: &Effort,
) -> Result<(Report, Highest), Box<dyn Error>> {
    let mut table = Table::new("The same, by load", &SWEPT);
    let (mut loads, mut floor, mut carried) = (Vec::new(), None, Comparison { pairs: Vec::new() });
    for load in effort.sweep.iter().copied().map(Load::rooms_of_three) {
        let (base, other) = (Side::Floor(load), Side::Engine(load));
        let run = |side| carried_if_at_all(generator, side, effort.sweep_times);
        let pair = (run(base)?, run(other)?);
        let (base, other) = (pair.0.is_carried(), pair.1.is_carried());
        table.row(sweep_row(load, &Comparison { pairs: vec![pair.clone()] }));
        if other {
            loads.push(load);
            carried.pairs.push(pair);
        }
        if !base {
            break;
        }
        floor = Some(load);
    }
    let (highest, given_up) = carried_for_long(generator, effort, &mut loads)?;
    carried.pairs.truncate(loads.len());
    let most = |load: Option<&Load>| load.map_or(0, Load::participants);
    let cost = Block::micros_per_participant_second;
    let note = format!(
        "dearest valid load / cheapest, each measured once: {:.2}, the floor's {:.2}; the least load / \
         the highest, turn by turn: {}; highest valid load{given_up}: {} participants of the floor's \
         {}, that is {:.0} % (aim {:.0} %)",
        varies(carried.others().map(cost)),
        varies(carried.bases().map(cost)),
        least_against_highest(generator, effort, &loads)?,
        most(loads.last()),
        most(floor.as_ref()),
        100.0 * most(loads.last()) as f64 / most(floor.as_ref()) as f64,
        100.0 * AIM_LIMIT,
    );
    Ok((Report { table, note, is_valid: highest.is_some() }, highest))
}

/// How much dearer a participant is at the least of `loads` than at the highest. One run of each
/// says little: what a wake-up costs changes with what else the machine does.
fn least_against_highest(
    generator: &Generator,
    effort: &Effort,
    loads: &[Load],
) -> Result<String, Box<dyn Error>> {
    let (Some(&least), Some(&highest)) = (loads.first(), loads.last()) else {
        return Ok("not measured".to_owned());
    };
    let sides = (Side::Engine(highest), Side::Engine(least));
    let comparison = Comparison::run(generator, sides, effort.sweep_times, effort.pairs)?;
    let Spread { least, median, most } = comparison.ratio();
    Ok(format!("{median:.2} ({least:.2}-{most:.2}; aim {AIM_SWEEP})"))
}

/// The highest of `loads` that is carried for as long as delays are measured, with that run: what
/// holds for seconds need not hold for long. Those above it are taken off and named.
fn carried_for_long(
    generator: &Generator,
    effort: &Effort,
    loads: &mut Vec<Load>,
) -> Result<(Highest, String), Box<dyn Error>> {
    let mut given_up = String::new();
    while let Some(&load) = loads.last() {
        let block = Side::Engine(load).run(generator, effort.delay, 0)?;
        if block.is_carried() {
            return Ok((Some((load, block)), given_up));
        }
        given_up += &format!(
            " ({} for long: p99 {:.0} ms, {} lost)",
            load.participants(),
            block.delay(0.99),
            percent(block.loss())
        );
        loads.pop();
    }
    Ok((None, given_up))
}

/// A run; another one where the first was not carried, since a moment in which the machine stood
/// still looks the same.
fn carried_if_at_all(
    generator: &Generator,
    side: Side,
    times: Times,
) -> Result<Block, Box<dyn Error>> {
    let block = side.run(generator, times, 0)?;
    if block.is_carried() { Ok(block) } else { side.run(generator, times, 1) }
}

/// The same rooms on two shards and on one.
pub(crate) fn shards(generator: &Generator, effort: &Effort) -> Result<Report, Box<dyn Error>> {
    let heads = ["load", "one µs", "two µs", "ratio", "range", "aim", "lost", "late", "valid"];
    let mut table = Table::new("Two shards against one (the second beside the generator)", &heads);
    let one = Load::rooms_of_three(effort.participants);
    let two = one.with_shards(2);
    let sides = (Side::Engine(one), Side::Engine(two));
    let comparison = Comparison::run(generator, sides, effort.times, effort.pairs)?;
    table.row(row(&two.to_string(), &comparison, AIM_SHARDS));
    Ok(Report { table, note: String::new(), is_valid: comparison.is_valid() })
}

/// One long run on the floor and one on the engine, for a profiler to look at.
pub(crate) fn profiled(
    generator: &Generator,
    participants: usize,
) -> Result<Report, Box<dyn Error>> {
    let mut table = Table::new("One pair of runs", &SWEPT);
    let load = Load::rooms_of_three(participants);
    let sides = (Side::Floor(load), Side::Engine(load));
    let comparison = Comparison::run(generator, sides, Effort::PROFILE, 1)?;
    table.row(sweep_row(load, &comparison));
    Ok(Report { table, note: String::new(), is_valid: comparison.is_valid() })
}

fn row(name: &str, comparison: &Comparison, aim: f64) -> [String; 9] {
    let Spread { least, median: ratio, most } = comparison.ratio();
    let cost = Block::micros_per_participant_second;
    [
        name.to_owned(),
        format!("{:.0}", median(comparison.bases(), cost)),
        format!("{:.0}", median(comparison.others(), cost)),
        format!("{ratio:.2}"),
        format!("{least:.2}-{most:.2}"),
        format!("{aim}"),
        percent(most_lost(comparison)),
        comparison.others().map(|block| block.late).sum::<u64>().to_string(),
        yes(comparison.is_valid()),
    ]
}

fn sweep_row(load: Load, comparison: &Comparison) -> [String; 11] {
    let cost = Block::micros_per_participant_second;
    let own = |block: &Block| block.generator_load;
    [
        load.to_string(),
        format!("{:.0}", median(comparison.bases(), cost)),
        format!("{:.0}", median(comparison.others(), cost)),
        format!("{:.2}", comparison.ratio().median),
        format!("{:.0} %", 100.0 * median(comparison.others(), Block::load)),
        format!("{:.0} %", 100.0 * median(comparison.others(), own)),
        percent(most_lost(comparison)),
        comparison.others().map(|block| block.late).sum::<u64>().to_string(),
        p99(comparison.bases()),
        p99(comparison.others()),
        yes(comparison.others().all(Block::is_carried)),
    ]
}

/// The largest by the least.
fn varies(costs: impl Iterator<Item = f64>) -> f64 {
    let costs = Spread::of(costs);
    costs.most / costs.least
}

fn median<'a>(blocks: impl Iterator<Item = &'a Block>, value: impl Fn(&Block) -> f64) -> f64 {
    Spread::of(blocks.map(value)).median
}

fn p99<'a>(blocks: impl Iterator<Item = &'a Block>) -> String {
    format!("{:.2}", median(blocks, |block| block.delay(0.99)))
}

fn most_lost(comparison: &Comparison) -> f64 {
    let blocks = comparison.bases().chain(comparison.others());
    blocks.map(Block::loss).fold(0.0, f64::max)
}

fn percent(share: f64) -> String {
    format!("{:.3} %", 100.0 * share)
}

fn yes(is_valid: bool) -> String {
    if is_valid { "yes" } else { "NO" }.to_owned()
}

const SWEPT: [&str; 11] = [
    "load",
    "floor µs",
    "engine µs",
    "ratio",
    "shard",
    "generator",
    "lost",
    "late",
    "floor p99 ms",
    "engine p99 ms",
    "valid",
];
