//! The HTTP API, which has nothing to serve yet.
