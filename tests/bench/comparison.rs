//! Two servers under the same load, turn by turn: whatever else this machine does meets both alike.

use std::error::Error;

use crate::block::Block;
use crate::engine::Engine;
use crate::floor::Floor;
use crate::generator::{Generator, Times};
use crate::janus::Janus;
use crate::load::Load;
use crate::server::Server;

/// What carries a load.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Side {
    Floor(Load),
    Engine(Load),
    Janus(Load),
}

/// Pairs of runs, the base's first.
pub(crate) struct Comparison {
    pub(crate) pairs: Vec<(Block, Block)>,
}

/// The middle of several values, and the outermost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Side {
    /// Starts the server, puts the load on it, and ends it.
    pub(crate) fn run(
        self,
        generator: &Generator,
        times: Times,
        seed: u64,
    ) -> Result<Block, Box<dyn Error>> {
        let server = self.start(generator)?;
        Ok(generator.run(&*server, &self.load(), times, seed))
    }

    /// Starts the server.
    pub(crate) fn start(self, generator: &Generator) -> Result<Box<dyn Server>, Box<dyn Error>> {
        let peers = generator.addresses(&self.load());
        Ok(match self {
            Self::Floor(_) => Box::new(Floor::start(&peers)?),
            Self::Engine(load) => Box::new(Engine::start(&load, &peers)?),
            Self::Janus(load) => Box::new(Janus::start(&load, &peers)?),
        })
    }

    /// The same with so many talkers in each room.
    pub(crate) const fn with_talkers(self, talkers: usize) -> Self {
        match self {
            Self::Floor(load) => Self::Floor(load.with_talkers(talkers)),
            Self::Engine(load) => Self::Engine(load.with_talkers(talkers)),
            Self::Janus(load) => Self::Janus(load.with_talkers(talkers)),
        }
    }

    /// What it carries.
    pub(crate) const fn load(self) -> Load {
        match self {
            Self::Floor(load) | Self::Engine(load) | Self::Janus(load) => load,
        }
    }
}

impl Comparison {
    /// Runs `base` and `other` alternately, `pairs` times each; a pair's seed is the same for both.
    pub(crate) fn run(
        generator: &Generator,
        (base, other): (Side, Side),
        times: Times,
        pairs: usize,
    ) -> Result<Self, Box<dyn Error>> {
        let pair = |seed| -> Result<_, Box<dyn Error>> {
            let base = base.run(generator, times, seed)?;
            Ok((base, other.run(generator, times, seed)?))
        };
        Ok(Self { pairs: (0..pairs as u64).map(pair).collect::<Result<_, _>>()? })
    }

    /// How much dearer the other is than the base.
    pub(crate) fn ratio(&self) -> Spread {
        Spread::of(self.ratios())
    }

    /// That of each pair.
    pub(crate) fn ratios(&self) -> impl Iterator<Item = f64> {
        self.pairs.iter().map(|(base, other)| {
            other.micros_per_participant_second() / base.micros_per_participant_second()
        })
    }

    pub(crate) fn bases(&self) -> impl Iterator<Item = &Block> {
        self.pairs.iter().map(|(base, _)| base)
    }

    pub(crate) fn others(&self) -> impl Iterator<Item = &Block> {
        self.pairs.iter().map(|(_, other)| other)
    }

    /// Whether most pairs count, so that the median is one of theirs.
    pub(crate) fn is_valid(&self) -> bool {
        let valid = self.pairs.iter().filter(|(base, other)| base.is_valid() && other.is_valid());
        2 * valid.count() > self.pairs.len()
    }
}

impl Spread {
    /// Of at least one value.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
        let last = values.len().saturating_sub(1);
        Self { least: at(0), median: (at(last / 2) + at(last.div_ceil(2))) / 2.0, most: at(last) }
    }
}
