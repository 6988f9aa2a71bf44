//! How thoroughly to measure.

use std::time::Duration;

use crate::generator::Times;
use crate::load::Load;

/// How long everything takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// Pairs of runs whose ratios' median counts.
    pub(crate) pairs: usize,
    pub(crate) times: Times,
    /// At each load of the sweep: all begin at once, and five seconds later buffers are small again.
    pub(crate) sweep_times: Times,
    /// How long delays are collected.
    pub(crate) delay: Times,
    /// Rooms on the virtual clock.
    pub(crate) virtual_rooms: u64,
    /// Participants where no load is prescribed.
    pub(crate) participants: usize,
    /// The loads of the sweep, as far as they are valid.
    pub(crate) sweep: &'static [usize],
    /// Calls a second, and for how long in each of as many rounds as there are pairs elsewhere.
    pub(crate) rates: &'static [usize],
    pub(crate) calling: Duration,
    /// The loads that another mixer carries too.
    pub(crate) beside: &'static [Load],
    /// Takes valgrind.
    pub(crate) counts_instructions: bool,
}

impl Effort {
    /// What `make bench` does: some twelve minutes.
    pub(crate) const FULL: Self = Self {
        pairs: 5,
        times: times(1_000, 1_500),
        sweep_times: times(5_000, 2_500),
        delay: times(8_000, 8_000),
        virtual_rooms: 200,
        participants: 900,
        sweep: &[
            300, 600, 1_200, 1_500, 1_800, 2_100, 2_400, 2_700, 3_000, 3_300, 3_600, 4_200, 4_800,
        ],
        rates: &[200, 400],
        calling: Duration::from_secs(6),
        beside: &[Load::rooms_of_three(90), Load::rooms_of_three(300)],
        counts_instructions: true,
    };

    /// `make bench QUICK=1`: four minutes, with coarser figures.
    pub(crate) const QUICK: Self = Self {
        pairs: 3,
        times: times(600, 600),
        sweep_times: times(5_000, 1_500),
        delay: times(5_000, 2_500),
        virtual_rooms: 100,
        participants: 900,
        sweep: &[300, 1_200, 1_500, 1_800, 2_100, 2_400, 2_700],
        rates: &[200],
        calling: Duration::from_secs(4),
        beside: &[Load::rooms_of_three(90), Load::rooms_of_three(300)],
        counts_instructions: true,
    };

    /// A run long enough for a profiler.
    pub(crate) const PROFILE: Times = times(5_000, 5_000);

    /// Whether it runs at all.
    pub(crate) const SMOKE: Self = Self {
        pairs: 1,
        times: times(300, 300),
        sweep_times: times(300, 300),
        delay: times(300, 1_200),
        virtual_rooms: 3,
        participants: 6,
        sweep: &[6],
        rates: &[5],
        calling: Duration::from_secs(1),
        beside: &[Load::rooms_of_three(6)],
        counts_instructions: false,
    };
}

const fn times(warm_up_ms: u64, measured_ms: u64) -> Times {
    Times {
        warm_up: Duration::from_millis(warm_up_ms),
        measured: Duration::from_millis(measured_ms),
    }
}
