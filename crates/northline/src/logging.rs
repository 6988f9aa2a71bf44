//! Where log lines go, and what a panic may say.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::EnvFilter;

/// Writes one line for each change of a call's state to stderr; `RUST_LOG` asks for more or less.
/// Colours are for a terminal only: a journal keeps them as rubbish.
pub fn to_stderr() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    lines.with_ansi(stderr().is_terminal()).with_writer(stderr).init();
    say_only_where_it_panicked();
}

/// A panic's message may quote a caller's message (slicing a `str` does), so only its place is
/// written (D1).
fn say_only_where_it_panicked() {
    std::panic::set_hook(Box::new(|panic| match panic.location() {
        Some(place) => tracing::error!("panic at {}:{}", place.file(), place.line()),
        None => tracing::error!("panic"),
    }));
}
