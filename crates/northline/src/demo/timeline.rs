//! The timeline a demonstration prints while it happens.

use std::io::Write;
use std::time::Duration;

use model::Instant;

/// Lines on standard output, each with the seconds since the INVITE.
pub(super) struct Timeline {
    since: Instant,
}

impl Timeline {
    /// A timeline that starts at `since`.
    pub(super) const fn new(since: Instant) -> Self {
        Self { since }
    }

    /// What happened at `at`.
    pub(super) fn line(&self, at: Instant, text: &str) {
        say(&format!("{:7.1} s  {text}", at.since(self.since).as_secs_f32()));
    }

    /// More about the line before.
    pub(super) fn more(&self, text: &str) {
        say(&format!("{:11}{text}", ""));
    }
}

/// Prints a line at once. A reader that went away (`| head`) is no error.
pub(super) fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// A delay as people read it.
pub(super) fn delay(time: Duration) -> String {
    match time.as_millis() {
        millis @ ..1000 => format!("{millis} ms"),
        _ => format!("{:.1} s", time.as_secs_f32()),
    }
}
