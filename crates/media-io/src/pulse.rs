//! Whether a shard's thread gets on. It takes a turn at least twice a second, even with nothing to
//! do: one that takes none for seconds hangs, and its legs have no sound.
//!
//! Looks are counted and not seconds, so that a machine that slept, or an engine that did, finds
//! its shards as it left them.

/// What is seen of one thread.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Pulse {
    turns: u64,
    missed: u8,
}

impl Pulse {
    /// Takes one look, a second after the last, at how many turns were taken so far; whether the
    /// thread hangs.
    pub(crate) fn hangs(&mut self, turns: u64) -> bool {
        self.missed = if turns == self.turns { self.missed.saturating_add(1) } else { 0 };
        self.turns = turns;
        self.missed >= PATIENCE
    }

    /// Whether it is about to be found hanging, or nothing could be put in its place.
    pub(crate) const fn is_weak(&self) -> bool {
        self.missed + 1 >= PATIENCE
    }
}

/// So many looks that saw nothing, and the thread hangs; one less, and it is given no more.
const PATIENCE: u8 = 3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_hangs_that_took_no_turn_for_three_looks() {
        let mut pulse = Pulse::default();
        let seen = [2, 4, 4, 4, 5, 5, 5, 5, 5, 6].map(|turns| pulse.hangs(turns));
        let hangs: Vec<usize> = (0..seen.len()).filter(|&look| seen[look]).collect();
        assert_eq!(hangs, [7, 8]);
    }
}
