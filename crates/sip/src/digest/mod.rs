//! Digest authentication (RFC 7616 and RFC 8760, with RFC 2617's MD5 where a peer has no better):
//! the server's nonces and verdicts, and the client's answer to a challenge.
//!
//! Not here: which user or trunk a message belongs to, and when to try again.

mod algorithm;
mod client;
mod secret;
mod server;
#[cfg(test)]
mod tests;

pub use client::{answer, is_stale};
pub use secret::Secret;
pub use server::{Attempt, Nonces, Policy, Verdict};
