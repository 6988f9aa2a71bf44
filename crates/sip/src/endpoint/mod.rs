//! The endpoint: the one owner of all transactions, dialogs and bindings of a node.
//!
//! It decides which part a message belongs to, who may call, and what is refused before any part
//! sees it. Not here: sockets and clocks (`sip-io`), and what a call is for (`switchboard`).

mod addresses;
mod attempts;
mod authentication;
mod body;
mod check;
mod core;
mod counters;
mod credentials;
mod dial;
mod flow;
mod legs;
mod locating;
mod machine;
mod names;
mod network;
mod next_hop;
mod peers;
mod received;
mod replaces;
mod reply;
mod requests;
mod settings;
mod streams;

use std::fmt;
use std::net::IpAddr;

use bytes::Bytes;
use model::{LegCommand, LegEvent, LegId};

pub(crate) use body::description;
pub(crate) use check::check_within;
pub(crate) use core::{Core, Task};
pub use counters::Counters;
pub use flow::{Flow, ListenerId, Transport};
pub use machine::Endpoint;
pub use names::Found;
pub use network::{Network, NetworkError};
pub use next_hop::{NextHop, NextHopError};
pub(crate) use received::Received;
pub(crate) use reply::{describe, push_capabilities, push_own_capabilities, reply, reply_within};
pub use settings::{Account, Limits, Listener, Served, Settings, Trunk, User};

/// What an [`Endpoint`] is told.
pub enum Input {
    /// A datagram, or one message of a stream.
    Message {
        /// Where it came from.
        flow: Flow,
        /// The message.
        bytes: Bytes,
    },
    /// A connection is gone, or a datagram could not be delivered (RFC 3261 §18.4).
    FlowClosed {
        /// Which.
        flow: Flow,
    },
    /// The address the kernel uses towards a peer ([`Endpoint::unknown_peers`]).
    OwnAddress {
        /// The peer.
        peer: IpAddr,
        /// Our address.
        own: IpAddr,
    },
    /// What became of [`Output::LookUp`].
    LookedUp {
        /// The server.
        server: NextHop,
        /// Its addresses; `None` when nobody said.
        found: Option<Found>,
    },
    /// What the switchboard wants.
    Command(LegCommand),
    /// Take no new calls; running ones go on.
    Drain,
    /// Drop all state of a leg without trusting it, after a panic.
    Forget(LegId),
    /// The deadline passed.
    Timeout,
}

/// What an [`Endpoint`] wants, or says.
pub enum Output {
    /// Send a request, over a new connection where there is none.
    Transmit {
        /// Where to.
        flow: Flow,
        /// The message.
        bytes: Bytes,
    },
    /// Send a response.
    Respond {
        /// Where to; a connection that is closed is not opened again.
        flow: Flow,
        /// The connection to open then (RFC 3261 §18.2.2); none to a peer that is allowed nothing.
        otherwise: Option<Flow>,
        /// The message.
        bytes: Bytes,
    },
    /// Close a connection that sent what no peer of ours sends.
    CloseFlow {
        /// Which.
        flow: Flow,
    },
    /// Find the addresses of this server (RFC 3263 §4), and say them by [`Input::LookedUp`].
    LookUp(NextHop),
    /// For the switchboard.
    Event(LegEvent),
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { flow, bytes } => hide(f, "Message", flow, bytes),
            Self::FlowClosed { flow } => write!(f, "FlowClosed({flow:?})"),
            Self::OwnAddress { .. } => f.write_str("OwnAddress(<redacted>)"),
            Self::LookedUp { server, found } => write!(f, "LookedUp({server:?}, {found:?})"),
            Self::Command(command) => write!(f, "Command({command:?})"),
            Self::Drain => f.write_str("Drain"),
            Self::Forget(leg) => write!(f, "Forget({leg})"),
            Self::Timeout => f.write_str("Timeout"),
        }
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Transmit { flow, bytes } => hide(f, "Transmit", flow, bytes),
            Self::Respond { flow, bytes, .. } => hide(f, "Respond", flow, bytes),
            Self::CloseFlow { flow } => write!(f, "CloseFlow({flow:?})"),
            Self::LookUp(server) => write!(f, "LookUp({server:?})"),
            Self::Event(event) => write!(f, "Event({event:?})"),
        }
    }
}

/// A message prints as its length.
fn hide(f: &mut fmt::Formatter<'_>, name: &str, flow: &Flow, bytes: &Bytes) -> fmt::Result {
    write!(f, "{name}({flow:?}, {} bytes)", bytes.len())
}
