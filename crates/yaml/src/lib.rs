//! Operators' YAML: a tree that remembers where everything was written, tables read entry by entry,
//! and problems that are shown all at once, each with its place and how to mend it.
//!
//! Dialplan and configuration are both read with it. It knows neither.

mod fields;
mod problem;
pub mod suggest;
mod tree;

pub use fields::{Fields, entries_once, kind, time, word, words};
pub use problem::{Look, Problem, Problems, Spot};
pub use tree::{Entry, Located, Node, Value, parse};
