//! The same parties in another engine's mixer and in ours, one after the other in one run.

use std::error::Error;

use crate::block::Block;
use crate::comparison::{Comparison, Side, Spread};
use crate::effort::Effort;
use crate::generator::Generator;
use crate::media::Report;
use crate::sound::Sound;
use crate::table::Table;

/// Janus's AudioBridge beside Northline.
pub(crate) fn janus(generator: &Generator, effort: &Effort) -> Result<Report, Box<dyn Error>> {
    let heads =
        ["mixer", "load", "CPU µs", "p50 ms", "p99 ms", "lost", "level dB", "own voice dB", "gaps"];
    let title = "Plain RTP participants, G.711: CPU per participant-second, added delay, sound";
    let mut table = Table::new(title, &heads);
    let (mut is_valid, mut ratios) = (true, String::new());
    for load in effort.beside {
        let sides = (Side::Engine(*load), Side::Janus(*load));
        let comparison = Comparison::run(generator, sides, effort.times, effort.pairs)?;
        let ratio = comparison.ratio();
        ratios += &format!(
            "{load}: Janus uses {:.1} times the CPU ({:.1}-{:.1})\n",
            ratio.median, ratio.least, ratio.most
        );
        is_valid &= comparison.others().all(|block| block.received > 0);
        table.row(row(
            "Northline",
            sides.0,
            generator,
            effort,
            &comparison.bases().collect::<Vec<_>>(),
        )?);
        table.row(row(
            "Janus",
            sides.1,
            generator,
            effort,
            &comparison.others().collect::<Vec<_>>(),
        )?);
    }
    let note = format!("{ratios}{HOW_TO_READ}");
    Ok(Report { table, note, is_valid })
}

fn row(
    name: &str,
    side: Side,
    generator: &Generator,
    effort: &Effort,
    blocks: &[&Block],
) -> Result<[String; 9], Box<dyn Error>> {
    let cost = Spread::of(blocks.iter().map(|block| block.micros_per_participant_second()));
    let loss = Spread::of(blocks.iter().map(|block| block.loss()));
    // Bursts stand out where one talks.
    let one_talks = side.with_talkers(1);
    let heard = one_talks.run(generator, effort.delay, SEED)?;
    let server = side.start(generator)?;
    let sound = Sound::of(&generator.tapes(&*server, &side.load(), effort.delay)[..ROOM]);
    Ok([
        name.to_owned(),
        side.load().to_string(),
        format!("{:.0}", cost.median),
        format!("{:.1}", heard.delay(0.5)),
        format!("{:.1}", heard.delay(0.99)),
        format!("{:.2} %", 100.0 * loss.median),
        format!("{:.1}", sound.level_error),
        format!("{:.0}", sound.own_leak),
        sound.gaps.to_string(),
    ])
}

const SEED: u64 = 77;
/// Three of a room say a tone of their own; in a larger one the others repeat them.
const ROOM: usize = 3;
const HOW_TO_READ: &str = "level: how far another's tone is from what was sent; own voice: the \
     listener's own tone in what she hears; gaps: stretches of 5 ms or more of silence\n";
