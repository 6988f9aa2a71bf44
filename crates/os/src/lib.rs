//! What Northline asks of the operating system and the standard library does not offer: the clock
//! as [`model::Instant`], a poller with exact deadlines, sockets at hand, wake-ups across threads, real-time
//! scheduling and process limits.
//!
//! Linux 5.11 or later. `rustix` where it has the call, `libc` where it has not; the only crate beside
//! `simd` that may hold `unsafe`. It decides nothing about calls.

mod allocations;
mod arrival;
pub mod clock;
mod held;
pub mod limits;
mod poller;
pub mod route;
pub mod scheduling;
pub mod socket;
mod wake;
mod wiping;

pub use allocations::CountingAllocator;
pub use arrival::{Arrival, receive_stamped, stamp_arrivals};
pub use held::Held;
pub use poller::{Poller, Ready};
pub use wake::{Wake, Waker};
pub use wiping::WipingAllocator;
