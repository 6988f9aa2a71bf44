//! SIP as values and state machines (RFC 3261): messages, digest, transactions, dialogs, bindings.
//!
//! Bytes, commands and `now` go in; bytes to send and events come out. No socket, clock or thread.

pub mod digest;
pub mod wire;
