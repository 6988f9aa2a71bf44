//! `northline top`: the board of a running engine, new each second, until `q`.

use std::io::{Read, Write, stdin, stdout};
use std::path::Path;
use std::time::Duration;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr};
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at};

use crate::commands::{self, CommandError};

/// Shows the board until `q`, the end of the input, or Ctrl-C.
///
/// # Errors
/// When no engine answers, or does no more.
pub async fn top(config: Option<&Path>, control: Option<&Path>) -> Result<String, CommandError> {
    // Before the terminal is changed: what is wrong is said as usual.
    let path = commands::control_path(config, control)?;
    // Whoever has no keys to press sees it once.
    show(&commands::status(&path).await?)?;
    let keys = Keys::listen();
    let mut wanted = keys.wanted();
    let mut second = interval_at(Instant::now() + SECOND, SECOND);
    loop {
        tokio::select! {
            _ = second.tick() => {
                let board = commands::status(&path).await?;
                show(&board)?;
            }
            _ = wanted.recv() => return Ok("\n".to_owned()),
            _ = tokio::signal::ctrl_c() => return Ok("\n".to_owned()),
        }
    }
}

fn show(board: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    let text = match tcgetwinsize(&out) {
        Ok(size) => screen(board, size.ws_row.into(), size.ws_col.into()),
        Err(_) => format!("{board}\n{QUIT}\n"),
    };
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// The board over what a terminal of that size shows, without scrolling and without a blank between.
/// A terminal that does not know its size says 0.
fn screen(board: &str, rows: usize, columns: usize) -> String {
    let columns = if columns == 0 { usize::MAX } else { columns };
    // Below it stand what is left out, and how to quit.
    let room = if rows == 0 { usize::MAX } else { rows.saturating_sub(3) };
    let cut = |line: &str| line.chars().take(columns).collect::<String>() + END_OF_LINE;
    let mut text = HOME.to_owned();
    text.extend(board.lines().take(room).map(cut));
    let rest = board.lines().skip(room).count();
    if rest > 0 {
        text += &cut(&format!("{rest} more lines: `northline status` prints all"));
    }
    text + END_OF_LINE + QUIT + TO_THE_END
}

/// A terminal that gives its keys at once and does not show them, until this is dropped.
struct Keys {
    before: Option<Termios>,
}

impl Keys {
    fn listen() -> Self {
        let before = tcgetattr(stdin()).ok();
        if let Some(mut modes) = before.clone() {
            modes.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            // Then `q` needs Enter; nothing worse.
            let _ = tcsetattr(stdin(), OptionalActions::Now, &modes);
        }
        Self { before }
    }

    /// Receives one thing or ends when the user has had enough.
    fn wanted(&self) -> mpsc::Receiver<()> {
        let (enough, wanted) = mpsc::channel(1);
        // A blocking read that nothing can interrupt: it ends with the process.
        std::thread::spawn(move || {
            let _ = stdin().lock().bytes().map_while(Result::ok).find(|&key| key == b'q');
            drop(enough);
        });
        wanted
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = tcsetattr(stdin(), OptionalActions::Now, before);
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);
const QUIT: &str = "q: quit";
const HOME: &str = "\x1b[H";
/// Clears what was longer there, and goes to the next line.
const END_OF_LINE: &str = "\x1b[K\r\n";
/// Clears what was there and below.
const TO_THE_END: &str = "\x1b[J";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_terminal_shows_the_first_lines_and_says_that_there_are_more() {
        let shown = screen("calls 12\nwaiting 3\nlegs 40\na\nb\n", 6, 7);
        let expected = "\x1b[Hcalls 1\x1b[K\r\nwaiting\x1b[K\r\nlegs 40\x1b[K\r\n2 more \x1b[K\r\n\
                        \x1b[K\r\nq: quit\x1b[J";
        assert_eq!(shown, expected);
        assert_eq!(shown.matches('\n').count() + 1, 6, "it never scrolls");
        assert!(!screen("a\nb\n", 5, 80).contains("more"));
        assert!(screen("a\nb\n", 0, 0).contains("b\x1b[K"), "a terminal without a size");
    }
}
