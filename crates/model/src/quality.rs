//! How a leg's media fare: numbers only, nothing about a call.

use std::time::Duration;

/// Both directions of a leg as of its latest report, and the way there and back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quality {
    /// What we receive; `None` until something came.
    pub received: Option<Fare>,
    /// What the peer says it receives of us; `None` if it never said.
    pub sent: Option<Fare>,
    /// From us to the peer and back (RFC 3550 §6.4.1); `None` if it cannot be told.
    pub round_trip: Option<Duration>,
}

/// How one direction fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fare {
    /// Packets lost since the report before, in 1/1000.
    pub loss_permille: u16,
    /// The mean deviation of the time between packets.
    pub jitter: Duration,
    /// What listeners are likely to think of it, in tenths of a point of the mean opinion score:
    /// 10 (bad) to 45 (excellent).
    pub mos_tenths: u8,
}
