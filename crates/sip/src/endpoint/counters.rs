//! What an operator may know about traffic that led to nothing: numbers only.

/// How often something was dropped or refused since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes that are no SIP message and deserve no answer.
    pub unreadable: u64,
    /// Requests answered with a refusal before anything else looked at them.
    pub malformed: u64,
    /// Responses that belong to no transaction of ours.
    pub stray_responses: u64,
    /// ACKs that belong to nothing.
    pub stray_acks: u64,
    /// Requests from peers nobody configured.
    pub strangers: u64,
    /// Digest challenges sent.
    pub challenged: u64,
    /// Requests refused because a table was full or Northline is draining.
    pub overloaded: u64,
}
