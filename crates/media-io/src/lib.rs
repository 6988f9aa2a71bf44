//! Threads, sockets and rings around `media`: the shards of a running engine.
//!
//! A shard is a plain thread that owns its rooms and their UDP sockets; it receives, mixes and
//! sends by itself and waits for nobody. A control task on tokio negotiates for all shards, binds
//! ports, and frees what shards have done with. Decides nothing about calls, and knows no `sip`.

/// For what the tests of this crate and those beside it share.
#[cfg(test)]
extern crate self as media_io;

mod batch;
mod claim;
mod control;
mod counters;
mod handle;
#[cfg(test)]
mod harm;
mod holdings;
mod legs;
mod link;
mod pace;
mod place;
mod ports;
mod pulse;
mod settings;
mod shards;
mod sockets;
mod station;
mod thread;

pub use handle::{MediaHandle, StartError};
pub use place::Place;
pub use settings::{Cores, Priority, Settings};
