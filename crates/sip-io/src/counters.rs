//! What was dropped or refused before the endpoint saw it.

use std::sync::atomic::{AtomicU64, Ordering};

/// One number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// One more.
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// How many so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many there are now.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl Gauge {
    pub(crate) fn set(&self, now: usize) {
        self.0.store(now as u64, Ordering::Relaxed);
    }

    /// How many.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Counts since the start.
#[derive(Debug, Default)]
pub struct Counters {
    /// Messages of sources over their allowance.
    pub over_rate: Counter,
    /// Connections refused because there were too many.
    pub refused_connections: Counter,
    /// Connections closed because their stream could not be cut into messages.
    pub broken_streams: Counter,
    /// Connections closed because nothing came, or the peer read nothing.
    pub idle_connections: Counter,
    /// Datagrams and messages that could not be sent.
    pub unsent: Counter,
    /// Inputs whose handling panicked.
    pub panics: Counter,
    /// Legs that exist now, those being ended included.
    pub legs: Gauge,
    /// Transactions that exist now, those included that only answer repeated messages.
    pub transactions: Gauge,
}
