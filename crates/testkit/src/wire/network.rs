//! A seeded network on the virtual clock: it loses, repeats, delays and so reorders what is sent,
//! the same way for the same seed. It carries datagrams, or whatever else a test sends.

use std::collections::BTreeMap;
use std::time::Duration;

use model::{Chance, Instant};

/// How bad a way is, in percent of datagrams, and how long one takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weather {
    /// Percent lost.
    pub loss: u64,
    /// Percent delivered twice.
    pub duplication: u64,
    /// The shortest way.
    pub delay: Duration,
    /// What chance adds to it; more than the time between two datagrams reorders them.
    pub jitter: Duration,
}

impl Weather {
    /// A local network.
    pub const FAIR: Self =
        Self { loss: 0, duplication: 0, delay: Duration::from_millis(1), jitter: Duration::ZERO };
}

/// What is under way, by arrival.
#[derive(Debug)]
pub struct Network<T> {
    chance: Chance,
    /// The second number keeps equal arrivals apart.
    under_way: BTreeMap<(Instant, u64), T>,
    sent: u64,
}

impl<T: Clone> Network<T> {
    /// An empty network.
    pub fn new(seed: u64) -> Self {
        Self { chance: Chance::from_number(seed), under_way: BTreeMap::new(), sent: 0 }
    }

    /// Sends `one` through `weather`.
    pub fn send(&mut self, now: Instant, weather: Weather, one: T) {
        if self.chance.below(100) < weather.duplication {
            self.send_once(now, weather, one.clone());
        }
        self.send_once(now, weather, one);
    }

    /// When something arrives next.
    pub fn next_arrival(&self) -> Option<Instant> {
        self.under_way.first_key_value().map(|(&(at, _), _)| at)
    }

    /// The next of what has arrived by `now`.
    pub fn arrive(&mut self, now: Instant) -> Option<T> {
        let first = self.under_way.first_entry()?;
        (first.key().0 <= now).then(|| first.remove())
    }

    fn send_once(&mut self, now: Instant, weather: Weather, one: T) {
        let lost = self.chance.below(100) < weather.loss;
        let jitter = u64::try_from(weather.jitter.as_nanos()).unwrap_or(u64::MAX);
        let jitter = Duration::from_nanos(self.chance.below(jitter));
        if !lost {
            self.sent += 1;
            self.under_way.insert((now + weather.delay + jitter, self.sent), one);
        }
    }
}
