//! Sockets, connections and timers around [`sip::Endpoint`]: UDP datagrams and TCP streams
//! (RFC 3261 §18).
//!
//! One task owns the endpoint. Each socket has a task of its own that only moves bytes to it and
//! from it; nothing here reads a message or decides about a call.

mod alarm;
mod bind;
mod bucket;
mod connection;
mod connections;
mod counters;
mod datagrams;
mod limits;
mod listen;
mod resolver;
mod run;

pub use alarm::Alarm;
pub use bind::{BindError, Bound, SipIo};
pub use counters::{Counter, Counters, Gauge};
pub use limits::{Limits, Rate};
pub use resolver::{LookUpError, Resolver};
pub use run::Command;
