//! Wrong tokens, counted for each source: after ten different ones within a minute the source is
//! refused until the minute is over. A source that shows the right token meanwhile is refused too;
//! otherwise guessing would go on at full speed. A screen whose token is out of date shows the same
//! one again and again: that is no guess, and locks out nobody behind the same address.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::Duration;

use model::Instant;

use crate::Token;

/// Who guessed how often.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    sources: BTreeMap<IpAddr, Failures>,
}

#[derive(Debug)]
struct Failures {
    guesses: Vec<Token>,
    until: Instant,
}

impl Attempts {
    /// How long `source` is still refused.
    pub(crate) fn locked(&self, now: Instant, source: IpAddr) -> Option<Duration> {
        let failures = self.sources.get(&group(source))?;
        (failures.guesses.len() >= MOST && failures.until > now).then(|| failures.until.since(now))
    }

    /// Notes a wrong token.
    pub(crate) fn failed(&mut self, now: Instant, source: IpAddr, guess: Token) {
        if self.sources.len() >= SOURCES {
            self.make_room(now);
        }
        let fresh = || Failures { guesses: Vec::new(), until: now + WINDOW };
        let failures = self.sources.entry(group(source)).or_insert_with(fresh);
        if failures.until <= now {
            *failures = fresh();
        }
        if !failures.guesses.contains(&guess) {
            failures.guesses.push(guess);
        }
    }

    /// Forgets what is over; with nothing over, the source whose time ends first.
    fn make_room(&mut self, now: Instant) {
        self.sources.retain(|_, failures| failures.until > now);
        if self.sources.len() >= SOURCES {
            let first = self.sources.iter().min_by_key(|(_, failures)| failures.until);
            if let Some(source) = first.map(|(&source, _)| source) {
                self.sources.remove(&source);
            }
        }
    }
}

/// One IPv6 site has a /64 to itself (RFC 6177).
fn group(source: IpAddr) -> IpAddr {
    match source.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()),
        v4 => v4,
    }
}

const MOST: usize = 10;
const WINDOW: Duration = Duration::from_secs(60);
const SOURCES: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(number: u32) -> Token {
        Token::new(&format!("a-guess-of-thirty-characters-{number}")).expect("long enough")
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn ten_wrong_tokens_lock_a_source_for_the_rest_of_its_minute() {
        let (mut attempts, start) = (Attempts::default(), Instant::ZERO);
        let (guesser, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for number in 0..10 {
            assert_eq!(attempts.locked(start, guesser), None);
            attempts.failed(start, guesser, guess(number));
        }
        let later = start + Duration::from_secs(20);
        assert_eq!(attempts.locked(later, guesser), Some(Duration::from_secs(40)));
        assert_eq!(attempts.locked(later, other), None);
        let over = start + WINDOW;
        assert_eq!(attempts.locked(over, guesser), None);
        attempts.failed(over, guesser, guess(0));
        assert_eq!(attempts.locked(over, guesser), None);
    }

    #[test]
    fn a_screen_whose_token_is_out_of_date_locks_out_nobody_beside_it() {
        let (mut attempts, office) = (Attempts::default(), address("192.0.2.1"));
        (0..1_000).for_each(|_| attempts.failed(Instant::ZERO, office, guess(7)));
        assert_eq!(attempts.locked(Instant::ZERO, office), None);
    }

    #[test]
    fn the_addresses_of_one_ipv6_site_are_one_source() {
        let mut attempts = Attempts::default();
        for n in 0..10 {
            attempts.failed(Instant::ZERO, address(&format!("2001:db8::{n:x}")), guess(n));
        }
        assert!(attempts.locked(Instant::ZERO, address("2001:db8::ffff")).is_some());
        assert!(attempts.locked(Instant::ZERO, address("2001:db8:0:1::1")).is_none());
    }

    #[test]
    fn a_flood_of_sources_does_not_grow_without_end() {
        let mut attempts = Attempts::default();
        for n in 0..10_000_u32 {
            attempts.failed(Instant::ZERO, IpAddr::V4(n.into()), guess(0));
        }
        assert!(attempts.sources.len() <= SOURCES);
    }
}
