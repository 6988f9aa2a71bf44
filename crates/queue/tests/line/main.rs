//! The queue as its callers and advocates live through it, on a virtual clock.

mod calls;
mod hotline;
mod properties;
mod reading;
