//! What a stranger may take of us.

use std::time::Duration;

/// Limits on connections and messages. Peers the endpoint knows (trunks, registered phones) have a
/// far greater allowance of messages, so that a flood from strangers never silences them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// TCP connections of strangers, and as many again of peers the endpoint knows, those among them
    /// that we open to answer one. The others that we open are limited by the legs they are for.
    pub connections: usize,
    /// TCP connections of one unknown source.
    pub connections_per_source: usize,
    /// How long a connection that serves no registration and no dialog may bring no message.
    pub idle: Duration,
    /// How long a connection may be silent on our side until a line end keeps its way open.
    pub keep_alive: Duration,
    /// What one unknown source may send; a connection counts as a message.
    pub stranger: Rate,
    /// What one known source may send.
    pub known: Rate,
}

/// A token bucket's size and how fast it fills.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Messages at once.
    pub burst: u32,
    /// Messages per second in the long run.
    pub per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1000,
            connections_per_source: 100,
            idle: Duration::from_secs(50),
            keep_alive: Duration::from_secs(25),
            stranger: Rate { burst: 100, per_second: 50 },
            known: Rate { burst: 20_000, per_second: 10_000 },
        }
    }
}
