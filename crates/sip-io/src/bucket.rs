//! How many messages each source may bring: token buckets, asked before any parsing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use model::Instant;

use crate::limits::Rate;

/// A token bucket for each source that sent lately. At most [`MAX_STRANGERS`] of them are told
/// apart, beside those the endpoint knows.
pub(crate) struct Buckets {
    buckets: HashMap<IpAddr, Bucket>,
    stranger: Rate,
    known: Rate,
    /// When full buckets were last taken out.
    swept: Instant,
}

/// Invariant: empty by `used` tokens at `at`.
struct Bucket {
    used: f64,
    at: Instant,
    rate: Rate,
    /// When `rate` was looked up.
    rated: Instant,
}

impl Buckets {
    pub(crate) fn new(stranger: Rate, known: Rate) -> Self {
        Self { buckets: HashMap::new(), stranger, known, swept: Instant::ZERO }
    }

    /// Takes one token from the source's bucket; says whether there was one. Whether the source is
    /// known is looked up at most once a second.
    pub(crate) fn take(
        &mut self,
        now: Instant,
        source: IpAddr,
        is_known: impl Fn(IpAddr) -> bool,
    ) -> bool {
        let (stranger, known) = (self.stranger, self.known);
        let rate = |source| if is_known(source) { known } else { stranger };
        let key = if self.has_room_for(now, source) || is_known(source) {
            network(source)
        } else {
            SHARED
        };
        let fresh = || Bucket { used: 0.0, at: now, rate: rate(source), rated: now };
        let bucket = self.buckets.entry(key).or_insert_with(fresh);
        if now.since(bucket.rated) >= A_WHILE && key != SHARED {
            (bucket.rate, bucket.rated) = (rate(source), now);
        }
        bucket.take(now)
    }

    /// Whether the source has its bucket or may get one.
    fn has_room_for(&mut self, now: Instant, source: IpAddr) -> bool {
        if self.buckets.contains_key(&network(source)) {
            return true;
        }
        if self.buckets.len() >= MAX_STRANGERS && now.since(self.swept) >= A_WHILE {
            self.swept = now;
            self.buckets.retain(|_, bucket| bucket.used_at(now) > 0.0);
        }
        self.buckets.len() < MAX_STRANGERS
    }
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        (self.used, self.at) = (self.used_at(now), now);
        let has_token = self.used + 1.0 <= f64::from(self.rate.burst);
        self.used += if has_token { 1.0 } else { 0.0 };
        has_token
    }

    fn used_at(&self, now: Instant) -> f64 {
        let filled = now.since(self.at).as_secs_f64() * f64::from(self.rate.per_second);
        (self.used - filled).max(0.0)
    }
}

/// A host of IPv6 owns a /64, so that is one source.
pub(crate) fn network(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip) >> 64 << 64).into(),
        ip => ip,
    }
}

/// The most sources told apart.
const MAX_STRANGERS: usize = 20_000;
/// The bucket of all strangers beyond: no network, since those end in zeros.
const SHARED: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
/// How long a look-up holds and how often full buckets are looked for: a phone that registers is
/// known a second later, and a flood of sources costs no more than one sweep in a second.
const A_WHILE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, per_second: 2 };
    const START: Instant = Instant::from_nanos(5_000_000_000);

    fn buckets() -> Buckets {
        Buckets::new(RATE, Rate { burst: 100, per_second: 10 })
    }

    fn taken(buckets: &mut Buckets, now: Instant, source: &str, tries: usize) -> usize {
        let source = source.parse().unwrap();
        (0..tries).filter(|_| buckets.take(now, source, |_| false)).count()
    }

    /// 50 000 sources send once; says how many had a token.
    fn flood(buckets: &mut Buckets, now: Instant) -> usize {
        let sources = (0..50_000).map(|n: u32| IpAddr::from(std::net::Ipv4Addr::from(n)));
        sources.filter(|source| buckets.take(now, *source, |_| false)).count()
    }

    #[test]
    fn a_source_has_its_burst_and_then_its_rate_and_others_keep_theirs() {
        let mut buckets = buckets();
        assert_eq!(taken(&mut buckets, START, "192.0.2.1", 10), 3);
        assert_eq!(taken(&mut buckets, START, "192.0.2.2", 1), 1);
        assert_eq!(taken(&mut buckets, START + Duration::from_secs(1), "192.0.2.1", 10), 2);
        assert_eq!(taken(&mut buckets, START + Duration::from_secs(900), "192.0.2.1", 10), 3);
    }

    #[test]
    fn a_source_that_becomes_known_has_its_greater_rate_a_second_later() {
        let mut buckets = buckets();
        assert_eq!(taken(&mut buckets, START, "192.0.2.1", 10), 3);
        let (later, source) = (START + A_WHILE, "192.0.2.1".parse().unwrap());
        assert!((0..90).all(|_| buckets.take(later, source, |_| true)));
    }

    #[test]
    fn one_network_of_ipv6_is_one_source() {
        let mut buckets = buckets();
        assert_eq!(taken(&mut buckets, START, "2001:db8::1", 3), 3);
        assert_eq!(taken(&mut buckets, START, "2001:db8::2", 3), 0);
    }

    #[test]
    fn a_flood_of_sources_takes_no_more_room_and_strangers_come_back_after_it() {
        let mut buckets = buckets();
        assert_eq!(flood(&mut buckets, START), MAX_STRANGERS + 3);
        assert_eq!(buckets.buckets.len(), MAX_STRANGERS + 1);
        assert_eq!(taken(&mut buckets, START, "192.0.2.1", 3), 0);
        assert_eq!(taken(&mut buckets, START + Duration::from_secs(10), "192.0.2.1", 3), 3);
    }

    #[test]
    fn a_flood_of_sources_silences_nobody_who_is_known() {
        let mut buckets = buckets();
        flood(&mut buckets, START);
        let source = "192.0.2.1".parse().unwrap();
        assert!((0..100).all(|_| buckets.take(START, source, |_| true)));
    }
}
