//! Who waits, who is free, who takes whom.
//!
//! One [`Queue`] owns every advocate and every waiting caller of a hotline, over all its named
//! queues, as a pure state machine: an [`Input`] and a `now` go in, [`Output`]s come out. Because
//! there is one owner, an offer has one winner (requirement A5) by construction: a waiting caller
//! is a value in the line, and talking moves that value into the hands of one advocate.
//!
//! It is not the call: legs, prompts, diversion and interpreters belong to the switchboard.
//!
//! # The advocates' table
//!
//! | state | leaves it by | to |
//! |---|---|---|
//! | away | `Ready` | ready |
//! | ready | the first caller in line for whom she is the best | offered |
//! | | `Away` | away |
//! | offered | `OfferAccepted` | talking |
//! | | `OfferFailed`, or 20 s: she is the last ready one of a queue | ready after a pause, alarm |
//! | | `OfferFailed`, or 20 s: otherwise | away |
//! | | `CallerLeft` | ready, as idle as before |
//! | | `Reachable { reachable: false }` | ready, but offered nothing |
//! | | `Away` | away |
//! | any but talking | `TakeOver` | talking |
//! | talking | `CallEnded`, `CallerLeft` | wrap-up, or away if she asked for it meanwhile |
//! | | `AdvocateLost`, `CallerWaits` at the head | the same; the caller is first in line |
//! | wrap-up | `WrapUpDone`, `Ready`, or its time | ready |
//! | | `Away` | away |
//!
//! A caller may also be handed over: she is offered to a colleague who is ready, and stays with her
//! advocate until that one answers. If the advocate leaves meanwhile, the caller is first in line
//! and the offer stands. Who is with the caller already (a supervisor) may have her without an
//! offer; one who was away is away again after that call.
//!
//! Every other pair changes nothing. An offer that ends in any way but by `OfferAccepted` leaves
//! the caller in her place. Among the ready and reachable advocates of the caller's queue the
//! longest idle who speaks the language takes her, then the longest idle of the others, with an
//! interpreter; one who only writes goes to those who can read before all others (`matching`). Who
//! asked for an interpreter, or whose language is unknown, goes to the longest idle of all.

mod board;
mod desk;
mod entry;
mod event;
mod handing;
mod matching;
mod name;
mod queue;
mod settings;
mod staffing;

pub use board::{Board, Overdue};
pub use desk::Standing;
pub use entry::{Medium, Place};
pub use event::{Alarm, Fit, Input, Missed, Output};
pub use name::QueueName;
pub use queue::Queue;
pub use settings::{Advocate, Settings};
