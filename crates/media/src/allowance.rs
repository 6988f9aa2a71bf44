//! How much sound one peer may make us decode: what it can want heard, and no flood.
//!
//! Whoever can send in a peer's name, or a phone gone wrong, could else fill a shard with work: some
//! codecs and the suppression of noise cost a hundred times what a packet itself does.
//!
//! # Assumptions
//! - No packet of sound is shorter than 5 ms in the long run: a phone that sends such ones, which we
//!   never ask for, is heard whole too. A network that held packets back for two seconds and lets them
//!   all go at once is still a network.

use std::time::Duration;

use model::Instant;

/// One leg's account of packets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowance {
    used_until: Instant,
}

impl Allowance {
    /// Whether the packet that came at `now` may be decoded.
    pub(crate) fn takes(&mut self, now: Instant) -> bool {
        let used_until = self.used_until.max(now);
        let is_within = used_until.since(now) < AHEAD;
        if is_within {
            self.used_until = used_until + EACH;
        }
        is_within
    }
}

/// What a packet uses up: of those that last 5 ms, a quarter more than there can be.
const EACH: Duration = Duration::from_millis(4);
/// By how much a peer may be ahead of its time: 500 packets at once.
const AHEAD: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `count` packets are taken that come every `each`.
    fn taken(allowance: &mut Allowance, count: u64, each: Duration) -> usize {
        let start = Instant::ZERO + Duration::from_secs(9);
        let comes = |number| start + each * u32::try_from(number).expect("few");
        (0..count).filter(|&number| allowance.takes(comes(number))).count()
    }

    #[test]
    fn short_packets_of_a_fast_clock_are_all_taken_for_hours_and_so_is_what_a_network_held_back() {
        let mut allowance = Allowance::default();
        let fast = Duration::from_micros(4_995);
        assert_eq!(taken(&mut allowance, 1_000_000, fast), 1_000_000);
        assert_eq!(
            taken(&mut Allowance::default(), 100, Duration::ZERO),
            100,
            "two seconds of 20 ms"
        );
    }

    #[test]
    fn of_a_flood_little_more_is_taken_than_there_can_be() {
        let flood = Duration::from_micros(100);
        let ten_seconds = taken(&mut Allowance::default(), 100_000, flood);
        assert!((2_500..=3_001).contains(&ten_seconds), "{ten_seconds}");
    }
}
