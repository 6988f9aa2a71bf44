//! Bindings of advocates' phones (RFC 3261 §10.3).
//!
//! The endpoint has proved who registers. Not here: which of the contacts is called, and when.

mod binding;
mod register;
mod table;

pub(crate) use table::Registrar;
