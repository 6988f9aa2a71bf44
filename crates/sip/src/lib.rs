//! SIP as values and state machines (RFC 3261): messages, digest, transactions, dialogs, bindings.
//!
//! Bytes, commands and `now` go in; bytes to send and events come out. No socket, clock or thread.

mod dialog;
pub mod digest;
mod endpoint;
mod registrar;
mod transaction;
pub mod wire;

pub use dialog::{address_of, is_private};
pub use endpoint::{
    Account, Counters, Endpoint, Flow, Input, Limits, Listener, ListenerId, Network, NetworkError,
    Output, Served, Settings, Transport, Trunk, User,
};
