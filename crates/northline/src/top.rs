//! `northline top`: the board of a running engine, new each second, until `q`.

use std::io::{IsTerminal, Read, Write, stdin, stdout};
use std::path::Path;
use std::time::Duration;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::sync::mpsc;
use tokio::time::interval;

use crate::commands::{self, CommandError};

/// Shows the board until `q`, the end of the input, or Ctrl-C.
///
/// # Errors
/// When no engine answers, or does no more.
pub async fn top(config: Option<&Path>, control: Option<&Path>) -> Result<String, CommandError> {
    // Before the terminal is changed: what is wrong is said as usual.
    let path = commands::control_path(config, control)?;
    show(&commands::status(&path).await?)?;
    let keys = Keys::listen();
    let mut wanted = keys.wanted();
    let mut second = interval(Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = second.tick() => {
                let board = commands::status(&path).await?;
                show(&board)?;
            }
            _ = wanted.recv() => return Ok(String::new()),
            _ = tokio::signal::ctrl_c() => return Ok(String::new()),
        }
    }
}

fn show(board: &str) -> std::io::Result<()> {
    let mut out = stdout().lock();
    if out.is_terminal() {
        out.write_all(HOME_AND_CLEAR)?;
    }
    writeln!(out, "{board}\nq: quit")?;
    out.flush()
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

const HOME_AND_CLEAR: &[u8] = b"\x1b[H\x1b[2J";
