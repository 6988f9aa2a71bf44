//! Transactions (RFC 3261 §17, RFC 6026): four small machines and the two tables that hold them.
//!
//! A machine knows states and timers only; the tables hold the messages, match what arrives, and
//! queue what is to be sent. Not here: what a request means (the endpoint, dialogs, registrar).

mod client;
mod client_invite;
mod clients;
mod key;
mod server;
mod server_invite;
mod servers;
mod timers;

#[cfg(test)]
mod properties;

use bytes::Bytes;

use crate::endpoint::Flow;

pub(crate) use clients::{ClientEvent, Clients, Failure, Way};
pub(crate) use key::{COOKIE, MergeKey, ServerKey};
pub(crate) use servers::Servers;
pub(crate) use timers::{Backoff, LIFETIME, T1, T2, TIMER_C};

/// A transaction's name within its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TransactionId(u64);

/// Bytes to send and where.
pub(crate) struct Transmission {
    pub(crate) flow: Flow,
    pub(crate) bytes: Bytes,
}
