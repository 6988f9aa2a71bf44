//! How much of one peer is taken: the sound, the keys and the text it can want to reach somebody,
//! and no flood.
//!
//! Whoever can send in a peer's name, or a phone gone wrong, could else fill a shard with work: some
//! codecs and the suppression of noise cost a hundred times what a packet itself does. And each key
//! and each few characters are an event, of which none is ever dropped on its way: a flood of them
//! would keep the one task that decides for all calls from all others.
//!
//! # Assumptions
//! - No packet of sound is shorter than 5 ms in the long run: a phone that sends such ones, which we
//!   never ask for, is heard whole too. A network that held packets back for two seconds and lets them
//!   all go at once is still a network.
//! - Nobody presses 25 keys a second in the long run: a key takes 40 ms, and so does the pause after
//!   it (Q.24).
//! - Nobody writes 8 kB a second in the long run: RFC 4103 §6 allows 30 characters, each sent
//!   three times.

use std::time::Duration;

use model::Instant;

/// One leg's account of packets.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allowance {
    used_until: Instant,
}

impl Allowance {
    /// Whether the packet of sound that came at `now` may be decoded.
    pub(crate) fn takes_sound(&mut self, now: Instant) -> bool {
        self.takes(now, SOUND)
    }

    /// Whether the key that was pressed at `now` may be told.
    pub(crate) fn takes_key(&mut self, now: Instant) -> bool {
        self.takes(now, KEY)
    }

    /// Whether the packet of `bytes` of text that came at `now` may be read.
    pub(crate) fn takes_text(&mut self, now: Instant, bytes: usize) -> bool {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        self.takes(now, BYTE.saturating_mul(bytes.saturating_add(HEADER)))
    }

    fn takes(&mut self, now: Instant, uses: Duration) -> bool {
        let used_until = self.used_until.max(now);
        let is_within = used_until.since(now) < AHEAD;
        if is_within {
            self.used_until = used_until + uses;
        }
        is_within
    }
}

/// What a packet of sound uses up: of those that last 5 ms, a quarter more than there can be.
const SOUND: Duration = Duration::from_millis(4);
/// What a key uses up.
const KEY: Duration = Duration::from_millis(40);
/// What a byte of text uses up.
const BYTE: Duration = Duration::from_micros(122);
/// A packet without text is work too, as if it had so many bytes.
const HEADER: u32 = 40;
/// By how much a peer may be ahead of its time: 500 packets of sound at once, 50 keys, or 16 kB.
const AHEAD: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of `count` packets are taken that come every `each`.
    fn taken(allowance: &mut Allowance, count: u64, each: Duration) -> usize {
        let start = Instant::ZERO + Duration::from_secs(9);
        let comes = |number| start + each * u32::try_from(number).expect("few");
        (0..count).filter(|&number| allowance.takes_sound(comes(number))).count()
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

    #[test]
    fn what_fingers_can_do_is_all_taken_and_of_a_flood_little_more() {
        let at = |millis: u64| Instant::ZERO + Duration::from_millis(millis);
        let mut keys = Allowance::default();
        assert!((0..10_000).all(|number| keys.takes_key(at(number * 80))));
        let flood = (0..10_000).filter(|number| keys.takes_key(at(900_000 + number))).count();
        assert!((290..=310).contains(&flood), "{flood} keys in ten seconds");
        let mut text = Allowance::default();
        assert!((0..10_000).all(|number| text.takes_text(at(number * 300), 400)));
        let pasted = (0..16).filter(|_| text.takes_text(at(4_000_000), 1_000)).count();
        assert_eq!(pasted, 16, "a page at once");
        let flood = (0..10_000).filter(|n| text.takes_text(at(5_000_000 + n), 1_000)).count();
        assert!((80..=110).contains(&flood), "{flood} kB in ten seconds");
    }
}
