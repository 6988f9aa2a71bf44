//! What a simulated phone is.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// One phone.
#[derive(Clone)]
pub struct PhoneSettings {
    /// Where its sockets are bound.
    pub address: IpAddr,
    /// Northline's SIP address: the only peer whose calls it takes.
    pub server: SocketAddr,
    /// What it registers as and answers challenges with; none for a caller behind a trunk.
    pub account: Option<Account>,
    /// What it does when it is called.
    pub on_call: AnswerPolicy,
}

/// A name and password.
#[derive(Clone)]
pub struct Account {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
}

/// What a phone does when it is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerPolicy {
    /// Rings, then answers.
    After(Duration),
    /// Rings until the caller gives up or [`super::Call::answer`] is called.
    Never,
    /// Is busy (486).
    Busy,
    /// Is declined by a person (603).
    Decline,
}

impl fmt::Debug for PhoneSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PhoneSettings").field("on_call", &self.on_call).finish_non_exhaustive()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Account(<redacted>)")
    }
}
