//! Languages as people say them, and the way to an interpreter on a virtual clock.

mod catalogue;
mod properties;
mod scripts;
mod search;
mod vendor;
