//! What one run of a load on one server has shown.

use std::time::Duration;

use os::scheduling::Scheduling;

use crate::party::Heard;

/// One run's figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Block {
    pub(crate) participants: usize,
    pub(crate) window: Duration,
    /// What the server's threads used in the window.
    pub(crate) cpu: Duration,
    /// Packets sent to the server.
    pub(crate) sent: u64,
    /// Packets lost on the way there and on the way back.
    pub(crate) lost: u64,
    /// Deadlines that the server met more than 2 ms late.
    pub(crate) late: u64,
    /// Packets that the generator sent more than 5 ms late.
    pub(crate) late_sends: u64,
    /// Packets that came back.
    pub(crate) received: u64,
    /// Of every burst.
    pub(crate) delays: Vec<Duration>,
    /// Bursts that were never heard.
    pub(crate) missed: u64,
    /// The generator's own share of its core.
    pub(crate) generator_load: f64,
    pub(crate) scheduling: Option<Scheduling>,
}

impl Block {
    /// Adds what one party heard.
    pub(crate) fn add(&mut self, mut heard: Heard) {
        let (expected, received) = heard.expected_and_received();
        self.lost += expected.saturating_sub(received);
        self.received += received;
        self.missed += heard.missed;
        self.delays.append(&mut heard.delays);
    }

    /// Adds another run of as long a window.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.participants += other.participants;
        self.window = other.window;
        self.sent += other.sent;
        self.lost += other.lost;
        self.received += other.received;
        self.missed += other.missed;
        self.delays.append(&mut other.delays);
    }

    /// Microseconds of a core for one participant's second.
    pub(crate) fn micros_per_participant_second(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / (self.participants as f64 * self.window.as_secs_f64())
    }

    /// Of one core.
    pub(crate) fn load(&self) -> f64 {
        self.cpu.as_secs_f64() / self.window.as_secs_f64()
    }

    pub(crate) fn loss(&self) -> f64 {
        self.lost as f64 / self.sent.max(1) as f64
    }

    /// Of all packets sent.
    pub(crate) fn sent_late(&self) -> f64 {
        self.late_sends as f64 / self.sent.max(1) as f64
    }

    /// The quantile of the bursts' delays, in milliseconds.
    pub(crate) fn delay(&self, quantile: f64) -> f64 {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        let last = delays.len().saturating_sub(1) as f64;
        let delay = delays.get((last * quantile).round() as usize);
        delay.map_or(f64::NAN, |delay| delay.as_secs_f64() * 1_000.0)
    }

    /// Whether the server keeps up: on a core that is full nothing need be lost for a while, as
    /// packets wait in the kernel, but they come late.
    fn keeps_up(&self) -> bool {
        self.delay(0.99) <= FULL_LOAD_P99
    }

    /// Whether the server carries the load: nothing is lost, and nobody is heard late.
    pub(crate) fn is_carried(&self) -> bool {
        self.is_valid() && self.keeps_up()
    }

    /// Whether the figures count: hardly anything was lost, and everybody was heard.
    pub(crate) fn is_valid(&self) -> bool {
        let expected = self.participants as f64 * self.window.as_secs_f64() * PACKETS_A_SECOND;
        self.loss() <= MOST_LOSS && self.received as f64 >= expected * (1.0 - ENDS)
    }
}

/// What a hundredth of the bursts may exceed at the highest load, in milliseconds.
pub(crate) const FULL_LOAD_P99: f64 = 20.0;
const PACKETS_A_SECOND: f64 = 50.0;
const MOST_LOSS: f64 = 0.001;
/// What may lie before the first and behind the last packet of a stream in the window.
const ENDS: f64 = 0.05;
