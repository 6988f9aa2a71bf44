//! `northline demo`: one whole call on a real hotline in this process, over real SIP and RTP on
//! loopback, played by simulated phones and checked by what they heard; and `northline run --demo`:
//! a hotline to try out with a softphone.
//!
//! The engine knows nothing of it but [`crate::engine::Attached`].

mod acts;
mod cast;
mod colleagues;
mod grid;
mod house;
mod listening;
mod notices;
mod party;
mod sabotage;
mod service;
mod sound;
mod stage;
mod tapes;
mod timeline;
mod trial;
mod wrong;

pub use party::Party;
pub use stage::demonstrate;
pub use trial::try_out;
pub use wrong::Wrong;
