//! The switchboard: one pure state machine that owns all calls of a hotline.
//!
//! Events of the signalling and the media go in as [`Input`], commands for them come out as
//! [`Output`]; time is an argument. It knows who is in which call, what each leg is being told, and
//! who should hear whom. It opens no socket and reads no session description: those pass through it
//! unread between `sip` and `media`.

mod act;
mod answering;
mod assisting;
mod audience;
mod call;
mod caller;
mod capacity;
mod codes;
mod desk;
mod diverting;
mod early;
mod hearing;
mod io;
mod leg;
mod legs;
mod mode;
mod offering;
mod plans;
mod policies;
mod prompts;
mod reading;
mod recovery;
mod rooms;
mod sentinel;
mod settings;
mod snapshot;
mod sound;
mod supervising;
mod switchboard;
mod taking_over;
mod talking;
mod telling;
mod transferring;
mod typing;
mod unread;
mod waits;
mod wording;
mod writing;

pub use act::{Act, Outcome, Wanted};
pub use audience::{Audible, Loudness};
pub use capacity::Capacity;
pub use codes::{Code, CodeReader};
pub use hearing::Aside;
pub use io::{Input, Notice, Output};
pub use mode::Mode;
pub use plans::Plans;
pub use policies::MediaPolicies;
pub use prompts::{SIGNALS, TOLD_TO_CALLERS, TOLD_TO_STAFF};
pub use reading::Screen;
pub use settings::{Settings, Vendor};
pub use snapshot::{
    AdvocateState, CallStage, CallState, InterpreterState, InterpreterStep, Line, QueueState,
    Snapshot, SupervisorState, SupervisorStep,
};
pub use sound::Sound;
pub use supervising::{Attendance, Whose};
pub use switchboard::{Board, Switchboard};
pub use waits::{InterpreterWaits, WAITED_SECONDS};
pub use wording::Recordings;
pub use writing::Passage;
