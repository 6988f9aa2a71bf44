//! Dialogs (RFC 3261 §12–§15): one [`Leg`] for each, as plain data with the timers in its states.
//!
//! A leg is told of commands, requests, responses and time, and acts through
//! [`crate::endpoint::Core`]: it sends, and says what happened. Not here: finding the leg a message
//! belongs to, and who may call at all (the endpoint).

mod calling;
mod closing;
mod fork;
mod identity;
mod info;
mod invited;
mod leg;
mod offering;
mod probe;
mod provisional;
mod reason;
mod referring;
mod replacing;
mod session;
mod session_timer;
mod talking;
mod untried;
mod updating;

pub(crate) use calling::Calling;
pub(crate) use identity::address_of;
pub use identity::is_private;
pub(crate) use identity::{Dialog, Reach, contact};
pub(crate) use invited::Invited;
pub(crate) use leg::{Errand, Leg, Phase, Purpose};
pub(crate) use session_timer::{INTERVAL, MIN_SE};
pub(crate) use untried::Untried;
