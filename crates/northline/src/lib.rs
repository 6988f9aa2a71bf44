//! Being written.

pub mod phone;
