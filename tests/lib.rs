//! Northline's own tests: call flows, media tables, real peers, tidiness. See `tests/README.md`.
