//! SIP as values and state machines (RFC 3261): messages, digest, transactions, dialogs, bindings.
//!
//! Bytes, commands and `now` go in; bytes to send and events come out. No socket, clock or thread.

mod dialog;
pub mod digest;
mod endpoint;
mod registrar;
mod transaction;
pub mod wire;

pub use dialog::is_private;
pub use endpoint::{
    Account, Counters, Endpoint, Flow, Found, Input, Limits, Listener, ListenerId, Network,
    NetworkError, NextHop, NextHopError, Output, Served, Settings, Transport, Trunk, User,
};
